"""The store as a folder of this machine, fsynced before every answer.

``<root>/<terminal>/<submission id>/`` holds ``manifest.json`` (the signed envelope), ``<sha256>.part`` while a part
arrives and ``<sha256>.age`` once its hash was proved. The offset of a part is the length of its file. Whoever writes a
part holds the lock of its file (flock: it ends with the process), so that several processes may serve.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway.store import durable
from gateway.store.port import ID, MANIFEST, Length, Moved, Place, WrongHash

_BLOCK = 1024 * 1024
_REMEMBERED = 10_000  # folders whose own name is known to be on the disk


class LocalStore:
    """``root``: the folder; it must be there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._anchored: set[Path] = set()
        self.block = 256 * 1024

    def free(self) -> int:
        """Free bytes on the folder's disk."""
        return shutil.disk_usage(self._root).free

    def folder(self, place: Place) -> Path:
        """The directory of a submission; it may not exist yet. For this package, the backup and the tests."""
        return self._root / place.terminal / place.submission

    def manifest(self, place: Place) -> bytes:
        """See the port."""
        return (self.folder(place) / MANIFEST).read_bytes()

    def read(self, place: Place, sha256: str) -> bytes:
        """See the port."""
        return self._done(place, sha256).read_bytes()

    def complete(self, place: Place, sha256: str) -> bool:
        """See the port."""
        return self._done(place, sha256).is_file()

    def length(self, place: Place, sha256: str) -> Length:
        """See the port."""
        for _ in range(2):  # between the two looks it may have been finished
            try:
                return Length(self._done(place, sha256).stat().st_size, complete=True)
            except FileNotFoundError:
                pass
            try:
                with self._open(place, sha256).open("rb") as file:
                    return Length(self._settled(place, file.fileno()), complete=False)
            except FileNotFoundError:
                pass
        return Length(0, complete=False)

    def missing(self, place: Place, envelope: bytes, parts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        """See the port. Complete parts are read back: that is cheap beside the fsyncs of their arrival."""
        self._keep(place, envelope)
        lengths = {sha256: self.length(place, sha256) for sha256 in parts}
        awaited = tuple((sha256, length.offset) for sha256, length in lengths.items() if not length.complete)
        if awaited:
            return awaited
        dropped = tuple((sha256, 0) for sha256 in parts if not self.prove(place, sha256))
        if not dropped:
            # Here, not at each name's making: one that was killed may have left names that are not on the disk yet.
            durable.sync_file(self.folder(place) / MANIFEST)
            self._sync_names(place)
        return dropped

    def _keep(self, place: Place, envelope: bytes) -> None:
        """The manifest beside the parts. Until a receipt is signed its row holds it too, so nothing is synced here."""
        path = self.folder(place) / MANIFEST
        try:
            if path.read_bytes() == envelope:
                return
        except FileNotFoundError:
            with durable.space():
                durable.make_folder(path.parent)
                durable.put(path, envelope)  # in nobody's place: another may have synced its own, for a receipt
        else:
            with durable.space():
                durable.write_over(path, envelope)

    def append(self, place: Place, sha256: str, offset: int, data: bytes) -> None:
        """See the port."""
        with durable.space(), self._held(place, sha256, make=True) as (descriptor, length):
            self._add(place, descriptor, length, offset, data)

    def write(self, place: Place, sha256: str, offset: int, data: bytes, size: int) -> Length:
        """See the port."""
        with durable.space(), self._held(place, sha256, make=True) as (descriptor, length):
            self._add(place, descriptor, length, offset, data)
            if offset + len(data) != size:
                return Length(self._settled(place, descriptor), complete=False)
            path = self._open(place, sha256)
            if _digest(descriptor, data if offset == 0 else b"") != sha256:
                durable.remove([path])
                raise WrongHash(sha256)
            durable.sync(descriptor)
            durable.move(path, self._done(place, sha256))
            self._sync_names(place)
            return Length(size, complete=True)

    def _add(self, place: Place, descriptor: int, length: int, offset: int, data: bytes) -> None:
        if length != offset:
            raise Moved(self._settled(place, descriptor))
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, offset)
            view, offset = view[written:], offset + written

    def cut(self, place: Place, sha256: str, offset: int, to: int) -> None:
        """See the port."""
        try:
            with self._held(place, sha256) as (descriptor, length):
                if length == offset > to:
                    durable.shorten(descriptor, to)
        except Moved:
            pass

    def prove(self, place: Place, sha256: str) -> bool:
        """See the port."""
        path = self._done(place, sha256)
        try:
            with path.open("rb") as file:
                if _digest(file.fileno()) == sha256:
                    return True
        except FileNotFoundError:
            return False
        durable.remove([path])
        return False

    def remove(self, place: Place) -> None:
        """See the port."""
        folder = self.folder(place)
        if folder.is_dir():
            durable.remove([path for path in folder.iterdir() if path.name != MANIFEST])

    def places(self) -> Iterator[Place]:
        """See the port."""
        for terminal in _folders(self._root):
            for submission in _folders(terminal):
                yield Place(terminal.name, submission.name)

    def tidy(self, place: Place, named: Collection[str], idle_s: float) -> int:
        """See the port."""
        done = {f"{sha256}.age" for sha256 in named}
        growing = {f"{sha256}.part" for sha256 in named if not self.complete(place, sha256)}
        before = time.time() - idle_s
        old: list[Path] = []
        try:
            for path in self.folder(place).iterdir():
                if path.name not in {MANIFEST, *done, *growing} and path.stat().st_mtime < before:
                    old.append(path)
        except FileNotFoundError:
            pass
        return durable.remove(old)

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _held(self, place: Place, sha256: str, *, make: bool = False) -> Generator[tuple[int, int]]:
        """The part's file that is not complete, locked, and its length. Raises Moved when there is none."""
        path = self._open(place, sha256)
        while True:
            try:
                descriptor = os.open(path, os.O_RDWR)
            except FileNotFoundError:
                here = self.length(place, sha256)
                if here.complete or not make:
                    raise Moved(here.offset) from None
                durable.make_folder(path.parent)
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                held = os.fstat(descriptor)
                if held.st_nlink and _is(path, held):
                    if held.st_size == 0 and self.complete(place, sha256):  # made anew beside what was just finished
                        durable.remove([path])
                        continue
                    yield descriptor, held.st_size
                    return
            finally:
                os.close(descriptor)

    def _settled(self, place: Place, descriptor: int) -> int:
        """The length of a part's file, once its bytes and its name are on the disk."""
        durable.sync(descriptor)
        length = os.fstat(descriptor).st_size
        self._sync_names(place)
        return length

    def _sync_names(self, place: Place) -> None:
        """The names in a submission's folder are on the disk, and its own name (once for each process is enough)."""
        folder = self.folder(place)
        durable.sync_folder(folder)
        if folder not in self._anchored:
            for each in (folder.parent, self._root):
                durable.sync_folder(each)
            if len(self._anchored) >= _REMEMBERED:
                self._anchored.clear()
            self._anchored.add(folder)

    def _done(self, place: Place, sha256: str) -> Path:
        return self.folder(place) / f"{sha256}.age"

    def _open(self, place: Place, sha256: str) -> Path:
        return self.folder(place) / f"{sha256}.part"


def _is(path: Path, held: os.stat_result) -> bool:
    """Whether the name still stands for the file that is held."""
    try:
        return path.stat().st_ino == held.st_ino
    except FileNotFoundError:
        return False


def _folders(root: Path) -> Iterator[Path]:
    yield from (path for path in sorted(root.iterdir()) if ID.fullmatch(path.name) and path.is_dir())


def _digest(descriptor: int, data: bytes = b"") -> str:
    """The hash of a whole file. ``data``: what it holds, where that is at hand."""
    digest = hashlib.sha256(data)
    at = 0
    while not data and (block := os.pread(descriptor, _BLOCK, at)):
        digest.update(block)
        at += len(block)
    return digest.hexdigest()
