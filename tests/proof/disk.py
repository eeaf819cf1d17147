"""The disk after a power cut: system calls on one folder, replayed into the worst disks that its fsyncs allow.

What a cut may leave is taken as POSIX has it, not as one file system does it: a file's bytes are certain after fsync
of that file, a name is certain after fsync of its folder, and whatever is not certain may be there, gone or torn.
SQLite's ``-shm`` is left out: it is written through mmap, means nothing after a restart and is built anew.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_SECTOR = 512
VARIANTS = ("nothing", "names", "bytes")
"""Of what was not synced there is: nothing; all names, but zeros in the files; all bytes, but no name. Else a seed.

"all" is what kill -9 leaves: the machine goes on.
"""


@dataclass(eq=False, slots=True)
class Node:
    """A file or a folder, whatever its name. ``synced``: the bytes that are certain; ``pending``: changes since."""

    folder: bool = False
    synced: bytes = b""
    pending: list[Write | Cut] = field(default_factory=list)

    def live(self) -> bytes:
        """The bytes as the running system sees them."""
        return _applied(self.synced, self.pending)


@dataclass(frozen=True, slots=True)
class Write:
    """``data`` at ``offset``."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The file ends at ``size``."""

    size: int


@dataclass(frozen=True, slots=True)
class Name:
    """What a name stands for from now on: (folder, name, node or None). A rename is one op with two of them."""

    places: tuple[tuple[Node, str, Node | None], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a file's bytes."""

    node: Node
    what: Write | Cut


@dataclass(frozen=True, slots=True)
class Sync:
    """fsync or fdatasync of a file or a folder."""

    node: Node


@dataclass(frozen=True, slots=True)
class Told:
    """Something was promised to the outside at this moment."""

    promise: dict[str, object]


Op = Name | Change | Sync | Told


class Disk:
    """What is certain after some ops, and what is not."""

    def __init__(self, root: Node, ops: Iterable[Op]) -> None:
        self.root = root
        self.promises: list[dict[str, object]] = []
        self._certain: dict[Node, dict[str, Node]] = {root: {}}
        self._names: list[Name] = []
        self._files: dict[Node, tuple[bytes, list[Write | Cut]]] = {}
        for op in ops:
            self._take(op)

    def _take(self, op: Op) -> None:
        match op:
            case Told(promise):
                self.promises.append(promise)
            case Name():
                self._names.append(op)
            case Change(node, what):
                self._files.setdefault(node, (b"", []))[1].append(what)
            case Sync(node) if node.folder:
                certain = [name for name in self._names if any(folder is node for folder, _, _ in name.places)]
                self._names = [name for name in self._names if name not in certain]
                for name in certain:
                    _rename(self._certain, name)
            case Sync(node):
                synced, pending = self._files.get(node, (b"", []))
                self._files[node] = (_applied(synced, pending), [])

    def build(self, variant: str | int, to: Path) -> None:
        """Make the folder ``to`` one disk that may be found. ``variant``: one of VARIANTS, or a seed."""
        chance = random.Random(variant)
        names = {node: dict(entries) for node, entries in self._certain.items()}
        for name in self._survivors(variant, chance):
            _rename(names, name)
        self._write(self.root, names, variant, chance, to)

    def _survivors(self, variant: str | int, chance: random.Random) -> list[Name]:
        if variant in ("nothing", "bytes"):
            return []
        if variant in ("names", "all"):
            return self._names
        if chance.random() < 0.5:  # a journal keeps their order
            return self._names[: chance.randint(0, len(self._names))]
        return [name for name in self._names if chance.random() < 0.5]

    def _write(
        self, folder: Node, names: dict[Node, dict[str, Node]], variant: str | int, chance: random.Random, to: Path
    ) -> None:
        to.mkdir(mode=0o700)
        for name, node in sorted(names.get(folder, {}).items()):
            if node.folder:
                self._write(node, names, variant, chance, to / name)
            else:
                synced, pending = self._files.get(node, (b"", []))
                (to / name).write_bytes(_found(synced, pending, variant, chance))
                (to / name).chmod(0o600)


def _rename(names: dict[Node, dict[str, Node]], op: Name) -> None:
    for folder, name, node in op.places:
        entries = names.setdefault(folder, {})
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


def _applied(synced: bytes, pending: Iterable[Write | Cut]) -> bytes:
    content = bytearray(synced)
    for what in pending:
        _apply(content, what)
    return bytes(content)


def _apply(content: bytearray, what: Write | Cut) -> None:
    if isinstance(what, Cut):
        del content[what.size :]
        content.extend(bytes(what.size - len(content)))
        return
    end = what.offset + len(what.data)
    content.extend(bytes(max(0, end - len(content))))
    content[what.offset : end] = what.data


def _found(synced: bytes, pending: list[Write | Cut], variant: str | int, chance: random.Random) -> bytes:
    if variant == "nothing":
        return synced
    if variant in ("bytes", "all"):
        return _applied(synced, pending)
    content = bytearray(synced)
    for what in pending:
        if variant == "names":
            _apply(content, Write(what.offset, bytes(len(what.data))) if isinstance(what, Write) else what)
        elif isinstance(what, Cut):
            if chance.random() < 0.5:
                _apply(content, what)
        else:
            _tear(content, what, chance)
    return bytes(content)


def _tear(content: bytearray, write: Write, chance: random.Random) -> None:
    """Of a write that nothing synced each sector is there, or as it was before (zeros beyond the old end)."""
    whole = chance.choice((0.0, 0.5, 0.95, 1.0))
    for at in range(0, len(write.data), _SECTOR):
        if chance.random() < whole:
            _apply(content, Write(write.offset + at, write.data[at : at + _SECTOR]))
