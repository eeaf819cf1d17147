"""The page as JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.capture.decode import Image
from kiosk.capture.types import THUMB_SIDE

PAGE_QUALITY = 60
CARD_QUALITY = 75
"""Size and legibility at these settings: the benchmark prints them."""
_THUMB_QUALITY = 80


def page(image: Image, quality: int) -> bytes:
    """The whole page."""
    return _jpeg(image, quality)


def thumb(image: Image) -> bytes:
    """The page with its long side at ``THUMB_SIDE`` px."""
    shrink = min(1.0, THUMB_SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return _jpeg(np.asarray(small, np.uint8), _THUMB_QUALITY)


def _jpeg(image: Image, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not done:
        raise RuntimeError("JPEG encoder refused the picture")
    return data.tobytes()
