"""One submission on its way, and which of many is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from offline_cache.queued import Queued
from offline_cache.sync.line import Backoff

_AGEING = 2048  # bytes of precedence for each second of waiting


@dataclass(slots=True)
class Item:
    """A submission on its way. ``missing``: offset by part, None before the office was asked."""

    queued: Queued
    since: float
    missing: dict[str, int] | None = None
    doubted: bool = False
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def small(self) -> bool:
        """Its next step sends none of its parts."""
        return not self.missing

    def remaining(self) -> int:
        """Bytes still to send."""
        sizes = dict(self.queued.parts)
        return sum(sizes.get(sha256, 0) - offset for sha256, offset in (self.missing or {}).items())


def pick(items: Iterable[Item], *, parts: bool = True, new: bool = True) -> Item | None:
    """The next one that may be tried now: unannounced ones in their sequence, then the least remaining.

    ``parts`` False: only those whose next step is an announcement or the question for the receipt. ``new`` False: none
    of the announcements.
    """
    ready = [item for item in items if not item.backoff.left() and (parts or item.small)]
    unannounced = [item for item in ready if item.missing is None]
    if new and unannounced:
        return min(unannounced, key=lambda item: item.queued.seq)
    announced = (item for item in ready if item.missing is not None)
    return min(announced, key=lambda item: item.remaining() + _AGEING * int(item.since), default=None)
