"""What came on a stick is taken by the line's own rules, and nothing else of a stick is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.rooms import Office
from tests.gateway.rig import Gateway, Terminal, opened
from tests.gateway.volumes import answer_of, made, take
from wire import canon


@pytest.fixture
def office(gateway: Gateway) -> Iterator[Office]:
    """The gateway's office, opened beside it as the command line does."""
    with opened(gateway.data) as office:
        yield office


def test_a_volume_is_received_with_the_receipts_of_the_line(office: Office, terminal: Terminal) -> None:
    packets = [terminal.packet(), terminal.packet(pages=1)]
    volume = made(terminal, *packets)
    done = take(office, volume.bytes, volume.name)
    told = answer_of(terminal, done)
    assert (done.received, done.refused, done.again, told.name) == (2, (), False, volume.index.name())
    assert [canon.unb64(each) for each in told.receipts] == [
        canon.unb64(terminal.put(packet).json()["receipt"]) for packet in packets
    ]
    again = take(office, volume.bytes, volume.name)
    assert again.again and (again.answer, again.imported_at) == (done.answer, done.imported_at)
