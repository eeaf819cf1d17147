"""The scanner for the visit: one scan at a time, judged on a lane of its own. Its picture is held in memory alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from drivers.contract import Outcome, Scanner, ScanResult
from kiosk.judging import Capture, Health, outcome_of
from kiosk.lane import Lane
from kiosk.visit.effects import ScanPage
from kiosk.visit.events import CaptureFailed, PageJudged, ScanMoved
from wire import events

PROGRESS_S = 0.2
"""Least time between two words about the progress of a scan, in seconds."""
_SILENT = "scanner_unreachable"
_FAILED = "scanner_failed"

Scanned = ScanMoved | PageJudged | CaptureFailed


class Bed:
    """``tell`` is called from the scanner's and the lane's threads."""

    def __init__(
        self, scanner: Scanner | None, capture: Capture, health: Health, tell: Callable[[Scanned], None]
    ) -> None:
        self._scanner, self._capture, self._health, self._tell = scanner, capture, health, tell
        self._lane = Lane("bed")
        self._lock = threading.Lock()
        self._wanted: ScanPage | None = None
        self._told = 0.0

    def scan(self, job: ScanPage) -> None:
        """Scan and judge a page; the answer comes as PageJudged or CaptureFailed."""
        if self._scanner is None:
            self._tell(_failed(job, _SILENT))
            return
        with self._lock:
            self._wanted = job
            self._told = 0.0
        self._scanner.scan(_name(job), lambda share: self._moved(job, share), lambda result: self._came(job, result))

    def stop(self) -> None:
        """Nobody waits for the scan any more: stop it, drop its picture. Nothing more is told of it."""
        with self._lock:
            job, self._wanted = self._wanted, None
        if job is not None and self._scanner is not None:
            self._scanner.cancel(_name(job))

    def close(self) -> None:
        """Stop the scan and end the lane, within a few seconds."""
        self.stop()
        self._lane.close()

    # The scanner's threads.

    def _moved(self, job: ScanPage, share: float) -> None:
        now = time.monotonic()
        with self._lock:
            if self._wanted is not job or (now - self._told < PROGRESS_S and share < 1.0):
                return
            self._told = now
        self._tell(ScanMoved(now, job.draft, job.shot, share))

    def _came(self, job: ScanPage, result: ScanResult) -> None:
        events.log("scan_ended", outcome=result.outcome.value, faults=list(result.faults))
        if result.outcome is Outcome.DONE:
            self._moved(job, 1.0)  # not every scanner says so itself; the screen shows that the page is being checked
            self._lane.do(lambda: self._judge(job, result))
        else:
            cancelled = result.outcome is Outcome.CANCELLED
            self._end(job, _failed(job, "" if cancelled else next(iter(result.faults), _FAILED)))

    # The lane.

    def _judge(self, job: ScanPage, result: ScanResult) -> None:
        if self._scanner is None or not self._is_wanted(job):
            return
        outcome: Scanned = _failed(job, "capture_stopped")
        try:
            verdict = self._capture.judge_scan(result.image, job.shape, result.dpi, self._scanner.lid)
            self._health.report(verdict.fault or "")
            outcome = outcome_of(job, verdict)
        finally:
            self._end(job, outcome)

    def _is_wanted(self, job: ScanPage) -> bool:
        with self._lock:
            return self._wanted is job

    def _end(self, job: ScanPage, outcome: Scanned) -> None:
        """Tell the outcome, unless nobody waits for it any more."""
        with self._lock:
            if self._wanted is not job:
                return
            self._wanted = None
        self._tell(outcome)


def _name(job: ScanPage) -> str:
    return f"{job.draft}/{job.shot}"


def _failed(job: ScanPage, fault: str) -> CaptureFailed:
    return CaptureFailed(time.monotonic(), job.draft, job.shot, fault)
