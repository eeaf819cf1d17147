"""Scans that were asked for: their names, their queue, and the telling of how each ended."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.contract import Outcome, ScanResult

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


class Queue:
    """Scans in order, each name once until it is finished. Any thread adds and cancels, the worker finishes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def add(self, job: Job) -> bool:
        """False when a scan of that name is queued or running."""
        with self._lock:
            if job.name in self._jobs:
                return False
            self._jobs[job.name] = job
            return True

    def cancel(self, name: str) -> None:
        """Mark the scan of that name, if there is one."""
        with self._lock:
            job = self._jobs.get(name)
        if job is not None:
            job.cancelled.set()

    def first(self) -> Job | None:
        """The next scan; it stays in the queue until ``finish``."""
        with self._lock:
            return next(iter(self._jobs.values()), None)

    def drop_cancelled(self, running: Job) -> None:
        """Finish those that were cancelled while they waited behind ``running``."""
        with self._lock:
            dropped = [job for job in self._jobs.values() if job is not running and job.cancelled.is_set()]
        for job in dropped:
            self.finish(job, Outcome.CANCELLED)

    def finish(
        self, job: Job, outcome: Outcome, faults: tuple[str, ...] = (), image: bytes = b"", dpi: int = 0
    ) -> None:
        """Take the scan out and tell how it ended; does nothing for one that is out already."""
        with self._lock:
            if self._jobs.get(job.name) is not job:
                return
            del self._jobs[job.name]
        log.info("scan %s: %s %s", job.name, outcome.value, " ".join(faults))
        try:
            job.done(ScanResult(job.name, outcome, image, dpi, faults))
        except Exception:
            log.exception("scan %s: its listener failed", job.name)
