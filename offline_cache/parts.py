"""The folder of sealed parts: age files, each named by the SHA-256 of its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from offline_cache import durable
from wire import ids


@dataclass(frozen=True, slots=True)
class Sealed:
    """A part in memory: its ciphertext and the name that it will have."""

    cipher: bytes
    name: str

    @classmethod
    def of(cls, cipher: bytes) -> Sealed:
        """Named by its SHA-256."""
        return cls(cipher, ids.sha256(cipher))


class Parts:
    """``folder`` holds nothing but ciphertext. Which of its files still matter is the index' knowledge."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        durable.make_folder(folder)

    def put(self, part: Sealed) -> None:
        """Store it durably. Raises OSError."""
        durable.write(self._folder / part.name, part.cipher)

    def path(self, name: str) -> Path:
        """Where the part of that name lies."""
        return self._folder / name

    def remove(self, names: Iterable[str]) -> None:
        """Remove parts durably. Raises OSError; then some may still be there."""
        durable.remove(self._folder / name for name in names)

    def sweep(self, keep: set[str]) -> int:
        """Remove everything that no row names: drafts, orphans, temporary files. Raises OSError."""
        return durable.sweep(self._folder, keep)
