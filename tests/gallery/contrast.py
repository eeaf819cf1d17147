"""Contrast of text as it stands on the screen (WCAG 2.1, 1.4.3), from the drawn pixels and the text's own colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Rows from the top, red, green, blue."""
LEAST = 4.5
_CORE = 20  # so many pixels of a text must show its colour


def luminance(colour: NDArray[Any]) -> NDArray[np.float64]:
    """Relative luminance of colours from 0 to 1, last axis red, green, blue."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def ratio(one: Any, other: Any) -> Any:
    """Contrast of two luminances, from 1 to 21."""
    return (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)


def behind(pixels: Pixels) -> NDArray[np.float64]:
    """The colour that most of the pixels have, from 0 to 1: what a text stands on."""
    flat = pixels.reshape(-1, 3)
    packed = flat.astype(np.uint32) >> 2
    keys = packed[:, 0] << 16 | packed[:, 1] << 8 | packed[:, 2]
    values, counts = np.unique(keys, return_counts=True)
    return flat[keys == values[counts.argmax()]].mean(axis=0) / 255.0


def of_text(pixels: Pixels, colour: tuple[float, ...]) -> tuple[float, float]:
    """(contrast of the text's colour on what is behind it, contrast that its strongest pixels really show)."""
    back = behind(pixels)
    alpha = colour[3] if len(colour) > 3 else 1.0
    mixed = np.array(colour[:3]) * alpha + back * (1 - alpha)
    seen = np.sort(ratio(luminance(pixels.reshape(-1, 3) / 255.0), luminance(back)))
    return float(ratio(luminance(mixed), luminance(back))), float(seen[-min(_CORE, len(seen))])
