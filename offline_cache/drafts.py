"""Drafts: pages that are sealed at once, and that nobody has asked to send yet. They do not outlive the process."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from sqlalchemy import Connection, Delete, bindparam, delete, insert, select

from offline_cache.api import CacheError
from offline_cache.database import Database
from offline_cache.parts import Parts, Sealed
from offline_cache.seal import Sealer
from offline_cache.statement import Statement
from offline_cache.tables import draft_pages, submission_parts
from wire.manifest import MAX_PART_BYTES, MAX_PARTS, MAX_TOTAL_BYTES

PAGE_MEDIA_TYPE = "image/jpeg"
# A press of keep waits for them.
_ADD = Statement(insert(draft_pages))
_PAGES = Statement(
    select(draft_pages).where(draft_pages.c.draft == bindparam("of")).order_by(draft_pages.c.paper, draft_pages.c.page)
)


@dataclass(frozen=True, slots=True)
class Page:
    """A sealed page of a draft. ``bytes`` and ``sha256``: of the ciphertext."""

    paper: str
    page: int
    sha256: str
    bytes: int


class Drafts:
    """The open drafts. When one ends its files go before its rows: a crash leaves a row to finish by, or nothing."""

    def __init__(self, database: Database, parts: Parts) -> None:
        self._database = database
        self._parts = parts
        self._open: set[str] = set()
        self._sealers: dict[str, Sealer] = {}
        self._turns: dict[str, int] = {}
        self._ahead: tuple[str, bytes, Sealed] | None = None
        self._guard = threading.Lock()

    def wipe(self) -> int:
        """At start: remove every draft of an earlier process, orphans and temporary files. How many files went."""
        with self._database.writer:
            with self._database.read() as connection:
                keep = set(connection.execute(select(submission_parts.c.sha256)).scalars())
            gone = self._parts.sweep(keep)
            with self._database.write() as connection:
                connection.execute(delete(draft_pages))
            return gone

    def begin(self) -> str:
        """A new id: 32 hex digits."""
        draft = secrets.token_hex(16)
        with self._guard:
            self._open.add(draft)
        return draft

    def is_open(self, draft: str) -> bool:
        """False for one that was never begun in this process, abandoned or submitted."""
        with self._guard:
            return draft in self._open

    def end(self, draft: str) -> None:
        """No further page may join."""
        with self._guard:
            self._open.discard(draft)
            self._sealers.pop(draft, None)
            self._turns.pop(draft, None)
            self._ahead = None

    def turn(self, draft: str) -> int:
        """How often the pages of this draft changed: where it is the same, they are."""
        with self._guard:
            return self._turns.get(draft, 0)

    def _turned(self, draft: str) -> None:
        with self._guard:
            if draft in self._open:
                self._turns[draft] = self._turns.get(draft, 0) + 1

    def sealer(self, draft: str, newest: Sealer) -> Sealer:
        """What seals all parts of this draft: the keys that it began with, so that its manifest names the one key."""
        with self._guard:
            return self._sealers.setdefault(draft, newest) if draft in self._open else newest

    def seal_ahead(self, draft: str, image: bytes, sealer: Sealer) -> None:
        """Seal a page that may be kept soon; just that picture is then not sealed again."""
        if not self.is_open(draft):
            return
        sealed = Sealed.of(self.sealer(draft, sealer).seal(image))
        with self._guard:
            self._ahead = (draft, image, sealed)

    def keep(self, draft: str, paper: str, page: int, image: bytes, media_type: str, sealer: Sealer) -> None:
        """Seal and store one page; an earlier one of the same place is removed. Raises CacheError, OSError."""
        if media_type != PAGE_MEDIA_TYPE or not 0 <= page <= 99 or not 0 < len(paper) <= 64:
            raise CacheError("cache_broken", "a page needs a paper, a number from 0 to 99 and a JPEG")
        sealed = self._sealed_ahead(draft, image) or Sealed.of(self.sealer(draft, sealer).seal(image))
        with self._database.writer:
            if not self.is_open(draft):
                raise CacheError("cache_broken", "the draft has ended")
            self._turned(draft)
            with self._database.write() as connection:
                kept = pages_of(connection, draft)
                old = [other.sha256 for other in kept if (other.paper, other.page) == (paper, page)]
                _check_room([other for other in kept if other.sha256 not in old], len(sealed.cipher))
                self._parts.put(sealed)
                if old:
                    connection.execute(_gone(draft, paper, page))
                kept_as = {"media_type": media_type, "sha256": sealed.name, "bytes": len(sealed.cipher)}
                _ADD.run(connection, {"draft": draft, "paper": paper, "page": page, **kept_as})
            if old:
                self._parts.remove(old)

    def _sealed_ahead(self, draft: str, image: bytes) -> Sealed | None:
        with self._guard:
            found, self._ahead = self._ahead, None
        return found[2] if found is not None and found[0] == draft and found[1] is image else None

    def drop(self, draft: str, paper: str, page: int) -> None:
        """Remove one page, its row first: what is left of it after a crash is swept. Raises OSError."""
        with self._database.writer:
            self._turned(draft)
            with self._database.write() as connection:
                old = _place(connection, draft, paper, page)
                connection.execute(_gone(draft, paper, page))
            self._parts.remove(old)

    def pages(self, draft: str) -> list[Page]:
        """The kept pages, by paper and page."""
        with self._database.read() as connection:
            return pages_of(connection, draft)

    def abandon(self, draft: str) -> None:
        """Remove what the draft has on disk, then its rows. A submitted draft has no rows here. Raises OSError."""
        with self._database.writer:
            self.end(draft)
            names = [page.sha256 for page in self.pages(draft)]
            if not names:
                return
            self._parts.remove(names)
            with self._database.write() as connection:
                connection.execute(delete(draft_pages).where(draft_pages.c.draft == draft))


def _check_room(others: list[Page], size: int) -> None:
    if size > MAX_PART_BYTES:
        raise CacheError("cache_broken", f"a sealed page of {size} bytes is over the limit")
    # One place and the largest form are left for the form itself.
    if len(others) + 2 > MAX_PARTS or sum(kept.bytes for kept in others) + size > MAX_TOTAL_BYTES - 64 * 1024:
        raise CacheError("cache_broken", "an application holds at most 19 pages and 40 MiB")


def pages_of(connection: Connection, draft: str) -> list[Page]:
    """The kept pages of a draft, by paper and page."""
    rows = _PAGES.run(connection, {"of": draft})
    return [Page(row.paper, row.page, row.sha256, row.bytes) for row in rows]


def _place(connection: Connection, draft: str, paper: str, page: int) -> list[str]:
    place = (draft_pages.c.draft == draft, draft_pages.c.paper == paper, draft_pages.c.page == page)
    return list(connection.execute(select(draft_pages.c.sha256).where(*place)).scalars())


def _gone(draft: str, paper: str, page: int) -> Delete:
    return delete(draft_pages).where(
        draft_pages.c.draft == draft, draft_pages.c.paper == paper, draft_pages.c.page == page
    )
