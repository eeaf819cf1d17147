"""Prints the slip of papers, asks about the staff's PIN and keeps how tests ended, on a lane of its own."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from drivers.contract import Printer, PrintResult
from kiosk import slip
from kiosk.lane import Lane
from kiosk.visit.effects import CheckPin, PrintSlip, RecordTrial
from kiosk.visit.events import PinChecked, SlipOutcome
from offline_cache.api import Cache, TrialRecord
from wire import events
from wire.service import catalogue

Answered = SlipOutcome | PinChecked


class Clerk:
    """``tell`` is called from the lane's and the printer's threads; ``kept`` when a test was recorded."""

    def __init__(
        self,
        cache: Cache | None,
        printer: Printer | None,
        tell: Callable[[Answered], None],
        kept: Callable[[], None],
    ) -> None:
        self._cache, self._printer, self._tell, self._kept = cache, printer, tell, kept
        self._lane = Lane("clerk")

    def take(self, effect: PrintSlip | CheckPin | RecordTrial, language: str) -> None:
        """Begin it; returns at once. ``language``: of the slip."""
        match effect:
            case PrintSlip():
                self._print(effect, language)
            case CheckPin():
                self._check(effect)
            case RecordTrial():
                self._record(effect)

    def close(self) -> None:
        """Finish what was begun, within a few seconds."""
        self._lane.close()

    def _print(self, job: PrintSlip, language: str) -> None:
        """Print the list of papers; an outcome that changes later is told again."""

        def told(outcome: str) -> None:
            events.log("slip_printed", service=job.service, outcome=outcome)
            self._tell(SlipOutcome(time.monotonic(), job.visit, job.job, outcome))

        def work() -> None:
            if self._printer is None:
                told("none")
                return
            identity = self._cache.identity() if self._cache is not None else None
            place = identity.place if identity is not None else None
            now = dt.datetime.now().astimezone()
            data = slip.data(slip.Facts(catalogue()[job.service], dict(job.answers), language, place, now))

            def done(result: PrintResult) -> None:
                told(result.outcome.value)

            self._printer.print(f"slip/{job.visit}.{job.job}", data, done)

        self._do(work, lambda: told("failed"))

    def _check(self, ask: CheckPin) -> None:
        """Whether this is the staff's PIN, which goes no further than to the cache."""

        def told(result: str, lock_s: int = 0) -> None:
            self._tell(PinChecked(time.monotonic(), ask.visit, ask.asked, result, lock_s))

        def work() -> None:
            if self._cache is None:
                told("")
                return
            answer = self._cache.check_pin(ask.pin)
            if answer.result == "right":
                events.log("staff_signed_in")
            else:
                events.log("staff_refused", why=answer.result)
            told(answer.result, answer.lock_s)

        self._do(work, lambda: told(""))

    def _record(self, test: RecordTrial) -> None:
        """Keep how a test ended."""
        events.log("device_tested", role=test.role, passed=test.passed)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")

        def work() -> None:
            if self._cache is not None:
                self._cache.record_trial(TrialRecord(test.role, at, test.passed, test.results))
                self._kept()

        self._do(work, lambda: None)

    def _do(self, work: Callable[[], None], failed: Callable[[], None]) -> None:
        """Run ``work`` on the lane, or ``failed`` after it where it raises."""

        def run() -> None:
            try:
                work()
            except Exception as error:
                events.log_error("clerk", error)
                failed()

        self._lane.do(run)
