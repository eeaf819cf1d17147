"""The only module of the gateway that makes files durable, moves them or takes them away.

Order that survives a power cut (sync-notes §4.5): write, fsync, rename, fsync the directory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from gateway.store.port import StoreFull

_BLOCK = 1024 * 1024


def put(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole: of several at once the first stays. Not synced: see ``sync_file``."""
    temporary = path.with_name(f"{secrets.token_hex(8)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    temporary.unlink()


def make_folder(folder: Path) -> None:
    """A folder and those above it, each for the owner alone."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def move(path: Path, to: Path) -> None:
    """Rename within one folder; that is the caller's to sync."""
    path.replace(to)


def sync_file(path: Path) -> None:
    """What was written is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync(descriptor: int) -> None:
    """What was written is on the disk."""
    os.fsync(descriptor)


def shorten(descriptor: int, length: int) -> None:
    """Cut a file for good."""
    os.ftruncate(descriptor, length)
    os.fsync(descriptor)


def remove(paths: Iterable[Path]) -> int:
    """Remove files, for good; returns how many. One that is gone already is no error."""
    folders: set[Path] = set()
    count = 0
    for path in paths:
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        folders.add(path.parent)
        count += 1
    for folder in folders:
        sync_folder(folder)
    return count


def sync_folder(folder: Path) -> None:
    """The names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
        appear(new, place)
    except BaseException:  # an interrupt too: what is half written is somebody's papers in clear
        shutil.rmtree(new, ignore_errors=True)
        raise


def write_over(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of whatever is there, whole or not at all, for good; a stick with a FAT will do."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


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
    sync_folder(path.parent)


def copy(source: Path, to: Path) -> str:
    """Copy a file for good, readable by the owner alone; returns its SHA-256. The folder is the caller's to sync."""
    digest = hashlib.sha256()
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as read, os.fdopen(descriptor, "wb") as file:
        while block := read.read(_BLOCK):
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def sync_tree(folder: Path) -> None:
    """The names in a folder and in all below it are on the disk."""
    for each in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(each)


def appear(folder: Path, place: Path) -> None:
    """Give a folder that is whole its name. ``place`` may be there, empty."""
    sync_tree(folder)
    folder.rename(place)
    sync_folder(place.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it."""
    shutil.rmtree(folder)
    sync_folder(folder.parent)


@contextmanager
def space() -> Generator[None]:
    """Name a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(error.errno, "the disk is full") from error
        raise
