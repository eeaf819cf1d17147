"""Wrong tries: five are free, then the lock doubles from 15 s up to a day, over restarts and a clock set back."""

from __future__ import annotations

import time
from dataclasses import dataclass

FREE_TRIES = 5
FIRST_LOCK_S = 15.0
LONGEST_LOCK_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Tries:
    """``locked_until``: seconds since 1970; ``lock_s``: how long that lock was meant to be."""

    wrong: int = 0
    locked_until: float = 0.0
    lock_s: float = 0.0

    def now(self) -> Tries:
        """The same by the clock as it stands: set back since, it makes the lock begin again, once; to be kept then."""
        now = time.time()
        return self if self.locked_until - now <= self.lock_s + 1 else Tries(self.wrong, now + self.lock_s, self.lock_s)

    def left(self) -> int:
        """Whole seconds, rounded up, until the next try is heard; 0 when it is."""
        seconds = self.locked_until - time.time()
        return 0 if seconds <= 0 else int(seconds) + 1

    def one_more(self) -> Tries:
        """After another wrong try."""
        wrong = self.wrong + 1
        lock_s = 0.0 if wrong < FREE_TRIES else min(FIRST_LOCK_S * 2 ** min(wrong - FREE_TRIES, 20), LONGEST_LOCK_S)
        return Tries(wrong, time.time() + lock_s, lock_s)
