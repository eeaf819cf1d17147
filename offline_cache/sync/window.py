"""The submissions that the engine holds in memory: a bounded number, however many the index holds.

They are the oldest ones, so that announcements run ``ROOM`` submissions ahead of the parts. One that has to wait for
its next try takes no room: what stands behind it comes in instead.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from offline_cache.identity import Enrolled
from offline_cache.outbox import Outbox
from offline_cache.sync.item import Item, pick

ROOM = 100


class Window:
    """Belongs to the sync thread."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._items: dict[str, Item] = {}
        self._more = False

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    @property
    def empty(self) -> bool:
        """Nothing waits, here or in the index, as of the last look."""
        return not self._items and not self._more

    @property
    def thin(self) -> bool:
        """The index held more at the last look, and by now there is room for it."""
        return self._more and sum(not item.backoff.left() for item in self._items.values()) < ROOM // 2

    def refill(self, me: Enrolled) -> None:
        """Look into the index: what was delivered or refused otherwise leaves, what came joins."""
        room = ROOM + sum(bool(item.backoff.left()) for item in self._items.values())
        oldest = self._outbox.waiting(me, room)
        self._more = len(oldest) == room
        now = time.monotonic()
        new = self._outbox.load([one for one in oldest if one not in self._items])
        joined = self._items | {queued.submission_id: Item(queued, now) for queued in new}
        self._items = {one: joined[one] for one in oldest if one in joined}

    def next(self, *, parts: bool, new: bool = True) -> Item | None:
        """See ``item.pick``."""
        return pick(self._items.values(), parts=parts, new=new)

    def drop(self, item: Item) -> None:
        """It waits no more."""
        self._items.pop(item.queued.submission_id, None)

    def clear(self) -> None:
        """Forget everything: another key signs from now on."""
        self._items.clear()
