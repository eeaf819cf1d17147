"""Print jobs: their queue, and the telling of their outcome."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from drivers.contract import Outcome, PrintResult
from drivers.pending import Pending

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


class Queue(Pending[Job]):
    """The receipts that are to be printed."""

    def finish(self, job: Job, outcome: Outcome, faults: tuple[str, ...] = ()) -> None:
        """Take the job out and tell its outcome; a doubtful one that is out already may still turn out done."""
        self.take_out(job)
        job.tell(outcome, faults)
