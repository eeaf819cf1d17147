"""The receipt printer as a device: watches it, prints one job at a time, and says honestly how each ended.

``done`` means: the printer answered GS r 1, which it queues behind the job, and the answer says paper. A job without
that answer is ``doubtful`` and is never sent again by itself; the answer may still come, after a refill, and then makes
the same job ``done``. ``failed`` means that not one byte of it left.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.contract import Outcome, Phase, PrintResult
from drivers.printer.codes import GARBAGE, MUTE, UNREACHABLE
from drivers.printer.face import Link, LinkLost, LinkStalled
from drivers.printer.job import Job, Queue
from drivers.printer.status import HANDSHAKE, Garbled, PrinterState, Silence, StatusReader
from drivers.worker import Missing, SetupFailed, Supervision, Worker


@dataclass(frozen=True, slots=True)
class PrinterDelays:
    """The printer's waits, in seconds.

    ``poll``: between two looks at an idle printer. ``reply``: for one status answer. ``write``: for the printer to take
    a whole job. ``handshake``: for the answer behind the job. ``glance``: between two looks while that is awaited.
    ``ear``: the longest wait in which neither a job nor ``stop`` is noticed.
    """

    poll: float = 2.0
    reply: float = 1.0
    write: float = 10.0
    handshake: float = 10.0
    glance: float = 1.0
    ear: float = 0.25


class ReceiptPrinter(Worker):
    """A receipt printer behind a link."""

    crash_fault = UNREACHABLE

    def __init__(
        self,
        link: Link,
        *,
        delays: PrinterDelays | None = None,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("printer", supervision=supervision, clock=clock)
        self._link = link
        self._delays = delays or PrinterDelays()
        self._queue = Queue()
        self._reader = StatusReader(link, self._on_paper, self._delays.reply)
        self._state: PrinterState | None = None
        # Jobs whose answer is still to come on this connection; answers come in the order of the jobs.
        self._awaiting: deque[Job] = deque()
        self._answered: deque[Job] = deque()
        self._strays = 0

    def print(self, job: str, data: bytes, done: Callable[[PrintResult], None]) -> None:
        """Queue ``data`` (ESC/POS bytes) as job ``job``; returns at once. See ``drivers.contract.Printer``."""
        if self._queue.add(Job(job, data, done)):
            self.wake()

    # The worker's side.

    def set_up(self) -> None:
        """Connect, and read the printer's state once."""
        try:
            self._link.open()
        except LinkLost as lost:
            raise Missing(lost.fault, str(lost)) from lost
        self._reader = StatusReader(self._link, self._on_paper, self._delays.reply)
        try:
            self._look()
        except LinkLost as lost:
            raise SetupFailed(lost.fault, str(lost), Phase.OFFLINE) from lost

    def run(self) -> None:
        """Print what is queued, look at the printer otherwise. Returns to connect anew, at once."""
        began = self._clock()
        try:
            while not self.stopping:
                job = self._queue.first()
                if job is not None:
                    self._print(job)
                else:
                    self._idle()
        except LinkLost as lost:
            if self._clock() - began < self._delays.glance:  # it answers and hangs up, again and again
                raise Missing(lost.fault, str(lost)) from lost

    def tear_down(self) -> None:
        """Let go of the connection, and of the answers that can no longer come on it."""
        self._awaiting.clear()
        self._answered.clear()
        self._link.close()

    def while_down(self) -> None:
        """Nothing was sent of what is queued: say so."""
        while (job := self._queue.first()) is not None:
            if self.stopping:
                self._queue.finish(job, Outcome.CANCELLED)
            else:
                self._queue.finish(job, Outcome.FAILED, self.status().faults or (UNREACHABLE,))

    def _idle(self) -> None:
        """One poll's length of listening, then a look; a job ends it early."""
        end = self._clock() + self._delays.poll
        while not self.stopping and self._queue.first() is None:
            left = end - self._clock()
            if left <= 0:
                break
            if self._awaiting:
                if self._reader.listen(min(self._delays.ear, left)):
                    break
                if self._answered:
                    self._confirm()
            else:
                self.wait(left)
                if self._reader.listen(0.0):
                    break
        if self._queue.first() is None and not self.stopping:
            self._look()
            self._confirm()

    def _look(self, busy: bool = False) -> PrinterState | None:
        """Read the state and report it; None when it is unknown."""
        notes = {"link": self._link.address}
        self._state = None
        try:
            state = self._state = self._reader.read()
        except Silence:
            self.report(Phase.UNKNOWN, (MUTE,), notes)
        except Garbled:
            self.report(Phase.UNKNOWN, (GARBAGE,), notes)
        else:
            self.report(Phase.BUSY if busy and state.prints else state.phase, state.faults, notes)
        return self._state

    def _print(self, job: Job) -> None:
        """One job from the look before it to its outcome. The look stands on the same connection: the first write on
        a dead one is lost without an error, so it must not be the job."""
        try:
            state = self._look()
            if state is None or not state.prints:
                self._queue.finish(job, Outcome.FAILED, self.status().faults)
                return
            self.report(Phase.BUSY, state.faults)
            self._link.write(job.data + HANDSHAKE, self._delays.write, lambda: self.stopping)
        except LinkLost as lost:
            job.tries += 1
            if lost.sent:
                self._queue.finish(job, Outcome.DOUBTFUL, (UNREACHABLE,))
            elif job.tries > 1:
                self._queue.finish(job, Outcome.FAILED, (UNREACHABLE,))
            raise
        except LinkStalled as stall:
            self._queue.finish(job, Outcome.DOUBTFUL if stall.sent else Outcome.FAILED, (MUTE,))
            raise LinkLost("the printer stopped reading") from stall
        self._await(job)

    def _await(self, job: Job) -> None:
        """Wait for the answer behind the job, looking at the printer meanwhile."""
        self._awaiting.append(job)
        end = self._clock() + self._delays.handshake
        glance = self._clock() + self._delays.glance
        try:
            while job.outcome is None and not self.stopping:
                now = self._clock()
                if now >= end:
                    break
                self._reader.listen(min(self._delays.ear, end - now))
                if self._answered:
                    self._confirm()
                elif now >= glance:
                    self._look(busy=True)
                    glance = self._clock() + self._delays.glance
        except LinkLost:
            self._queue.finish(job, Outcome.DOUBTFUL, (UNREACHABLE,))
            raise
        if job.outcome is None:
            self._queue.finish(job, Outcome.DOUBTFUL, self.status().faults or (MUTE,))
        elif not self.stopping:
            self._look()

    def _on_paper(self, answer: int, clean: bool) -> None:
        """An answer to GS r 1. Among noise it proves nothing, and what follows cannot be counted any more."""
        if not self._awaiting:
            self._strays += 1
        elif not clean:
            while self._awaiting:
                self._queue.finish(self._awaiting.popleft(), Outcome.DOUBTFUL, (GARBAGE,))
        elif answer & 0x0C:
            self._queue.finish(self._awaiting.popleft(), Outcome.DOUBTFUL, ("printer_paper_out",))
        else:
            self._answered.append(self._awaiting.popleft())

    def _confirm(self) -> None:
        """Make answered jobs done, unless the line turns out to carry more answers than there were questions."""
        if not self._answered:
            return
        jobs = list(self._answered)
        self._answered.clear()
        self._strays = 0
        trusted = True
        try:
            self._reader.read()
        except Garbled:
            trusted = False
        except (Silence, LinkLost):
            pass  # the answer itself came clean and says paper; the next look tells what became of the printer
        for job in jobs:
            if trusted and not self._strays:
                self._queue.finish(job, Outcome.DONE)
            else:
                self._queue.finish(job, Outcome.DOUBTFUL, (GARBAGE,))
