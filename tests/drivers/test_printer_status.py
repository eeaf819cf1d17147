"""The status reader on arbitrary bytes: no exception escapes, and noise never becomes a state."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import Phase
from drivers.printer.status import Garbled, Kind, PrinterState, Silence, StatusReader, StatusStream, from_replies
from wire.faults import catalogue

QUICK = settings(max_examples=100, deadline=None)


class Tape:
    """A line on which each question (DLE EOT n) is followed by bytes given beforehand."""

    address = "tape:"

    def __init__(self, answers: Callable[[int], bytes]) -> None:
        self._answers = answers
        self._waiting = b""

    def open(self) -> None:
        self._waiting = b""

    def close(self) -> None:
        self._waiting = b""

    def write(self, data: bytes, limit: float, give_up: Callable[[], bool]) -> None:
        self._waiting += self._answers(data[2])

    def read(self, limit: float) -> bytes:
        data, self._waiting = self._waiting, b""
        return data


def reader(answers: Callable[[int], bytes]) -> StatusReader:
    return StatusReader(Tape(answers), lambda answer, clean: None, reply_limit=0.002)


def is_reply(byte: int) -> bool:
    return byte & 0x93 == 0x12


@QUICK
@given(st.binary(max_size=400), st.integers(1, 50))
def test_the_stream_keeps_every_byte_in_order_however_it_is_cut(data: bytes, cut: int) -> None:
    stream = StatusStream()
    items = [item for at in range(0, len(data), cut) for item in stream.feed(data[at : at + cut])]
    items += stream.flush()
    assert b"".join(item.data for item in items) == data
    for item in items:
        assert (item.kind is Kind.ASB) == (len(item.data) == 4)
        if item.kind is Kind.REPLY:
            assert is_reply(item.data[0])


@QUICK
@given(st.lists(st.binary(max_size=40), min_size=16, max_size=16))
def test_noise_without_a_reply_in_it_is_silence_or_garbage(noise: list[bytes]) -> None:
    clean = [bytes(byte for byte in piece if not is_reply(byte)) for piece in noise]
    pieces = iter(clean)
    with pytest.raises((Silence, Garbled)):
        reader(lambda n: next(pieces, b"")).read()


@QUICK
@given(st.lists(st.binary(min_size=1, max_size=40), min_size=16, max_size=16))
def test_a_state_only_comes_from_four_replies(noise: list[bytes]) -> None:
    pieces = iter(noise)
    try:
        state = reader(lambda n: next(pieces, b"")).read()
    except (Silence, Garbled):
        return
    assert any(is_reply(byte) for piece in noise for byte in piece)
    assert set(state.faults) <= set(catalogue())


@QUICK
@given(
    st.binary(max_size=30).map(
        lambda noise: bytes(byte for byte in noise if not is_reply(byte) and byte & 0x93 != 0x10)
    )
)
def test_noise_around_true_replies_does_not_change_what_they_say(noise: bytes) -> None:
    paper_out = {1: 0x1A, 2: 0x32, 3: 0x12, 4: 0x7E}
    state = reader(lambda n: noise + bytes((paper_out[n],))).read()
    assert state == PrinterState(offline=True, paper_out=True, paper_near_end=True)
    assert state.faults == ("printer_paper_out",)


def test_silence_is_not_paper_and_a_flood_is_not_health() -> None:
    with pytest.raises(Silence):
        reader(lambda n: b"").read()
    with pytest.raises(Garbled):
        reader(lambda n: b"\x12" * 50).read()


def test_a_noisy_reading_needs_a_second_that_says_the_same() -> None:
    wandering = iter([0x12, 0x1A] * 40)
    with pytest.raises(Garbled):
        reader(lambda n: b"\xff" + bytes((next(wandering) if n == 1 else 0x12,))).read()


@QUICK
@given(st.tuples(*[st.integers(0, 255).map(lambda bits: bits & 0x6C | 0x12)] * 4))
def test_every_reply_reads_as_some_state(replies: tuple[int, int, int, int]) -> None:
    state = from_replies(replies)
    assert set(state.faults) <= set(catalogue())
    assert list(state.faults) == sorted(state.faults, key=list(catalogue()).index)
    assert state.prints == (state.phase is Phase.READY) == (set(state.faults) <= {"printer_paper_near_end"})


def test_a_packet_in_pieces_is_waited_for() -> None:
    stream = StatusStream()
    assert stream.feed(b"\x10\x00") == []
    assert stream.waiting
    assert [item.kind for item in stream.feed(b"\x00\x00\x12")] == [Kind.ASB, Kind.REPLY]
    assert not stream.waiting
