"""The code scanner against its virtual twin on a pty, and its parser against anything."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from drivers.code.frames import Code, CodeStream, Noise
from drivers.code.serial import SerialCodeReader
from drivers.contract import Phase
from drivers.virtual.twin import Twin
from drivers.worker import Supervision
from tests.drivers.conftest import until

SOON = Supervision(retry=0.1, backoff=(0.1,))


@pytest.fixture
def twin(sockets: Path) -> Iterator[Twin]:
    with Twin("code", sockets) as running:
        yield running


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def reader(twin: Twin, heard: list[str]) -> Iterator[SerialCodeReader]:
    one = SerialCodeReader(f"serial:{twin.facts['link']}?baud=9600", supervision=SOON)
    one.on_code(heard.append)
    one.start()
    until(lambda: one.status().phase is Phase.READY)
    yield one
    one.stop()


def test_a_code_is_told_once_and_again_when_it_is_scanned_again(
    twin: Twin, reader: SerialCodeReader, heard: list[str]
) -> None:
    twin("show", text="KMT-10417-6")
    until(lambda: heard)
    twin("show", text="KMT-10417-6")
    until(lambda: len(heard) > 1)
    twin("show", text="https://office.example/cek?n=1")
    until(lambda: len(heard) > 2)
    assert heard == ["KMT-10417-6", "KMT-10417-6", "https://office.example/cek?n=1"]


def test_a_code_without_an_end_ends_by_silence(twin: Twin, reader: SerialCodeReader, heard: list[str]) -> None:
    twin("send", hex=b"KMT-10417-6".hex())
    until(lambda: heard)
    assert heard == ["KMT-10417-6"]


def test_noise_is_no_code_and_repeated_noise_is_a_fault_until_a_clean_code(
    twin: Twin, reader: SerialCodeReader, heard: list[str]
) -> None:
    twin("send", hex="ff0091810d")
    twin("show", text="A1")
    until(lambda: heard)
    assert reader.status().phase is Phase.READY
    twin("send", hex=("ff0091810d0a" * 2 + (b"x" * 900).hex() + "0d"))
    until(lambda: reader.status().phase is Phase.UNKNOWN)
    assert reader.status().faults == ("code_garbage",)
    twin("show", text="A2")
    until(lambda: reader.status().phase is Phase.READY)
    until(lambda: len(heard) == 2)
    assert heard == ["A1", "A2"]


def test_unplugged_and_plugged_in_again(twin: Twin, reader: SerialCodeReader, heard: list[str]) -> None:
    twin("send", hex=b"HALF-A-CO".hex())
    twin("unplug")
    until(lambda: reader.status().phase is Phase.OFFLINE)
    assert reader.status().faults == ("code_unreachable",)
    assert not Path(twin.facts["link"]).is_symlink()
    twin("plug")
    until(lambda: reader.status().phase is Phase.READY)
    twin("show", text="DE-1")
    until(lambda: heard)
    assert heard in (["DE-1"], ["HALF-A-CO", "DE-1"])  # never the half before and the whole behind as one


def test_a_scanner_that_another_program_holds(twin: Twin) -> None:
    with serial.Serial(twin.facts["link"], exclusive=True):
        reader = SerialCodeReader(f"serial:{twin.facts['link']}", supervision=SOON)
        reader.start()
        until(lambda: reader.status().phase is Phase.OFFLINE)
        assert reader.status().faults == ("code_in_use",)
    until(lambda: reader.status().phase is Phase.READY)
    reader.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "driver-code"]


def test_no_text_is_logged_also_when_a_listener_fails(
    twin: Twin, reader: SerialCodeReader, heard: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def fails(text: str) -> None:
        raise RuntimeError(text)

    reader.on_code(fails)
    with caplog.at_level(logging.DEBUG):
        twin("show", text="3204110101900001")
        until(lambda: "a listener failed" in caplog.text)
    assert "3204110101900001" not in caplog.text
    assert heard == ["3204110101900001"]


def frames(data: list[bytes]) -> list[Code | Noise]:
    stream = CodeStream()
    items = [item for piece in data for item in stream.feed(piece)]
    return items + stream.end()


@given(st.lists(st.binary(max_size=1200), max_size=8))
def test_any_bytes_are_codes_or_noise(data: list[bytes]) -> None:
    for item in frames(data):
        if isinstance(item, Code):
            assert item.text and item.text.isprintable() and len(item.text) <= 200 and item.text == item.text.strip()
    assert frames(data) == frames([b"".join(data)]), "where the bytes are cut makes no difference"


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=200)


@given(st.lists(st.tuples(TEXTS, st.sampled_from([b"\r", b"\n", b"\r\n"])), max_size=5))
def test_every_clean_code_comes_through(codes: list[tuple[str, bytes]]) -> None:
    assert frames([text.encode() + end for text, end in codes]) == [Code(text) for text, _ in codes]


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=201, max_size=900))
def test_what_is_too_long_is_noise_and_the_next_code_is_heard(text: str) -> None:
    assert frames([text.encode() + b"\rA1\r"]) == [Noise(), Code("A1")]
