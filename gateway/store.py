"""The local blob store, and the only place of the gateway that writes acknowledged files: fsync before every answer.

``<root>/<terminal>/<submission id>/`` holds ``manifest.json`` (the signed envelope), ``<sha256>.part`` while a part
arrives and ``<sha256>.age`` once its hash was proved. The offset of a part is the length of its file: there is no side
file that could disagree. Order that survives a power cut (sync-notes §4.5): write, fsync, rename, fsync the directory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
_BLOCK = 1024 * 1024


class StoreFull(OSError):
    """The disk is full; nothing that was acknowledged is lost."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission's files stand. The ids were checked before (hex of fixed length): they name directories."""

    terminal: str
    submission: str


class Store:
    """Calls block for the disk: run them off the event loop. A part's calls must not overlap (``gateway.parts``)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def free(self) -> int:
        """Free bytes on the store's disk."""
        return shutil.disk_usage(self._root).free

    def folder(self, place: Place) -> Path:
        """The directory of a submission; it may not exist yet."""
        return self._root / place.terminal / place.submission

    def put_manifest(self, place: Place, envelope: bytes) -> None:
        """Keep the signed manifest beside the parts; a second call with the same bytes costs one read."""
        path = self.folder(place) / MANIFEST
        if path.is_file() and path.read_bytes() == envelope:
            return
        with _space():
            self._make(path.parent)
            temporary = path.with_name(f"{secrets.token_hex(8)}.new")  # several requests may be here at once
            with temporary.open("wb") as file:
                file.write(envelope)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)

    def complete(self, place: Place, sha256: str) -> bool:
        """True once the part's hash was proved and its file is in place."""
        return self._done(place, sha256).is_file()

    def offset(self, place: Place, sha256: str) -> int:
        """How many bytes of a part are here and on the disk."""
        for path in (self._done(place, sha256), self._open(place, sha256)):
            try:
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                    return os.fstat(file.fileno()).st_size
            except FileNotFoundError:
                continue
        return 0

    def append(self, place: Place, sha256: str, offset: int, data: bytes) -> None:
        """Write ``data`` at ``offset``. Raises StoreFull."""
        path = self._open(place, sha256)
        with _space():
            new = not path.exists()
            if new:
                self._make(path.parent)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                view = memoryview(data)
                while view:
                    written = os.pwrite(descriptor, view, offset)
                    view, offset = view[written:], offset + written
            finally:
                os.close(descriptor)
            if new:
                _sync_folder(path.parent)

    def cut(self, place: Place, sha256: str, offset: int) -> None:
        """Shorten a part that is not complete back to ``offset`` bytes."""
        path = self._open(place, sha256)
        if path.exists():
            with path.open("r+b") as file:
                file.truncate(offset)
                os.fsync(file.fileno())

    def finish(self, place: Place, sha256: str) -> bool:
        """Prove a full part: True and in place for good, or False and dropped."""
        path = self._open(place, sha256)
        with path.open("rb") as file:
            os.fsync(file.fileno())
            good = _hash(path) == sha256
        if good:
            path.replace(self._done(place, sha256))
        else:
            path.unlink()
        _sync_folder(path.parent)
        return good

    def prove(self, place: Place, sha256: str) -> bool:
        """Read a complete part again and compare its hash; a part that does not hold is dropped and must come again."""
        path = self._done(place, sha256)
        try:
            if _hash(path) == sha256:
                return True
            path.unlink()
            _sync_folder(path.parent)
        except FileNotFoundError:
            pass
        return False

    def remove(self, place: Place) -> None:
        """Remove a withdrawn submission's parts; its manifest stays as the tombstone's proof."""
        folder = self.folder(place)
        if folder.is_dir():
            for path in folder.iterdir():
                if path.name != MANIFEST:
                    path.unlink()
            _sync_folder(folder)

    def _done(self, place: Place, sha256: str) -> Path:
        return self.folder(place) / f"{sha256}.age"

    def _open(self, place: Place, sha256: str) -> Path:
        return self.folder(place) / f"{sha256}.part"

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_folder(folder.parent)
            _sync_folder(self._root)


def write_folder(place: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files into a new folder (0700) that appears whole or not at all. Raises OSError; FileExistsError."""
    if place.exists():
        raise FileExistsError(f"{place} is there already; remove it first")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    new.mkdir(mode=0o700)
    try:
        for name, data in files:
            with (new / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        new.rename(place)
    except BaseException:  # an interrupt too: what is half written is somebody's papers in clear
        shutil.rmtree(new, ignore_errors=True)
        raise
    _sync_folder(place.parent)


def make_once(path: Path, data: bytes) -> None:
    """Write a small secret file (0600) whole or not at all; whoever comes second leaves the first one's bytes."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    temporary.unlink()
    _sync_folder(path.parent)


@contextmanager
def _space() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(error.errno, "the disk is full") from error
        raise


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
