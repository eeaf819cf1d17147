"""Waiting and the state of the line: full-jitter back-off without a last try, and hysteresis on what is shown."""

from __future__ import annotations

import hashlib
import math
import random
import threading
import time
from collections.abc import Callable

from offline_cache.api import LineState

_FIRST_S = 1.0
# One cut is not "offline": the next look comes within a second.
_FAULTS_TO_OFFLINE = 2
STAYS_S = 3.0
"""How long online and offline are each shown at least, in seconds."""
LONG_OUTAGE_S = 3600.0
"""An absence of the gateway after which its terminals come back one after the other."""


class Backoff:
    """Full jitter: the n-th wait is drawn from 0 to min(cap, 2^(n-1) seconds)."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0

    def failed(self, cap_s: float, at_least_s: float = 0.0) -> None:
        """One more failure; ``at_least_s``: what the office asked for."""
        longest = min(cap_s, _FIRST_S * 2 ** min(self._failures, 20))
        self._failures += 1
        self._until = time.monotonic() + max(random.uniform(0.0, longest), at_least_s)

    def reset(self) -> None:
        """It worked."""
        self._failures = 0
        self._until = 0.0

    @property
    def failing(self) -> bool:
        """True after a failure until ``reset``."""
        return self._failures > 0

    def left(self) -> float:
        """Seconds still to wait, 0 when it may be tried."""
        return max(0.0, self._until - time.monotonic())


class Outage:
    """How long the gateway was away, and the share of the spread that we wait after a long absence of it.

    When a gateway returns after hours, all its terminals hold a day's pages. Announcements come at once; the parts of
    each wait for a moment of its own, drawn from its id. After a short absence, or one of our own link, nobody waits.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._until = 0.0

    def fails(self, reason: str) -> None:
        """No answer. A link of ours that is down says nothing about the gateway."""
        if reason == "no_link":
            self._since = None
        elif self._since is None:
            self._since = self._clock()

    def over(self, terminal: str, spread_s: float) -> None:
        """It answers again."""
        since, self._since = self._since, None
        if since is not None and self._clock() - since >= LONG_OUTAGE_S:
            share = int.from_bytes(hashlib.sha256(terminal.encode()).digest()[:4]) / 2**32
            self._until = self._clock() + share * spread_s

    def left(self) -> float:
        """Seconds that parts still wait."""
        return max(0.0, self._until - self._clock())


class Line:
    """What the station shows of the line. ``state`` may be read from any thread.

    The chip does not flicker: online and offline each stand for ``STAYS_S``, however the line flaps; what is heard
    meanwhile is shown when ``settle`` finds that time over.
    """

    def __init__(self, enrolled: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._guard = threading.Lock()
        self._clock = clock
        self._state = self._heard = LineState(online=False, reason="no_link" if enrolled else "not_enrolled")
        self._faults = 0
        self._stays_until = clock()

    def state(self) -> LineState:
        """The newest state; never blocks for long."""
        with self._guard:
            return self._state

    def works(self) -> bool:
        """The office answered. True when the state moved."""
        self._faults = 0
        self._heard = LineState(online=True, reason="")
        return self.settle()

    def fails(self, reason: str) -> bool:
        """No answer of the office. True when the state moved (not at the first fault of a line that was up)."""
        self._faults += 1
        if not self._heard.online or self._faults >= _FAULTS_TO_OFFLINE:
            self._heard = LineState(online=False, reason=reason)
        return self.settle()

    def stands(self, reason: str) -> bool:
        """Offline for a reason that is certain at once (clock, refused, not_enrolled). True when the state moved."""
        self._heard = LineState(online=False, reason=reason)
        self._stays_until = self._clock()
        return self.settle()

    def settle(self) -> bool:
        """Show what was heard, unless the state before has to stand yet. True when the state moved."""
        if self._heard == self._state or self.due():
            return False
        if self._heard.online != self._state.online:
            self._stays_until = self._clock() + STAYS_S
        with self._guard:
            self._state = self._heard
        return True

    def due(self) -> float:
        """Seconds until ``settle`` has something to show; 0: now, infinite: nothing waits."""
        if self._heard == self._state:
            return math.inf
        if self._heard.online == self._state.online:
            return 0.0
        return max(0.0, self._stays_until - self._clock())
