"""What leaves the disk: days after the office's receipt, or earlier where the disk's reserve is reached.

Only what the office acknowledged ever goes (``Outbox.purge`` takes nothing else).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from offline_cache.api import CacheError
from offline_cache.clock import OfficeClock
from offline_cache.outbox import Outbox
from wire import events

_EVERY_S = 60.0
_UNHEARD_S = 1.0  # the first answer of the office is a moment away, or the line is down
_DAY_S = 86400.0


def make_room(outbox: Outbox, free: Callable[[], int], need: int) -> int:
    """Purge what was received, the oldest first, until ``need`` bytes are free. How many went. Raises OSError."""
    count = 0
    while free() < need and (oldest := outbox.oldest_received()) is not None:
        count += _told(outbox.purge(oldest))
    return count


class Purger:
    """Looks every minute."""

    def __init__(
        self, outbox: Outbox, office_clock: OfficeClock, free: Callable[[], int], days: float, reserve: int
    ) -> None:
        self._outbox, self._clock, self._free = outbox, office_clock, free
        self._keep_s, self._reserve = days * _DAY_S, reserve
        self._next = 0.0

    def soon(self) -> None:
        """Something was received."""
        self._next = 0.0

    def left(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._next - time.monotonic())

    def run(self) -> int:
        """Look, when it is time to: how many went.

        By age only in a process that has heard the office's clock, because ours may be wrong; for room always.
        """
        if self.left():
            return 0
        self._next = time.monotonic() + (_EVERY_S if self._clock.heard else _UNHEARD_S)
        try:
            count = make_room(self._outbox, self._free, self._reserve)
            if self._clock.heard:
                before = self._clock.now() - self._keep_s
                count += _told(self._outbox.purge(before))
                if (oldest := self._outbox.oldest_received()) is not None:
                    self._next = time.monotonic() + min(max(oldest - before, 1.0), _EVERY_S)
        except (OSError, CacheError) as error:  # a disk so full that the index cannot note it: the queue goes on
            events.log_error("purge", error)
            return 0
        return count


def _told(gone: list[str]) -> int:
    for submission_id in gone:
        events.log("submission_purged", submission_id=submission_id)
    return len(gone)
