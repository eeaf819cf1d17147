"""Runs the staff's tests, one at a time, on a thread of its own; what comes of them is told as events."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from kiosk.lane import Lane
from kiosk.parts import Parts
from kiosk.staff import office, paper, touch
from kiosk.staff.watch import Ended, Stopped, Watch, absent, fault_rows
from kiosk.visit.effects import RunTrial
from kiosk.visit.events import TrialEnded, TrialMoved
from wire import events

Tested = TrialMoved | TrialEnded
_FAILED = Ended(False, fault_rows(()))


class Bench:
    """``tell`` is called from the bench's and the scanner's threads."""

    def __init__(self, parts: Parts, tell: Callable[[Tested], None]) -> None:
        self._parts, self._tell = parts, tell
        self._lane = Lane("bench")
        self._lock = threading.Lock()
        self._running: tuple[RunTrial, Watch] | None = None
        self._codes: queue.SimpleQueue[str] | None = None

    def start(self) -> None:
        """Listen to the code scanner; what it reads is dropped unless its test runs."""
        if self._parts.code is not None:
            self._parts.code.on_code(self._read)

    def run(self, test: RunTrial, language: str) -> None:
        """Run a test, after an earlier one has ended; the answer comes as TrialMoved and TrialEnded."""

        def moved(hint: str, progress: float, left_s: int) -> None:
            self._tell(TrialMoved(time.monotonic(), test.visit, test.asked, hint, progress, left_s))

        watch = Watch(moved, language)
        self.stop()
        with self._lock:
            self._running = test, watch
        self._lane.do(lambda: self._work(test, watch, language))

    def stop(self) -> None:
        """Nobody waits for the test any more. Nothing more is told of it."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running[1].stop()

    def close(self) -> None:
        """Stop the test and end the lane, within a few seconds."""
        self.stop()
        self._lane.close()

    # The code scanner's thread.

    def _read(self, text: str) -> None:
        codes = self._codes
        if codes is not None:
            codes.put(text)

    # The lane.

    def _work(self, test: RunTrial, watch: Watch, language: str) -> None:
        ended = _FAILED
        try:
            watch.pause(0.0)  # it may have been stopped while it waited for its turn
            ended = self._test(test, watch, language)
        except Stopped:
            return
        except Exception as error:
            events.log_error("bench", error)
        with self._lock:
            if self._running is None or self._running[0] is not test:
                return
            self._running = None
        self._tell(
            TrialEnded(time.monotonic(), test.visit, test.asked, ended.passed, ended.results, ended.ask, ended.image)
        )

    def _test(self, test: RunTrial, watch: Watch, language: str) -> Ended:
        parts, job = self._parts, f"test/{test.visit}.{test.asked}"
        match test.role:
            case "printer":
                return paper.printer(watch, job, parts.printer, self._code(), language)
            case "camera":
                return paper.camera(watch, parts.camera, parts.capture)
            case "scanner":
                return paper.scanner(watch, job, parts.scanner, parts.capture)
            case "card":
                return touch.card(watch, parts.card)
            case "code":
                codes = self._codes = queue.SimpleQueue[str]()
                try:
                    return touch.code(watch, parts.code, codes)
                finally:
                    self._codes = None
            case "line" | "queue":
                if parts.cache is None:
                    return Ended(False, fault_rows((parts.cache_fault,)))
                return (office.line if test.role == "line" else office.queue)(watch, parts.cache)
            case _:
                return absent()

    def _code(self) -> str:
        identity = self._parts.cache.identity() if self._parts.cache is not None else None
        return identity.code if identity is not None else ""
