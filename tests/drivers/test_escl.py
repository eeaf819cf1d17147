"""The virtual network scanner, scanned by the product's driver through the real ``scanimage`` and sane-airscan."""

from __future__ import annotations

import io
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.contract import Outcome, Phase, ScanResult
from drivers.scanner.codes import BUSY, FAILED, TIMEOUT
from drivers.scanner.escl import ask_status
from drivers.scanner.scanner import SaneScanner, ScannerDelays
from drivers.virtual import papers
from drivers.virtual.papers.bed import lay_on_bed
from drivers.virtual.twin import Twin
from tests.drivers.conftest import until
from tests.drivers.scans import QUICK, SOON, Asked, held, nothing_more_than

FLAGS = ("jam", "cover", "double_feed", "busy", "hang", "garbage")
CALM = dict.fromkeys(FLAGS, False) | {"slow": 0.0, "cut_after": None, "http": None}


@pytest.fixture(scope="module")
def running() -> Iterator[Twin]:
    with TemporaryDirectory(prefix="adm-") as folder, Twin("escl", Path(folder)) as twin:
        yield twin


@pytest.fixture
def twin(running: Twin) -> Twin:
    """The virtual scanner with nothing on its glass nor in its feeder, and nothing wrong."""
    running("on")
    running("set", **CALM)
    running("clear")
    running("load", papers=[])
    return running


def link(twin: Twin) -> str:
    return f"escl:http://127.0.0.1:{twin.port}/eSCL"


@pytest.fixture
def scanner(twin: Twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SaneScanner]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = held()
    device = SaneScanner(link(twin), dpi=200, delays=QUICK, supervision=SOON)
    device.start()
    until(lambda: device.status().phase is Phase.READY)
    yield device
    device.stop()
    assert nothing_more_than(before)
    assert not list(tmp_path.glob("adm-sane-*"))


@pytest.fixture
def feeder(twin: Twin) -> Iterator[SaneScanner]:
    device = SaneScanner(link(twin), source="feeder", lid="black", dpi=200, delays=QUICK, supervision=SOON)
    device.start()
    until(lambda: device.status().phase is Phase.READY)
    yield device
    device.stop()


def pixels(result: ScanResult) -> np.ndarray:
    """The scanned image in grey."""
    assert result.outcome is Outcome.DONE, result.faults
    with Image.open(io.BytesIO(result.image)) as opened:
        assert opened.mode == "RGB"
        return np.asarray(opened.convert("L"), np.float32)


def as_laid(paper: str, dpi: int, skew: float, lid: str) -> np.ndarray:
    drawing = papers.draw(paper)
    return np.asarray(lay_on_bed(drawing.image, drawing.mm, dpi=dpi, skew=skew, lid=lid).convert("L"), np.float32)


@pytest.mark.parametrize(("paper", "dpi", "skew", "lid"), [("kk", 200, 2.0, "white"), ("police", 300, -3.0, "black")])
def test_the_page_that_lies_on_the_glass_is_what_comes(twin: Twin, paper: str, dpi: int, skew: float, lid: str) -> None:
    twin("lay", paper=paper, skew=skew, lid=lid)
    device = SaneScanner(link(twin), dpi=dpi, delays=QUICK, supervision=SOON)
    device.start()
    try:
        asked = Asked(device, "page-1")
        seen, laid = pixels(asked.result()), as_laid(paper, dpi, skew, lid)
    finally:
        device.stop()
        twin("lay", paper=paper, lid="white")
    assert asked.results[0].dpi == dpi
    assert seen.shape == laid.shape
    assert np.abs(seen - laid).mean() < 2.5
    assert np.corrcoef(seen[::7, ::7].ravel(), laid[::7, ::7].ravel())[0, 1] > 0.97
    assert asked.progress[-1] == 1


def test_an_empty_glass_a_file_and_a_cleared_glass(twin: Twin, scanner: SaneScanner, tmp_path: Path) -> None:
    empty = pixels(Asked(scanner, "page-1").result())
    assert empty.min() > 200
    file = tmp_path / "sheet.png"
    Image.new("RGB", (420, 594), "navy").save(file)
    twin("lay", image=str(file), x_mm=0, y_mm=0)
    blue = pixels(Asked(scanner, "page-2").result())
    assert np.median(blue[100:2200, 100:1600]) < 40
    twin("clear")
    assert pixels(Asked(scanner, "page-3").result()).min() > 200


def test_sheets_leave_the_feeder_one_a_scan_until_it_is_empty(twin: Twin, feeder: SaneScanner) -> None:
    assert feeder.lid == "black"
    twin("load", papers=["police", {"paper": "f102", "skew": 1.0}])
    first = pixels(Asked(feeder, "page-1").result())
    assert twin("state")["loaded"] == ["f102"]
    second = pixels(Asked(feeder, "page-2").result())
    assert np.abs(first - second).mean() > 1
    empty = Asked(feeder, "page-3")
    assert (empty.result().outcome, empty.result().faults) == (Outcome.FAILED, ("scanner_no_paper",))
    assert (empty.status[0].phase, empty.status[0].faults) == (Phase.READY, ())
    twin("load", papers=["police"])
    assert Asked(feeder, "page-3").result().outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("flag", "fault"),
    [("jam", "scanner_jammed"), ("cover", "scanner_cover_open"), ("double_feed", "scanner_double_feed")],
)
@pytest.mark.parametrize("source", ["scanner", "feeder"])
def test_trouble_is_told_by_its_own_name_while_it_stands(
    twin: Twin, request: pytest.FixtureRequest, source: str, flag: str, fault: str
) -> None:
    device: SaneScanner = request.getfixturevalue(source)
    twin("load", papers=["police"])
    twin("set", **{flag: True})
    asked = Asked(device, "page-1")  # before a look can have seen it
    assert (asked.result().outcome, asked.result().faults) == (Outcome.FAILED, (fault,))
    assert (asked.status[0].phase, asked.status[0].faults) == (Phase.NEEDS_ATTENTION, (fault,))
    time.sleep(2 * QUICK.look)
    assert device.status().faults == (fault,)
    twin("set", **{flag: False})
    until(lambda: device.status().phase is Phase.READY)
    assert Asked(device, "page-1").result().outcome is Outcome.DONE


def test_two_sheets_at_once_in_the_middle_of_a_scan(twin: Twin, feeder: SaneScanner) -> None:
    twin("load", papers=["police"])
    twin("set", slow=5.0)
    asked = Asked(feeder, "page-1")
    until(lambda: twin("state")["jobs"] and feeder.status().phase is Phase.BUSY)
    time.sleep(0.3)
    twin("set", double_feed=True)
    assert asked.result().faults == ("scanner_double_feed",)


def test_a_jam_that_nobody_scans_into_is_seen_by_a_look(twin: Twin, scanner: SaneScanner) -> None:
    twin("set", jam=True)
    until(lambda: scanner.status().faults == ("scanner_jammed",))
    twin("set", jam=False)
    until(lambda: scanner.status().phase is Phase.READY)


def test_busy_is_not_broken(twin: Twin, scanner: SaneScanner) -> None:
    twin("set", busy=True)
    until(lambda: scanner.status().faults == (BUSY,))
    assert scanner.status().phase is Phase.BUSY
    assert scanner.status().usable
    twin("set", busy=False)
    until(lambda: scanner.status().phase is Phase.READY)
    scanner.stop()
    twin("set", busy=True)  # at the start, too
    scanner.start()
    until(lambda: scanner.status().faults == (BUSY,))
    twin("set", busy=False)
    until(lambda: scanner.status().phase is Phase.READY)


def test_our_own_scan_is_nobody_elses(twin: Twin, scanner: SaneScanner) -> None:
    seen: list[tuple[str, ...]] = []
    scanner.on_change(lambda status: seen.append(status.faults))
    for number in range(4):
        assert Asked(scanner, f"page-{number}").result().outcome is Outcome.DONE
    time.sleep(3 * QUICK.look)
    assert set(seen) == {()}


@pytest.mark.parametrize("wrong", [{"garbage": True}, {"cut_after": 20000}, {"http": 500}, {"http": 404}])
def test_a_page_that_is_none_fails_and_the_next_one_comes(
    twin: Twin, scanner: SaneScanner, wrong: dict[str, object]
) -> None:
    twin("lay", paper="police")
    twin("set", **wrong)
    asked = Asked(scanner, "page-1")
    assert (asked.result().outcome, asked.result().faults) == (Outcome.FAILED, (FAILED,))
    assert asked.status[0].phase is Phase.READY
    twin("set", **CALM)
    assert Asked(scanner, "page-2").result().outcome is Outcome.DONE


def test_a_slow_page_comes_and_can_be_cancelled(twin: Twin, scanner: SaneScanner) -> None:
    twin("set", slow=1.0)
    assert Asked(scanner, "page-1").result().outcome is Outcome.DONE
    cancelled = twin("state")["cancelled"]
    twin("set", slow=20.0)
    asked = Asked(scanner, "page-2")
    time.sleep(0.4)
    began = time.monotonic()
    scanner.cancel("page-2")
    assert asked.result().outcome is Outcome.CANCELLED
    assert time.monotonic() - began < 1.5
    until(lambda: twin("state")["cancelled"] == cancelled + 1)  # the scanner was told, and is free
    twin("set", slow=0.0)
    assert Asked(scanner, "page-3").result().outcome is Outcome.DONE


def test_a_scanner_that_hangs_is_unknown_until_it_answers(twin: Twin) -> None:
    device = SaneScanner(link(twin), dpi=200, delays=ScannerDelays(look=0.2, first=0.8), supervision=SOON)
    device.start()
    try:
        until(lambda: device.status().phase is Phase.READY)
        twin("set", hang=True)
        asked = Asked(device, "page-1")
        assert (asked.result().outcome, asked.result().faults) == (Outcome.FAILED, (TIMEOUT,))
        assert (asked.status[0].phase, asked.status[0].faults) == (Phase.UNKNOWN, (TIMEOUT,))
        time.sleep(0.5)
        assert device.status().faults == (TIMEOUT,)
        twin("set", hang=False)
        until(lambda: device.status().phase is Phase.READY)
        assert Asked(device, "page-2").result().outcome is Outcome.DONE
    finally:
        twin("set", hang=False)
        device.stop()


def test_switched_off_and_on_again_and_off_in_a_scan(twin: Twin, scanner: SaneScanner) -> None:
    port = twin.port
    twin("off")
    until(lambda: scanner.status().faults == ("scanner_unreachable",))
    assert scanner.status().phase is Phase.OFFLINE
    assert Asked(scanner, "page-1").result().faults == ("scanner_unreachable",)
    twin("on")
    until(lambda: scanner.status().phase is Phase.READY)
    assert twin.port == port
    twin("set", slow=5.0)
    asked = Asked(scanner, "page-2")
    until(lambda: scanner.status().phase is Phase.BUSY)
    time.sleep(0.3)
    twin("off")
    assert (asked.result().outcome, asked.result().faults) == (Outcome.FAILED, ("scanner_unreachable",))
    twin("on")
    twin("set", slow=0.0)
    until(lambda: scanner.status().phase is Phase.READY)
    assert Asked(scanner, "page-2").result().outcome is Outcome.DONE


def test_it_says_what_it_is(twin: Twin, scanner: SaneScanner) -> None:
    assert scanner.status().notes["model"] == "Virtual Scanner"
    assert scanner.status().notes["link"] == link(twin)
    assert ask_status(link(twin).removeprefix("escl:")).adf == "ScannerAdfEmpty"


def test_wrong_words_are_answered_and_change_nothing(twin: Twin, tmp_path: Path) -> None:
    (tmp_path / "no-picture.png").write_text("text")
    for do, args in (
        ("lay", {}),
        ("lay", {"paper": "paspor"}),
        ("lay", {"paper": "kk", "image": "x"}),
        ("lay", {"paper": "kk", "lid": "grey"}),
        ("lay", {"paper": "kk", "wind": 3}),
        ("lay", {"image": str(tmp_path / "no-picture.png")}),
        ("load", {"papers": ["kk", "paspor"]}),
        ("set", {"jamm": True}),
        ("throw", {}),
    ):
        with pytest.raises(RuntimeError):
            twin(do, **args)
    state = twin("state")
    assert (state["laid"], state["loaded"], state["lid"]) == ("", [], "white")


class Stranger:
    """Answers every connection with the same bytes, whatever it is asked."""

    def __init__(self) -> None:
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.answer = b""
        self.slowly = False
        self.url = f"http://127.0.0.1:{self._ear.getsockname()[1]}/eSCL"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._ear.accept()
            except OSError:
                return
            with line:
                try:
                    line.recv(4096)
                    for at in range(len(self.answer)) if self.slowly else ():
                        line.sendall(self.answer[at : at + 1])
                        time.sleep(0.2)
                    line.sendall(b"" if self.slowly else self.answer)
                    line.shutdown(socket.SHUT_WR)
                    line.settimeout(1)
                    line.recv(4096)
                except OSError:
                    pass

    def close(self) -> None:
        self._ear.shutdown(socket.SHUT_RDWR)
        self._ear.close()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    one = Stranger()
    yield one
    one.close()


def look_at(stranger: Stranger) -> tuple[Phase, tuple[str, ...]]:
    device = SaneScanner(f"escl:{stranger.url}", delays=QUICK, supervision=SOON)
    device.start()
    try:
        until(lambda: device.status().phase is not Phase.STARTING)
        return device.status().phase, device.status().faults
    finally:
        device.stop()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 ", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
    ),
    st.binary(max_size=300),
)
def test_whatever_answers_there_is_no_ready_scanner(stranger: Stranger, head: bytes, noise: bytes) -> None:
    stranger.answer = head + noise
    phase, faults = look_at(stranger)
    assert (phase, faults) in (
        (Phase.UNKNOWN, (FAILED,)),
        (Phase.OFFLINE, ("scanner_unreachable",)),
        (Phase.BUSY, (BUSY,)),
    )
    assert phase is not Phase.BUSY or b"503" in stranger.answer


def test_an_answer_that_drips_is_not_waited_for(stranger: Stranger) -> None:
    stranger.slowly = True
    stranger.answer = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200
    began = time.monotonic()
    assert look_at(stranger) == (Phase.UNKNOWN, (TIMEOUT,))
    assert time.monotonic() - began < 6
