"""Drafts: pages that are sealed at once, and that nobody has asked to send yet. They do not outlive the process.

So which page is where stands in memory alone; on the disk a draft is files that no row names, and the next start sweeps
what a crash left of them.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field

from sqlalchemy import select

from offline_cache.api import CacheError
from offline_cache.database import Database
from offline_cache.parts import Parts, Sealed
from offline_cache.seal import Sealer
from offline_cache.tables import submission_parts
from wire.manifest import MAX_PART_BYTES, MAX_PARTS, MAX_TOTAL_BYTES

PAGE_MEDIA_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Page:
    """A sealed page of a draft. ``bytes`` and ``sha256``: of the ciphertext."""

    paper: str
    page: int
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The pages of a draft, by paper and page, as they were after their ``turn``-th change."""

    turn: int
    pages: tuple[Page, ...]


@dataclass(slots=True)
class _Draft:
    """``turn``: how often its pages changed. ``ahead``: a picture that was sealed before it was kept."""

    pages: dict[tuple[str, int], Page] = field(default_factory=dict[tuple[str, int], Page])
    turn: int = 0
    sealer: Sealer | None = None
    ahead: tuple[bytes, Sealed] | None = None


class Drafts:
    """The open drafts."""

    def __init__(self, database: Database, parts: Parts) -> None:
        self._database = database
        self._parts = parts
        self._open: dict[str, _Draft] = {}
        self._guard = threading.Lock()

    def wipe(self) -> int:
        """At start: remove every draft of an earlier process, orphans and temporary files. How many files went."""
        with self._database.writer:
            with self._database.read() as connection:
                keep = set(connection.execute(select(submission_parts.c.sha256)).scalars())
            return self._parts.sweep(keep)

    def begin(self) -> str:
        """A new id: 32 hex digits."""
        draft = secrets.token_hex(16)
        with self._guard:
            self._open[draft] = _Draft()
        return draft

    def is_open(self, draft: str) -> bool:
        """False for one that was never begun in this process, abandoned or submitted."""
        return self._find(draft) is not None

    def end(self, draft: str) -> None:
        """No further page may join, and none is removed any more."""
        with self._guard:
            self._open.pop(draft, None)

    def turn(self, draft: str) -> int:
        """How often the pages of this draft changed: where it is the same, they are."""
        found = self._find(draft)
        return 0 if found is None else found.turn

    def kept(self, draft: str) -> Kept:
        """What was kept; of a draft that has ended nothing."""
        with self._guard:
            found = self._open.get(draft)
            return (
                Kept(0, ())
                if found is None
                else Kept(found.turn, tuple(page for _, page in sorted(found.pages.items())))
            )

    def sealer(self, draft: str, newest: Sealer) -> Sealer:
        """What seals all parts of this draft: the keys that it began with, so that its manifest names the one key."""
        with self._guard:
            found = self._open.get(draft)
            if found is None:
                return newest
            found.sealer = found.sealer or newest
            return found.sealer

    def seal_ahead(self, draft: str, image: bytes, sealer: Sealer) -> None:
        """Seal a page that may be kept soon; just that picture is then not sealed again."""
        found = self._find(draft)
        if found is not None:
            found.ahead = image, Sealed.of(self.sealer(draft, sealer).seal(image))

    def keep(self, draft: str, paper: str, page: int, image: bytes, media_type: str, sealer: Sealer) -> None:
        """Seal and store one page; an earlier one of the same place is removed. Raises CacheError, OSError."""
        if media_type != PAGE_MEDIA_TYPE or not 0 <= page <= 99 or not 0 < len(paper) <= 64:
            raise CacheError("cache_broken", "a page needs a paper, a number from 0 to 99 and a JPEG")
        sealed = self._sealed_ahead(draft, image) or Sealed.of(self.sealer(draft, sealer).seal(image))
        with self._database.writer:
            found = self._find(draft)
            if found is None:
                raise CacheError("cache_broken", "the draft has ended")
            old = found.pages.get((paper, page))
            _check_room([other for other in found.pages.values() if other is not old], len(sealed.cipher))
            self._parts.put(sealed)
            with self._guard:
                found.pages[paper, page] = Page(paper, page, sealed.name, len(sealed.cipher))
                found.turn += 1
            if old is not None:
                self._parts.remove([old.sha256])

    def drop(self, draft: str, paper: str, page: int) -> None:
        """Remove one page; nothing happens where there is none. Raises OSError."""
        with self._database.writer:
            found = self._find(draft)
            if found is None or (paper, page) not in found.pages:
                return
            with self._guard:
                old = found.pages.pop((paper, page))
                found.turn += 1
            self._parts.remove([old.sha256])

    def abandon(self, draft: str) -> None:
        """Remove what the draft has on disk. Raises OSError."""
        with self._database.writer:
            names = [page.sha256 for page in self.kept(draft).pages]
            self.end(draft)
            if names:
                self._parts.remove(names)

    def _find(self, draft: str) -> _Draft | None:
        with self._guard:
            return self._open.get(draft)

    def _sealed_ahead(self, draft: str, image: bytes) -> Sealed | None:
        found = self._find(draft)
        if found is None or found.ahead is None:
            return None
        (picture, sealed), found.ahead = found.ahead, None
        return sealed if picture is image else None


def _check_room(others: list[Page], size: int) -> None:
    if size > MAX_PART_BYTES:
        raise CacheError("cache_broken", f"a sealed page of {size} bytes is over the limit")
    # One place and the largest form are left for the form itself.
    if len(others) + 2 > MAX_PARTS or sum(kept.bytes for kept in others) + size > MAX_TOTAL_BYTES - 64 * 1024:
        raise CacheError("cache_broken", "an application holds at most 19 pages and 40 MiB")
