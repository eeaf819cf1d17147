"""The capture child as camera and scanner share it: what is asked of it, whether it works, what a verdict means."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.capture.types import Hint, Preview, Verdict
from kiosk.visit.effects import JudgePage, ScanPage
from kiosk.visit.events import CaptureFailed, PageJudged
from kiosk.visit.state import CAMERA, SCANNER
from wire import events


class Capture(Protocol):
    """What the station needs of ``kiosk.capture.worker.CaptureWorker``."""

    def track(self, jpeg: bytes, at: float, preview: Preview | None = None) -> Hint:
        """Look for the page in a live picture."""
        ...

    def judge(self, jpeg: bytes, shape: str) -> Verdict:
        """Find, rectify, judge and encode the page in a full picture."""
        ...

    def judge_scan(self, image: bytes, shape: str, dpi: int, lid: str) -> Verdict:
        """The same with a scan (PNM) of ``dpi`` dots an inch, a white or black lid behind the page."""
        ...

    def read_code(self, jpeg: bytes) -> str | None:
        """The text of the one QR code in a picture."""
        ...

    def reset(self) -> None:
        """Forget what was seen."""
        ...


@dataclass(frozen=True, slots=True)
class CaptureHealth:
    """Whether the capture child does its work; ``fault``: "" or a code of the catalogue."""

    fault: str


class Health:
    """Tells of the capture child's health when it changes; ``report`` may be called from any thread."""

    def __init__(self, tell: Callable[[CaptureHealth], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._fault = ""

    def report(self, fault: str) -> None:
        """``fault``: of the newest answer of the child, "" = none."""
        with self._lock:
            if fault != self._fault:
                self._fault = fault
                self._tell(CaptureHealth(fault))


def outcome_of(job: JudgePage | ScanPage, verdict: Verdict) -> PageJudged | CaptureFailed:
    """What the visit is told of a verdict; it is logged too."""
    if verdict.fault is not None:
        return CaptureFailed(time.monotonic(), job.draft, job.shot, verdict.fault)
    reason = verdict.reason.value if verdict.reason else ""
    events.log(
        "page_judged",
        paper=job.paper,
        page=job.page,
        source=CAMERA if isinstance(job, JudgePage) else SCANNER,
        ok=verdict.ok,
        reason=reason,
        measures=verdict.measures,
    )
    return PageJudged(
        time.monotonic(), job.draft, job.shot, verdict.ok, reason, verdict.image, verdict.media_type, verdict.thumb
    )
