"""The live picture: reduced, letterboxed, into shared memory."""

from __future__ import annotations

import mmap
import os
import re

import cv2
import numpy as np

from kiosk.capture import decode
from kiosk.capture.decode import Image
from kiosk.capture.types import Preview, letterbox

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}")
_MAX_SIDE = 4096


def picture(jpeg: bytes, size: tuple[int, int]) -> Image:
    """The frame on black at ``size`` (width, height). Raises NotAPicture, or ValueError on a size out of bounds."""
    image, _ = decode.reduced(jpeg, max(size))
    return fit(image, size)


def fit(image: Image, size: tuple[int, int]) -> Image:
    """``image`` scaled into ``size`` (width, height), centred on black. Raises ValueError on a size out of bounds."""
    if not all(1 <= side <= _MAX_SIDE for side in size):
        raise ValueError(f"preview of {size[0]} x {size[1]}")
    height, width = image.shape[:2]
    scale, left, top = letterbox((width, height), size)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    out = np.zeros((size[1], size[0], 3), np.uint8)
    x, y = min(int(left), size[0] - inner[0]), min(int(top), size[1] - inner[1])
    out[y : y + inner[1], x : x + inner[0]] = cv2.resize(image, inner, interpolation=cv2.INTER_AREA)
    return out


def write(image: Image, block: Preview) -> bool:
    """Put ``image``, fitted, into the block; False when there is no such block or it is too small.

    The block is mapped by hand: ``multiprocessing.shared_memory`` before Python 3.13 would register it with a tracker
    of this process and remove it, from under its owner, when the child is replaced.
    """
    if not _NAME.fullmatch(block.name):
        return False
    try:
        pixels = fit(image, (block.width, block.height))
        fd = os.open(f"/dev/shm/{block.name}", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        if os.fstat(fd).st_size < pixels.nbytes:
            return False
        with mmap.mmap(fd, pixels.nbytes) as held:
            held[:] = pixels.tobytes()
    finally:
        os.close(fd)
    return True
