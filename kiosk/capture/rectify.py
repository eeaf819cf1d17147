"""From the quad to a straight page, in one resampling, never finer than the camera saw it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.capture.decode import Image
from kiosk.capture.geometry import Floats, aspect, sides
from kiosk.capture.types import Shape

SAME_SHAPE = 0.07
"""Largest difference in proportion at which a sheet is taken to be of the shape that was asked for."""
_MM = 25.4


@dataclass(frozen=True, slots=True)
class Flat:
    """A straightened page. ``dpi``: 0 when the sheet's size is unknown. ``off``: how far its proportion is from the
    shape asked for (0.1 is 10 %; 0 when the shape is "any"). ``source_scale``: camera pixels per pixel of ``image``."""

    image: Image
    dpi: float
    off: float
    source_scale: float


def rectify(image: Image, quad: Floats, shape: Shape) -> Flat:
    """Straighten ``quad`` of the full frame ``image``.

    A sheet that is near the asked proportions gets exactly them; another one keeps its own, as measured.
    """
    lengths = sides(quad)
    seen = max(float(lengths[0]), float(lengths[2])), max(float(lengths[1]), float(lengths[3]))
    ratio = aspect(quad, (image.shape[1], image.shape[0]))
    off, dpi = 0.0, 0.0
    if shape.short_mm is not None and shape.long_mm is not None:
        asked = shape.long_mm / shape.short_mm
        off = max(ratio, 1 / ratio) / asked - 1
        if abs(off) <= SAME_SHAPE:
            ratio = asked if ratio >= 1 else 1 / asked
        # Both sides at the resolution of the better seen one; the short side tells the size of an unexpected sheet.
        width_mm = shape.long_mm if ratio >= 1 else shape.short_mm
        if abs(off) > SAME_SHAPE:
            width_mm = shape.short_mm * max(ratio, 1.0)
        height_mm = width_mm / ratio
        dpi = min(shape.max_dpi, max(seen[0] / width_mm, seen[1] / height_mm) * _MM)
        size = round(width_mm / _MM * dpi), round(height_mm / _MM * dpi)
    else:
        # No size known: as large as the camera saw it, but not more than A4 would have at that limit.
        width = max(seen[0], seen[1] * ratio)
        limit = shape.max_dpi * 297.0 / _MM / max(width, width / ratio)
        width *= min(1.0, limit)
        size = round(width), round(width / ratio)
    size = max(size[0], 8), max(size[1], 8)
    scale = max(seen[0] / size[0], seen[1] / size[1])
    # One pixel less all round: the outermost row is half mat and would draw a dotted line round the page.
    right, bottom = size[0] + 1, size[1] + 1
    straight = np.array(((-1, -1), (right, -1), (right, bottom), (-1, bottom)), np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), straight)
    how = cv2.INTER_AREA if scale > 1.5 else cv2.INTER_CUBIC
    if scale > 1.5:  # warping cannot average: shrink the frame first, so that thin strokes are not dropped
        image = np.asarray(cv2.resize(image, None, fx=1.25 / scale, fy=1.25 / scale, interpolation=how), np.uint8)
        matrix = np.asarray(matrix, np.float64) * np.array((scale / 1.25, scale / 1.25, 1.0))
    flat = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Flat(np.asarray(flat, np.uint8), dpi, off, scale)
