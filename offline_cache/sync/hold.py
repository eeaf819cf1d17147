"""What holds the queue back though the line is up: staff's switch, quiet hours, the day's bytes. Durable over restarts.

Prepaid lines are paid by the byte, in both directions: what is counted comes from the kernel (``sync.meter``), TLS,
headers and repeats included. A day begins at local midnight, by the office's clock once it was heard. A clock that
steps back takes what was spent with it into that day: such a step neither buys a second budget nor holds the queue
for longer than a day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from offline_cache import clock
from offline_cache.api import CacheError
from offline_cache.clock import OfficeClock
from offline_cache.database import Database
from offline_cache.facts import PAUSED_AT, SPENT, SPENT_DAY, fact, set_fact
from offline_cache.settings import CacheSettings, check_quiet

_DAY_S = 86400.0
_COMMIT_EVERY = 64 * 1024
"""Bytes that a power cut may make us forget: spending is committed in steps of this size."""


@dataclass(frozen=True, slots=True)
class Held:
    """``reason``, ``until``, ``paused_at``, ``spent``: see ``api.SendState``. ``left``: bytes of the budget, or None.

    ``all``: the announcements wait too.
    """

    reason: str = ""
    until: str = ""
    paused_at: str = ""
    spent: int = 0
    left: int | None = None

    @property
    def all(self) -> bool:
        """Nothing of the queue leaves, announcements neither."""
        return self.reason == "paused"


class Hold:
    """May be asked from any thread; ``spend`` belongs to the sync thread."""

    def __init__(
        self,
        database: Database,
        office_clock: OfficeClock,
        settings: CacheSettings,
        boot_s: Callable[[], float] = clock.boot_s,
    ) -> None:
        self._database, self._clock, self._boot_s = database, office_clock, boot_s
        self._budget = settings.daily_bytes
        self._quiet = check_quiet(settings.quiet)
        self._guard = threading.Lock()
        with database.read() as connection:
            paused_at, day = fact(connection, PAUSED_AT), fact(connection, SPENT_DAY)
            self._spent = fact(connection, SPENT) or 0
        self._paused_at = paused_at or 0
        self._day = self._today() if day is None else day
        self._day_began = boot_s()
        self._loose = 0

    def pause(self, on: bool) -> None:
        """Staff's switch. Raises CacheError."""
        with self._guard:
            if on == bool(self._paused_at):
                return
            paused_at = int(self._clock.now()) if on else 0
            with self._database.write() as connection:
                set_fact(connection, PAUSED_AT, paused_at)
            self._paused_at = paused_at

    def spend(self, count: int) -> None:
        """So many bytes went over the line; remembered here where the index cannot be written."""
        with self._guard:
            self._turn()
            self._spent += count
            self._loose += count
            loose = self._loose >= _COMMIT_EVERY
        if loose:
            self.save()

    def save(self) -> None:
        """Commit what was spent, if the index can be written."""
        with self._guard:
            if not self._loose:
                return
            try:
                with self._database.write() as connection:
                    set_fact(connection, SPENT_DAY, self._day)
                    set_fact(connection, SPENT, self._spent)
            except CacheError:
                return  # a full disk must not keep the queue from leaving it
            self._loose = 0

    def now(self) -> Held:
        """Whether something holds the queue, and until when."""
        with self._guard:
            self._turn()
            spent, paused_at = self._spent, self._paused_at
        paused = clock.iso(paused_at) if paused_at else ""
        left = max(0, self._budget - spent) if self._budget else None
        here = self._local()
        if paused:
            return Held("paused", "", paused, spent, left)
        if left == 0:
            return Held("budget", _iso(_midnight(here)), "", spent, left)
        if _minute_of(here) in self._quiet:
            return Held("quiet", _iso(self._loud(here)), "", spent, left)
        return Held(spent=spent, left=left)

    def next_look(self) -> float:
        """Seconds until time alone may have changed the answer."""
        if not self._quiet and not self._budget:
            return _DAY_S
        return 60.0 - self._clock.now() % 60.0

    def _turn(self) -> None:
        """Begin a new day when there is one."""
        today = self._today()
        long = self._boot_s() - self._day_began >= _DAY_S
        if today > self._day or long:
            self._day, self._spent, self._day_began = today, 0, self._boot_s()
        elif today < self._day and self._clock.heard:
            self._day = today

    def _today(self) -> int:
        return self._local().toordinal()

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now()).astimezone()

    def _loud(self, here: datetime) -> datetime:
        at = here.replace(second=0, microsecond=0)
        while _minute_of(at) in self._quiet:
            at += timedelta(minutes=1)
        return at


def _minute_of(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _midnight(here: datetime) -> datetime:
    return here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
