"""A document camera on USB, by its stable path below ``/dev/v4l/by-id``.

OpenCV can hang in a camera's driver and is kept out of the station: a child process (``drivers.camera.v4l2_child``)
grabs and writes each JPEG, length first, to its stdout. The child stays open between pictures, because the first grab
of a USB camera takes hundreds of milliseconds; it is killed when it falls silent.

Not tested against hardware: the test machines have no V4L2 device and cannot load a virtual one. What stands behind
the pipe is tested through the same framing with a camera that is not there.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from drivers.camera.multipart import PART_LIMIT
from drivers.camera.source import CameraDelays, DocumentCamera, SourceGarbled, SourceLost
from drivers.worker import Supervision

_ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 256 * 1024
ONE, LIVE, PAUSE = b"1", b"l", b"p"


class V4l2Source:
    """Frames from the child process of one device path."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._child: subprocess.Popen[bytes] | None = None
        self._buffer = bytearray()

    @property
    def address(self) -> str:
        """``v4l2:`` and the device path."""
        return f"v4l2:{self._path}"

    @property
    def noisy(self) -> bool:
        """Never: the framing is our own."""
        return False

    def open(self, live: bool) -> None:
        """Start the child when there is none, and ask it. Raises ``SourceLost``."""
        if not Path(self._path).exists():
            self.release()
            raise SourceLost(f"{self._path} is not there")
        if self._child is None or self._child.poll() is not None:
            self.release()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "drivers.camera.v4l2_child", self._path],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
        self._ask(LIVE if live else ONE)

    def read(self, limit: float) -> bytes | None:
        """The newest frame within ``limit`` seconds, or None. Raises ``SourceLost`` or ``SourceGarbled``."""
        child = self._child
        if child is None or child.stdout is None:
            raise SourceLost("no child process")
        end = time.monotonic() + limit
        newest: bytes | None = None
        while True:
            left = end - time.monotonic()
            if not select.select([child.stdout], [], [], 0.0 if newest is not None else max(0.0, left))[0]:
                return newest
            data = os.read(child.stdout.fileno(), _CHUNK)
            if not data:
                self.release()
                raise SourceLost("the camera's child process ended")
            self._buffer += data
            frames = take_frames(self._buffer)
            if frames:
                newest = frames[-1]
            if left <= 0:
                return newest

    def close(self) -> None:
        """Pause the child; never raises, may be called twice."""
        try:
            self._ask(PAUSE)
        except SourceLost:  # the child is gone, which the next open mends
            pass

    def release(self) -> None:
        """End the child; never raises."""
        child, self._child = self._child, None
        self._buffer = bytearray()
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, word: bytes) -> None:
        child = self._child
        if child is None or child.stdin is None:
            raise SourceLost("no child process")
        try:
            child.stdin.write(word)
        except (OSError, ValueError) as error:
            raise SourceLost(str(error)) from error


def take_frames(buffer: bytearray) -> list[bytes]:
    """Take the whole frames (4 bytes of length, big-endian, then the JPEG) off ``buffer``. Raises ``SourceGarbled``."""
    frames: list[bytes] = []
    while len(buffer) >= 4:
        length = int.from_bytes(buffer[:4], "big")
        if length > PART_LIMIT:
            raise SourceGarbled(f"a frame of {length} bytes")
        if len(buffer) < 4 + length:
            break
        frames.append(bytes(buffer[4 : 4 + length]))
        del buffer[: 4 + length]
    return frames


class V4l2Camera(DocumentCamera):
    """A document camera by device path."""

    def __init__(
        self,
        path: str,
        *,
        delays: CameraDelays | None = None,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(V4l2Source(path), delays=delays, supervision=supervision, clock=clock)
