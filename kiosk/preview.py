"""The live picture's way to the window: two blocks of shared memory, written in turn.

The capture child writes into the block that is not shown, so that the window never reads a torn picture. The blocks
hold what lies under the camera, so they are zeroed and removed at the end of the visit, and those of a station that was
killed are removed at the next start. Plain files under /dev/shm: ``multiprocessing.SharedMemory`` before Python 3.13
lets its resource tracker remove a block that others still use.
"""

from __future__ import annotations

import mmap
import os
import secrets
from pathlib import Path

from kiosk.capture.types import Preview
from kiosk.status import LiveView

FOLDER = Path("/dev/shm")
WIDTH, HEIGHT = 960, 720
"""Pixels of the live picture: the camera view of the drawings at 1080 x 1920 is 984 wide."""


class PreviewBlocks:
    """``owner``: a word that no other station of this machine has; names begin with it. Used by one thread.

    ``shared``: the window has a user of its own; the station's group may read the blocks.
    """

    def __init__(self, owner: str, shared: bool = False) -> None:
        self._mode = 0o640 if shared else 0o600
        self._prefix = f"adm-{owner}-"
        self._names: list[str] = []
        self._seq = 0
        self._sweep()

    def next(self) -> Preview | None:
        """The block to write the next picture into; None when there is no room for one."""
        try:
            while len(self._names) < 2:
                self._names.append(self._create())
        except OSError:
            return None
        return Preview(self._names[(self._seq + 1) % 2], WIDTH, HEIGHT)

    def written(self) -> LiveView:
        """The view of the block that ``next`` gave, now that it holds a picture."""
        self._seq += 1
        return LiveView(shm=self._names[self._seq % 2], width=WIDTH, height=HEIGHT, seq=self._seq)

    def wipe(self) -> None:
        """Zero and remove both blocks."""
        for name in self._names:
            _zero(FOLDER / name)
        self._names.clear()

    def _create(self) -> str:
        name = self._prefix + secrets.token_hex(6)
        fd = os.open(FOLDER / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(fd, self._mode)
            os.posix_fallocate(fd, 0, WIDTH * HEIGHT * 3)  # now, or the first write to a full /dev/shm is a SIGBUS
        except OSError:
            (FOLDER / name).unlink()
            raise
        finally:
            os.close(fd)
        return name

    def _sweep(self) -> None:
        for path in FOLDER.glob(self._prefix + "*"):
            _zero(path)


def _zero(path: Path) -> None:
    try:
        with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as block:
            block[:] = bytes(len(block))
        path.unlink()
    except (OSError, ValueError):
        path.unlink(missing_ok=True)  # empty, or not to be mapped: there is nothing in it to zero
