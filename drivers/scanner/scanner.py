"""The document scanner as a device: looked at while idle, one ``scanimage`` child a scan, nothing kept between scans.

A scan is done only when ``scanimage`` gave exactly the image that its head announced, and then ended well or, with
nothing left to do, not at all. A scanner that falls silent is killed, not waited for. What a scan could not do is told
by its result; the device's own status tells what still stands: a jam until a look finds it cleared, never an empty
feeder.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from drivers.contract import Outcome, Phase, ScanResult
from drivers.scanner.child import Ending, Limits, Why, run
from drivers.scanner.codes import (
    BUSY,
    COVER_OPEN,
    DENIED,
    DOUBLE_FEED,
    FAILED,
    JAMMED,
    NO_PAPER,
    TIMEOUT,
    UNREACHABLE,
)
from drivers.scanner.job import Job, Queue
from drivers.scanner.options import Recipe, Unfit, read_options, recipe, source_name
from drivers.scanner.pnm import SIZE_LIMIT, BadImage, check_image, read_head
from drivers.scanner.way import Look, Tool, Way, way_from
from drivers.scanner.words import Progress, detail_of, fault_of, has_failed
from drivers.worker import Missing, SetupFailed, Supervision, Worker

_STANDING = (JAMMED, COVER_OPEN, DOUBLE_FEED)
"""What a person has to mend at the scanner before it scans again."""
_SIZE_SLACK = 4096  # the head
_LAST_WORDS = 2000  # bytes of stderr that surely hold its last line
_STEP = 0.01  # of progress; less is not worth telling


@dataclass(frozen=True, slots=True)
class ScannerDelays:
    """The scanner's waits, in seconds.

    ``look``: between two looks at an idle scanner. ``question``: for a child that scans nothing. ``first``: from
    asking for a page to its first byte: the lamp warms up, a network scanner scans it all before it sends. ``silent``:
    without a further byte. ``whole``: for one scan in all. ``grace``: for a scan that was cancelled, or has failed, to
    end by itself. ``hold``: a jam stands at least so long where no look can tell that it was cleared. ``ours``: after a
    scan the scanner still works on that one.
    """

    look: float = 3.0
    question: float = 20.0
    first: float = 45.0
    silent: float = 20.0
    whole: float = 150.0
    grace: float = 3.0
    hold: float = 10.0
    ours: float = 5.0


class SaneScanner(Worker):
    """A document scanner behind SANE. See ``drivers.contract.Scanner``."""

    crash_fault = FAILED

    def __init__(
        self,
        link: str,
        *,
        source: Literal["flatbed", "feeder"] = "flatbed",
        lid: Literal["white", "black"] = "white",
        dpi: int = 300,
        config: Path | None = None,
        way: Way | None = None,
        delays: ScannerDelays | None = None,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``dpi``: wanted; the result tells what the scanner gave. ``config``: a folder with SANE's configuration.
        ``way``: instead of the one that ``link`` names. Raises ``ValueError`` for a link that names no scanner.
        """
        super().__init__("scanner", supervision=supervision, clock=clock)
        self._delays = delays or ScannerDelays()
        self._way = way or way_from(link, feeder=source == "feeder", limit=self._delays.question)
        self._tool = Tool(config, lambda: self.stopping)
        self._link = link
        self._source = source
        self._lid = lid
        self._dpi = dpi
        self._queue = Queue()
        self._name = ""
        self._recipe = Recipe(dpi, ())
        self._stands_until = 0.0
        self._ours_until = 0.0
        self._next_look = 0.0

    @property
    def source(self) -> str:
        """``flatbed`` or ``feeder``."""
        return self._source

    @property
    def lid(self) -> str:
        """What lies behind a page: ``white`` or ``black``."""
        return self._lid

    def scan(self, job: str, progress: Callable[[float], None], done: Callable[[ScanResult], None]) -> None:
        """Queue one scan as job ``job``; returns at once. See ``drivers.contract.Scanner``."""
        if self._queue.add(Job(job, progress, done)):
            self.wake()
        if self.stopping:  # the worker may have told its last outcome already
            self.while_down()

    def cancel(self, job: str) -> None:
        """Stop that job; returns at once. See ``drivers.contract.Scanner``."""
        self._queue.cancel(job)
        self.wake()

    # The worker's side.

    def set_up(self) -> None:
        """Find the scanner, ask what it can do, and look at it once."""
        self._name, notes = self._way.open(self._tool)
        try:
            options = read_options(self._tool.ask(("-d", self._name, "-A"), self._delays.question))
            source = source_name(options, self._source)
            if source is not None and options["--source"].now != source:  # the feeder's bed is not the glass's
                words = ("-d", self._name, "--source", source, "-A")
                options = read_options(self._tool.ask(words, self._delays.question))
            self._recipe = recipe(options, source, self._dpi)
        except Unfit as unfit:
            raise SetupFailed(FAILED, str(unfit)) from unfit
        self._stands_until = self._ours_until = 0.0
        look = self._way.look(self._tool, closely=False) if self._way.tells else Look(Phase.READY)
        notes = {"link": self._link, "device": self._name, "dpi": str(self._recipe.dpi), **notes}
        self.report(look.phase, look.faults, notes)
        self._next_look = self._clock() + self._delays.look

    def run(self) -> None:
        """Scan what is queued, look at the scanner otherwise."""
        while not self.stopping:
            job = self._queue.first()
            if job is not None:
                self._serve(job)
                continue
            self.wait(self._next_look - self._clock())
            if self._queue.first() is None and not self.stopping:
                self._look()

    def tear_down(self) -> None:
        """Remove what was written for SANE."""
        self._way.close()

    def while_down(self) -> None:
        """No scan was begun of what is queued: say so."""
        while (job := self._queue.first()) is not None:
            if self.stopping or job.cancelled.is_set():
                self._queue.finish(job, Outcome.CANCELLED)
            else:
                self._queue.finish(job, Outcome.FAILED, self.status().faults or (UNREACHABLE,))

    def _serve(self, job: Job) -> None:
        """One scan from its beginning to its outcome; the status is told first. Raises what ends the connection."""
        if job.cancelled.is_set():
            self._queue.finish(job, Outcome.CANCELLED)
            return
        self.report(Phase.BUSY)
        try:
            ending = self._scan(job)
        except OSError as error:  # no such program, or no process to be had
            self.report(Phase.UNKNOWN, (FAILED,))
            self._queue.finish(job, Outcome.FAILED, (FAILED,))
            raise SetupFailed(FAILED, str(error)) from error
        try:
            fault = self._after(ending)
        except (Missing, SetupFailed) as lost:
            self.report(lost.phase, (lost.fault,))
            self._finish(job, ending, lost.fault)
            raise
        self._finish(job, ending, fault)

    def _scan(self, job: Job) -> Ending:
        """Run the child of one scan. Raises ``OSError``."""
        progress, told = Progress(), 0.0
        expected = 0
        delays = self._delays

        def stop() -> bool:
            self._queue.drop_cancelled(job)
            return self.stopping or job.cancelled.is_set()

        def heard(data: bytes) -> None:
            nonlocal told
            if progress.feed(data) and (progress.share - told >= _STEP or progress.share == 1):
                told = progress.share
                job.tell_progress(told)

        def refuse(image: bytearray) -> bool:
            nonlocal expected
            try:
                head = None if expected else read_head(image)
            except BadImage:
                return True
            expected = head.length if head is not None else expected
            return 0 < expected < len(image)

        def over(image: bytearray, words: bytearray) -> bool:
            return 0 < expected == len(image) or has_failed(words[-_LAST_WORDS:].decode("utf-8", "replace"))

        command = ("scanimage", "-d", self._name, "--format=pnm", "-p", *self._recipe.options)
        limits = Limits(delays.first, delays.silent, delays.whole, delays.grace, SIZE_LIMIT + _SIZE_SLACK)
        environment = self._tool.environment
        return run(command, environment, limits, stop=stop, heard=heard, refuse=refuse, over=over)

    def _after(self, ending: Ending) -> str:
        """Report what stands after a scan; returns the scan's own fault, empty when there is none.

        Asks the scanner itself where it can tell, so that two sheets at once do not pass for a jam. Raises ``Missing``
        or ``SetupFailed`` when it cannot be used any more.
        """
        fault = _fault_of(ending)
        now = self._clock()
        self._ours_until = now + self._delays.ours
        self._next_look = now if ending.why is not Why.ENDED else now + self._delays.look
        if ending.why is Why.STOPPED or fault in ("", NO_PAPER):
            self.report(Phase.READY)
        elif fault == BUSY:
            self.report(Phase.BUSY, (BUSY,))
        elif fault == TIMEOUT:
            self.report(Phase.UNKNOWN, (TIMEOUT,))
        elif fault == UNREACHABLE:
            raise Missing(UNREACHABLE, detail_of(ending.words))
        elif fault == DENIED:
            raise SetupFailed(DENIED, detail_of(ending.words), Phase.OFFLINE)
        elif fault in _STANDING and not self._way.tells:
            self._stands_until = now + self._delays.hold
            self.report(Phase.NEEDS_ATTENTION, (fault,))
        else:
            look = self._looked()
            self.report(look.phase, look.faults)
            standing = [told for told in look.faults if told in _STANDING]
            fault = standing[0] if standing else fault
        return fault

    def _finish(self, job: Job, ending: Ending, fault: str) -> None:
        if ending.why is Why.STOPPED:
            self._queue.finish(job, Outcome.CANCELLED)
        elif fault:
            self._queue.finish(job, Outcome.FAILED, (fault,))
        else:
            self._queue.finish(job, Outcome.DONE, image=bytes(ending.out), dpi=self._recipe.dpi)

    def _look(self) -> None:
        """Look at the idle scanner and report what stands; trouble that no look can tell of stands for a while."""
        look = self._looked()
        if look.faults or self._way.tells or self._clock() >= self._stands_until:
            self.report(look.phase, look.faults)

    def _looked(self) -> Look:
        """One look. A scanner that is busy with what we asked of it a moment ago is ready. Raises ``Missing``."""
        look = self._way.look(self._tool, closely=bool(self.status().faults))
        now = self._clock()
        self._next_look = now + self._delays.look
        return Look(Phase.READY) if look.faults == (BUSY,) and now < self._ours_until else look


def _fault_of(ending: Ending) -> str:
    """What is wrong with a scan's end; empty: nothing. A stopped one is nobody's fault."""
    if ending.why is Why.STOPPED:
        return ""
    if ending.why is Why.SILENT:
        return TIMEOUT
    if ending.why is Why.REFUSED:
        return FAILED
    if ending.code != 0 and (ending.why is Why.ENDED or has_failed(ending.words)):
        return fault_of(ending.code, ending.words)
    try:
        check_image(ending.out)
    except BadImage:
        return FAILED
    return ""
