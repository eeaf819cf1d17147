"""A virtual X screen whose pixels lie in a file: looking at them costs the measured programs nothing."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self


class Framebuffer:
    """Xvfb with its frame buffer in a mapped XWD file. ``display``: its name."""

    def __init__(self, size: tuple[int, int] = (1080, 1920)) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="adm-frame-")
        read, write = os.pipe()
        where = ("-fbdir", self._folder.name, "-screen", "0", f"{size[0]}x{size[1]}x24")
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-noreset", *where],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            self.display = f":{answer.readline().decode().strip()}"
        file = Path(self._folder.name) / "Xvfb_screen0"
        with file.open("rb") as source:
            self._pixels = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
        head = struct.unpack(">25I", self._pixels[:100])  # XWDFileHeader: big-endian in Xvfb's file
        self._start = head[0] + head[19] * 12
        self._stride = head[12]
        self.size = size

    def colours(self) -> set[bytes]:
        """The colours on a coarse grid (every 40 pixels)."""
        found: set[bytes] = set()
        for y in range(20, self.size[1], 40):
            row = self._start + y * self._stride
            for x in range(20, self.size[0], 40):
                found.add(self._pixels[row + 4 * x : row + 4 * x + 3])
        return found

    def wait_drawn(self, since: float, *, within: float = 20) -> float:
        """Seconds from ``since`` (time.monotonic) until something with three colours or more is on the screen."""
        while len(self.colours()) < 3:
            if time.monotonic() - since > within:
                raise TimeoutError(f"nothing was drawn within {within} s")
            time.sleep(0.005)
        return time.monotonic() - since

    def wait_empty(self, *, within: float = 10) -> None:
        """Wait until no window is left."""
        end = time.monotonic() + within
        while len(self.colours()) > 1:
            if time.monotonic() > end:
                raise TimeoutError("the window did not go")
            time.sleep(0.02)

    def close(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait()
        self._pixels.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
