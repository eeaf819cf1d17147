"""Print jobs: their names, their queue, and the telling of their outcome."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from drivers.contract import Outcome, PrintResult

log = logging.getLogger("drivers.printer")


@dataclass(slots=True)
class Job:
    """One receipt on its way.

    ``outcome``: what was told last. ``tries``: connections that broke before a byte of it left.
    """

    name: str
    data: bytes
    done: Callable[[PrintResult], None]
    outcome: Outcome | None = None
    tries: int = 0

    def tell(self, outcome: Outcome, faults: tuple[str, ...] = ()) -> None:
        """Tell the outcome: once, and once more only when a doubtful job turns out done."""
        if self.outcome is not None and (self.outcome, outcome) != (Outcome.DOUBTFUL, Outcome.DONE):
            return
        self.outcome = outcome
        log.info("job %s: %s %s", self.name, outcome.value, " ".join(faults))
        try:
            self.done(PrintResult(self.name, outcome, faults))
        except Exception:
            log.exception("job %s: its listener failed", self.name)


class Queue:
    """Jobs in order, each name once until it is finished. Any thread adds, the worker takes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def add(self, job: Job) -> bool:
        """False when a job of that name is queued or printing."""
        with self._lock:
            if job.name in self._jobs:
                return False
            self._jobs[job.name] = job
            return True

    def first(self) -> Job | None:
        """The job to print next; it stays in the queue until ``finish``."""
        with self._lock:
            return next(iter(self._jobs.values()), None)

    def finish(self, job: Job, outcome: Outcome, faults: tuple[str, ...] = ()) -> None:
        """Take the job out and tell its outcome."""
        with self._lock:
            if self._jobs.get(job.name) is job:
                del self._jobs[job.name]
        job.tell(outcome, faults)
