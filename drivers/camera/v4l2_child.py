"""Grabs MJPG pictures from a V4L2 device: ``python -m drivers.camera.v4l2_child PATH``.

Reads one-byte words from stdin: ``1`` one picture, ``l`` all, ``p`` pause; end of file ends it. Writes each picture as
4 bytes of length (big-endian) and the JPEG as the camera made it. Not tested against hardware.
"""

from __future__ import annotations

import os
import resource
import select
import sys
from pathlib import Path

import cv2

_SETTLE = 3  # frames that a driver's queue may hold from before the question


def _write(data: bytes) -> None:
    view = memoryview(len(data).to_bytes(4, "big") + data)
    while view:
        view = view[os.write(1, view) :]


def main() -> int:
    """0 at the end of stdin, 1 when the device cannot be opened or is lost."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold a resident's page
    device = str(Path(sys.argv[1]).resolve())
    camera = cv2.VideoCapture(device, cv2.CAP_V4L2)
    if not camera.isOpened():
        return 1
    camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    camera.set(cv2.CAP_PROP_FRAME_WIDTH, 3264)
    camera.set(cv2.CAP_PROP_FRAME_HEIGHT, 2448)
    camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)  # hand out the camera's own JPEG
    live, due = False, 0
    while True:
        idle = not live and due == 0
        if select.select([0], [], [], None if idle else 0)[0]:
            words = os.read(0, 64)
            if not words:
                return 0
            for word in words.decode("ascii", "replace"):
                live = word == "l"
                due = _SETTLE if word == "1" else 0
            continue
        good, picture = camera.read()
        if not good:
            return 1
        due = max(0, due - 1)
        if live or due == 0:
            _write(picture.tobytes())


if __name__ == "__main__":
    raise SystemExit(main())
