"""The only place that calls fsync, rename and unlink: a file is there whole and durable, or it is not there.

The order that survives a power cut (sync-notes §4.5): write a temporary file, fsync it, rename it, fsync the folder,
and only then commit the index row that names it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

TEMPORARY = ".tmp-"


def make_folder(path: Path) -> None:
    """Create the folder (mode 0700) with its missing parents, durably. Raises OSError."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def write(path: Path, data: bytes) -> None:
    """Write the file (mode 0600) so that after a crash it is there whole, or as it was before. Raises OSError."""
    write_blocks(path, (data,))


def write_blocks(path: Path, blocks: Iterable[bytes], *, sync_every: int = 0) -> None:
    """The same for a file that comes in blocks; whatever ``blocks`` raises leaves the file as it was before.

    ``sync_every``: bytes after which what came so far goes to the disk, so that a slow one does not end in one long
    wait; 0 = once, at the end.
    """
    temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            waiting = 0
            for data in blocks:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                waiting += len(data)
                if sync_every and waiting >= sync_every:
                    os.fdatasync(descriptor)
                    waiting = 0
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.rename(path)
    except BaseException:
        with suppress(OSError):  # a stick that is gone has nothing to remove any more
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


@contextmanager
def from_the_disk(path: Path) -> Generator[BinaryIO]:
    """Open a file so that it is read from its disk again, not from memory. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        os.fsync(file.fileno())  # only what is written down can be forgotten
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        yield cast(BinaryIO, file)


def remove(paths: Iterable[Path]) -> None:
    """Remove the files durably; one that is gone already is no error. Raises OSError, the others being tried first."""
    folders: set[Path] = set()
    failed: OSError | None = None
    for path in paths:
        try:
            path.unlink(missing_ok=True)
            folders.add(path.parent)
        except OSError as error:
            failed = error
    for folder in folders:
        _sync_folder(folder)
    if failed is not None:
        raise failed


def sweep(folder: Path, keep: set[str]) -> int:
    """Remove every file of ``folder`` whose name is not in ``keep``, temporary ones too. How many. Raises OSError."""
    doomed = [path for path in folder.iterdir() if path.name not in keep]
    remove(doomed)
    return len(doomed)


def sweep_temporary(folder: Path) -> None:
    """Remove what an interrupted ``write`` left in ``folder``. Raises OSError."""
    remove(folder.glob(f"{TEMPORARY}*"))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
