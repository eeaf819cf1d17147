"""What the gateway asks of a store: the signed manifests, parts that grow by the byte, and parts that are whole.

A part's offset is how much of it is here in one piece; nothing beside the bytes themselves says so, so nothing can
disagree with them. What a call has told, a power cut does not take back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

MANIFEST = "manifest.json"
"""The signed envelope's name beside its parts."""
ID = re.compile(r"[0-9a-f-]{32,36}")
"""A terminal's or a submission's name."""


class StoreError(OSError):
    """The store does not answer, or not in time: trying again mends it. Nothing that was acknowledged is lost."""


class WrongHash(Exception):
    """The bytes of a part do not have its hash; they were dropped and must come again from the start."""


class StoreFull(StoreError):
    """There is no room; nothing that was acknowledged is lost."""


class Moved(Exception):
    """The part is not as long as the caller supposes: another request, perhaps of another process, was here."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the part is {offset} bytes long")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission's files stand. The ids were checked before (hex of fixed length): they name directories."""

    terminal: str
    submission: str


@dataclass(frozen=True, slots=True)
class Length:
    """How much of a part is here, for good. ``complete``: all of it, and its hash was proved."""

    offset: int
    complete: bool


class Store(Protocol):
    """Calls block for the disk or the line, each within a limit: run them off the event loop.

    Any process may call at the same time. All raise StoreError.
    """

    @property
    def block(self) -> int:
        """How many bytes are gathered before they are appended."""
        ...

    def free(self) -> int | None:
        """Free bytes, or None where nothing tells."""
        ...

    def manifest(self, place: Place) -> bytes:
        """The signed manifest as it was accepted. Raises FileNotFoundError."""
        ...

    def read(self, place: Place, sha256: str) -> bytes:
        """A complete part; the caller compares its hash. Raises FileNotFoundError."""
        ...

    def complete(self, place: Place, sha256: str) -> bool:
        """True once the part's hash was proved and it stands in place."""
        ...

    def length(self, place: Place, sha256: str) -> Length:
        """How much of a part is here."""
        ...

    def missing(self, place: Place, envelope: bytes, parts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        """Keep the signed manifest; of its parts (hash and bytes) those that are not complete, with their offsets.

        () only when all of them, the manifest and their names are there for good: a receipt may be signed. A complete
        part of another length is dropped. Raises StoreFull.
        """
        ...

    def append(self, place: Place, sha256: str, offset: int, data: bytes) -> None:
        """Write ``data`` at ``offset``, if the part is exactly that long. Raises Moved, StoreFull.

        It need not outlast a power cut before ``length`` or ``write`` has told of it.
        """
        ...

    def write(self, place: Place, sha256: str, offset: int, data: bytes, size: int) -> Length:
        """Append for good; once the part is ``size`` bytes long its hash is proved, and it is complete.

        Raises Moved; WrongHash when the bytes are not the part's: they were dropped; StoreFull.
        """
        ...

    def cut(self, place: Place, sha256: str, offset: int, to: int) -> None:
        """Shorten a part that is exactly ``offset`` long and not complete to ``to`` bytes; another is left alone."""
        ...

    def prove(self, place: Place, sha256: str) -> bool:
        """Read a complete part again and compare its hash; a part that does not hold is dropped and must come again."""
        ...

    def remove(self, place: Place) -> None:
        """Remove a withdrawn submission's parts; its manifest stays as the tombstone's proof."""
        ...

    def places(self) -> Iterator[Place]:
        """Every submission of which anything is here."""
        ...

    def tidy(self, place: Place, named: Collection[str], idle_s: float) -> int:
        """Remove what is no manifest and of no named part and what a complete part left over, when nobody touched it
        for ``idle_s``; returns how many.
        """
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...
