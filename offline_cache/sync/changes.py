"""The heartbeat: what the terminal tells, and what it hears of its district's applications and terminals."""

from __future__ import annotations

import time
from collections.abc import Callable

from offline_cache import clock
from offline_cache.api import QueueState
from offline_cache.clock import OfficeClock
from offline_cache.feed import Feed
from offline_cache.identity import Enrolled, Identities
from offline_cache.places import PlaceList
from offline_cache.requeue import Requeue
from offline_cache.sync.client import Client, LineFault
from wire.guard import Protection
from wire.heartbeat import DeviceReport, Heartbeat

FIRST_INTERVAL_S = 300.0
_AFTER_DELIVERY_S = 30.0


class Pulse:
    """When the next heartbeat is due, and what becomes of its answer."""

    def __init__(
        self,
        feed: Feed,
        requeue: Requeue,
        places: PlaceList,
        identities: Identities,
        office_clock: OfficeClock,
        version: str,
        protection: Protection,
    ) -> None:
        self._feed, self._requeue, self._places, self._clock = feed, requeue, places, office_clock
        self._identities, self._version, self._protection = identities, version, protection
        self._next = 0.0
        self._last = 0.0
        self._interval = FIRST_INTERVAL_S
        self.more = False
        self._new_places = ""
        self._new_keys, self._taken_keys = "", ""

    @property
    def keys_wanted(self) -> bool:
        """The office announced sealing keys that are not ours."""
        return bool(self._new_keys)

    @property
    def places_wanted(self) -> bool:
        """The office announced a list of terminals that we do not have."""
        return bool(self._new_places)

    def left(self) -> float:
        """Seconds until the next heartbeat is due; 0 when it is."""
        return max(0.0, self._next - time.monotonic())

    def soon(self, queue_empty: bool) -> None:
        """Something was delivered: tell it now, but while more is going out only every half minute."""
        wait = 0.0 if queue_empty else _AFTER_DELIVERY_S
        self._next = min(self._next, max(time.monotonic(), self._last + wait))

    def now(self) -> None:
        """The next heartbeat is due at once."""
        self._next = 0.0

    def beat(
        self,
        client: Client,
        me: Enrolled,
        queue: QueueState,
        held: str,
        devices: Callable[[], tuple[DeviceReport, ...]],
    ) -> tuple[bool, int]:
        """One heartbeat: (whether the feed moved, how many submissions were queued again). Raises as Client does."""
        answer = client.heartbeat(
            Heartbeat(
                version=self._version[:40],
                wall=clock.wall(),
                boot_id=clock.boot_id(),
                uptime_s=int(clock.boot_s()),
                queued=queue.queued,
                quarantined=queue.quarantined,
                last_seq=queue.last_seq,
                disk_free=queue.disk_free,
                devices=devices(),
                cursor=self._feed.cursor(),
                held=held,
                full=queue.full,
                protection=self._protection.value,
            )
        )
        self._clock.correct(answer.server_time)
        self._last = time.monotonic()
        self._interval = float(answer.next_s)
        self._next = self._last + self._interval
        self.more = answer.more
        self._new_places = answer.places if self._places.confirm(answer.places, float(answer.server_time)) else ""
        # One that we took and spell otherwise (a newer office's) is not asked for again and again.
        known = ("", self._taken_keys, me.keys.version())
        self._new_keys = "" if answer.keys in known else answer.keys
        moved = self._feed.take(answer.changes, answer.cursor)
        return moved, self._requeue.above(answer.have_seq, me, told_all=not answer.more)

    def page(self, client: Client) -> bool:
        """The feed's next page. True when it moved. Raises as Client does."""
        after = self._feed.cursor()
        page = client.changes(after)
        # A page that promises more and does not move would be asked for without end.
        self.more = page.more and page.cursor != after
        return self._feed.take(page.changes, page.cursor)

    def fetch_keys(self, client: Client, me: Enrolled) -> bool:
        """The sealing keys that the office announced: what is sealed from now on is sealed to them.

        Never True: nothing that is shown moved. Raises as Client does, LineFault for keys that are none.
        """
        told = client.office_keys(me.receipt_key)
        try:
            self._identities.take_keys(me, told)
        except ValueError as error:
            raise LineFault("portal", f"sealing keys that are none ({error})") from error
        self._taken_keys, self._new_keys = self._new_keys, ""
        return False

    def fetch_places(self, client: Client) -> bool:
        """The list that the office announced; an office that changed it since says so in its next heartbeat.

        Always True: there is something new. Raises as Client does.
        """
        self._places.take(client.places(), self._new_places, self._clock.now())
        self._new_places = ""
        return True
