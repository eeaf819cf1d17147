"""What a running test has in hand: it waits, tells how far it is, and ends at once when nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kiosk.visit.errand import Rows
from wire import faults
from wire.words import N_

YES, NO = N_("Yes"), N_("No")
_POLL_S = 0.05
_T = TypeVar("_T")


class Stopped(Exception):
    """Nobody waits for this test any more."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a test ended, as in ``kiosk.visit.events.TrialEnded``. ``passed``: None where a person must say."""

    passed: bool | None
    results: Rows
    ask: str = ""
    image: bytes = field(default=b"", repr=False)


class Watch:
    """One test's. ``tell``: hint, progress, whole seconds left. ``language``: for decimal signs."""

    def __init__(self, tell: Callable[[str, float, int], None], language: str) -> None:
        self._tell, self._comma = tell, language != "en"
        self._stopped = threading.Event()
        self._told: tuple[str, float, int] | None = None

    def stop(self) -> None:
        """End the test; from any thread."""
        self._stopped.set()

    def say(self, hint: str, progress: float = 0.0, left_s: int = 0) -> None:
        """What the technician is to do or to know now."""
        told = (hint, round(progress, 2), left_s)
        if told != self._told and not self._stopped.is_set():
            self._told = told
            self._tell(*told)

    def pause(self, seconds: float) -> None:
        """Wait. Raises Stopped."""
        if self._stopped.wait(seconds):
            raise Stopped

    def until(self, look: Callable[[], _T | None], seconds: float, hint: str, *, count: bool = True) -> _T | None:
        """What ``look`` finds within ``seconds``, or None. ``count``: tell the seconds left. Raises Stopped."""
        end = time.monotonic() + seconds
        while (found := look()) is None and (left := end - time.monotonic()) > 0:
            self.say(hint, 1 - left / seconds if count else 0.0, round(left + 0.5) if count else 0)
            self.pause(min(_POLL_S, left))
        return found

    def figure(self, value: float, digits: int = 0) -> str:
        """A number as people here write it."""
        text = f"{value:.{digits}f}"
        return text.replace(".", ",") if self._comma else text


def mark(good: bool) -> str:
    """The mark of a result."""
    return "ok" if good else "bad"


def fault_rows(codes: tuple[str, ...]) -> Rows:
    """The staff's words for faults; where there is none, that it did not work."""
    known = [words for code in codes if (words := faults.staff_words(code))]
    return tuple((words, "", "bad") for words in known or [N_("It did not work. Please try again.")])


def absent() -> Ended:
    """The end of a test of something that this terminal has not."""
    return Ended(False, ((N_("This terminal has no such device."), "", "bad"),))
