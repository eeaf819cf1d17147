"""JPEG bytes to pixels, bounded, and only ever a JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, BGR, or height x width, grey."""

MAX_PIXELS = 50_000_000
"""More than any document camera gives; keeps a forged header from taking the memory."""
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start-of-frame markers, ITU-T T.81 table B.1
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}


class NotAPicture(Exception):
    """The bytes are no JPEG that can be decoded."""


def size(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the header, without decoding. Raises NotAPicture."""
    if jpeg[:2] != b"\xff\xd8":
        raise NotAPicture("no JPEG")
    at = 2
    while at + 9 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise NotAPicture("broken header")
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _SIZES:
            height, width = int.from_bytes(jpeg[at + 5 : at + 7]), int.from_bytes(jpeg[at + 7 : at + 9])
            if not 0 < width * height <= MAX_PIXELS:
                raise NotAPicture(f"{width} x {height} pixels")
            return width, height
        else:
            at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    raise NotAPicture("no size in the header")


def full(jpeg: bytes) -> Image:
    """All pixels, BGR. Raises NotAPicture."""
    size(jpeg)
    return _decode(jpeg, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


def reduced(jpeg: bytes, long_side: int) -> tuple[Image, float]:
    """The picture with its long side at most ``long_side`` px, and the scale from it to the full frame.

    The decoder itself skips detail by 2, 4 or 8 while the result stays at least that long, which is several times
    faster than decoding everything. Raises NotAPicture.
    """
    width, height = size(jpeg)
    factor = max((f for f in (2, 4, 8) if max(width, height) // f >= long_side), default=1)
    flags = _REDUCED.get(factor, cv2.IMREAD_COLOR)
    image = _decode(jpeg, flags | cv2.IMREAD_IGNORE_ORIENTATION)
    shrink = long_side / max(image.shape[:2])
    if shrink < 1:
        image = np.asarray(cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    return image, max(width, height) / max(image.shape[:2])


def _decode(jpeg: bytes, flags: int) -> Image:
    try:
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None or image.ndim != 3:
        raise NotAPicture("cannot be decoded")
    return np.asarray(image, np.uint8)
