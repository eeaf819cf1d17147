"""Scans that were asked for: their names, their queue, and the telling of how each ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.contract import Outcome, ScanResult
from drivers.pending import Pending

log = logging.getLogger("drivers.scanner")


@dataclass(slots=True)
class Job:
    """One scan. ``cancelled``: nobody waits for it any more."""

    name: str
    progress: Callable[[float], None]
    done: Callable[[ScanResult], None]
    cancelled: threading.Event = field(default_factory=threading.Event)

    def tell_progress(self, share: float) -> None:
        """``share``: from 0 to 1."""
        try:
            self.progress(share)
        except Exception:
            log.exception("scan %s: its listener failed", self.name)


class Queue(Pending[Job]):
    """The scans that are asked for; any thread may cancel."""

    def cancel(self, name: str) -> None:
        """Mark the scan of that name, if there is one."""
        job = self.named(name)
        if job is not None:
            job.cancelled.set()

    def drop_cancelled(self, running: Job) -> None:
        """Finish those that were cancelled while they waited behind ``running``."""
        for job in self.all():
            if job is not running and job.cancelled.is_set():
                self.finish(job, Outcome.CANCELLED)

    def finish(
        self, job: Job, outcome: Outcome, faults: tuple[str, ...] = (), image: bytes = b"", dpi: int = 0
    ) -> None:
        """Take the scan out and tell how it ended; does nothing for one that is out already."""
        if not self.take_out(job):
            return
        log.info("scan %s: %s %s", job.name, outcome.value, " ".join(faults))
        try:
            job.done(ScanResult(job.name, outcome, image, dpi, faults))
        except Exception:
            log.exception("scan %s: its listener failed", job.name)
