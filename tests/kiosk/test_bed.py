"""The scanner for the visit, on SANE's own test scanner: how often it speaks, and that it ends with one answer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from drivers.scanner.scanner import SaneScanner
from kiosk.bed import PROGRESS_S, Bed, Scanned
from kiosk.capture.worker import CaptureWorker
from kiosk.judging import Health
from kiosk.visit.effects import ScanPage
from kiosk.visit.events import CaptureFailed, PageJudged, ScanMoved
from tests.drivers.conftest import until
from tests.drivers.scans import QUICK, SOON, children, sane_config

SLOW = {"read_delay": "true", "read_delay_duration": "20000"}
PAGE = ScanPage("1.0", 1, "f102", 1, "a4")


class Told:
    """A bed with a real scanner and capture child, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.told: list[Scanned] = []
        self.folder = folder
        self.scanner = SaneScanner(
            "sane:test:0", dpi=200, config=sane_config(folder, **SLOW), delays=QUICK, supervision=SOON
        )
        self.capture = CaptureWorker()
        self.bed = Bed(self.scanner, self.capture, Health(lambda _: None), self.told.append)
        self.scanner.start()
        until(lambda: self.scanner.status().usable)

    def ended(self) -> list[Scanned]:
        return [event for event in self.told if not isinstance(event, ScanMoved)]

    def close(self) -> None:
        self.bed.close()
        self.scanner.stop()
        self.capture.close()


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    told = Told(tmp_path)
    yield told
    told.close()


def test_progress_is_told_a_few_times_a_second_and_the_end_once(told: Told) -> None:
    told.bed.scan(PAGE)
    until(told.ended, 20)
    moved = [event for event in told.told if isinstance(event, ScanMoved)]
    assert len(moved) >= 4
    assert all(b.at - a.at >= PROGRESS_S or b.share == 1 for a, b in pairwise(moved))
    (verdict,) = told.ended()
    assert isinstance(verdict, PageJudged) and verdict.shot == 1 and told.told[-1] is verdict


def test_after_stop_nothing_more_is_told_and_no_child_is_left(told: Told) -> None:
    before = len(children())
    sane_config(told.folder, **SLOW | {"read_delay_duration": "300000"})  # some half a minute for a page
    told.bed.scan(PAGE)
    until(lambda: told.told, 10)
    told.bed.stop()
    said = len(told.told)
    until(lambda: told.scanner.status().phase == "ready" and len(children()) == before, 5)
    assert len(told.told) == said
    sane_config(told.folder)
    told.bed.scan(ScanPage("1.0", 2, "f102", 1, "a4"))
    until(told.ended, 20)
    assert [(type(event), event.shot) for event in told.ended()] == [(PageJudged, 2)]


def test_a_scanner_that_is_gone_is_a_fault(told: Told) -> None:
    told.scanner.stop()
    gone = Bed(None, told.capture, Health(lambda _: None), told.told.append)
    gone.scan(PAGE)
    assert [(type(e), e.fault) for e in told.ended() if isinstance(e, CaptureFailed)] == [
        (CaptureFailed, "scanner_unreachable")
    ]
    gone.close()
    told.bed.scan(PAGE)  # stopped in order: nobody is to be told of a fault
    until(lambda: len(told.ended()) == 2)
    outcome = told.ended()[1]
    assert isinstance(outcome, CaptureFailed) and outcome.fault == ""
