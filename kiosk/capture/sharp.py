"""How sharp the picture is, measured twice: on the sheet's own four sides, and on the writing.

The sides are the better witness. They are long clean steps in two directions, there on every page, and their width can
be told in millimetres on the paper. The writing is asked as well because a sheet's edge can be sharp where its middle
is not. One number over the whole page would miss motion (capture-notes, section 5).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.capture.decode import Image
from kiosk.capture.geometry import Floats

_PLACES, _TOGETHER = 48, 4
_LEAST_STEP = 25.0  # grey levels; a fainter edge says nothing about sharpness
_TILE, _TILES = 96, 24


def side_spread(frame: Image, quad: Floats, reach: float) -> tuple[float, float]:
    """Width of the sheet's edge from 10 to 90 %, pixels of ``frame``: across the upright sides, across the level ones.

    ``reach``: pixels looked at on either side. Of each pair of sides the sharper counts, and of each side its sharper
    quarter: shadows and curls widen an edge, nothing narrows it. 0 where no side shows a clear step.
    """
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    widths = [_spread(grey, quad[i], quad[(i + 1) % 4], reach) for i in range(4)]
    level, upright = (min((w for w in pair if w > 0), default=0.0) for pair in (widths[0::2], widths[1::2]))
    return upright, level


def _spread(grey: Image, start: Floats, end: Floats, reach: float) -> float:
    ahead = end - start
    length = max(float(np.linalg.norm(ahead)), 1e-6)
    inward = np.array((-ahead[1], ahead[0])) / length
    across = np.arange(-reach, reach + 0.25, 0.5)
    base = start + ahead * np.linspace(0.06, 0.94, _PLACES)[:, None]
    at = base[:, None] + inward * across[None, :, None]
    height, width = grey.shape
    seen = np.all((at >= 0) & (at <= np.array((width - 1, height - 1))), axis=(1, 2))
    read = cv2.remap(grey, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32), cv2.INTER_LINEAR)
    profiles = np.asarray(read, np.float64).reshape(_PLACES // _TOGETHER, _TOGETHER, -1).mean(axis=1)
    usable = seen.reshape(-1, _TOGETHER).all(axis=1)
    quarter = max(2, len(across) // 6)
    found: list[float] = []
    for profile in profiles[usable]:
        low, high = float(np.median(profile[:quarter])), float(np.median(profile[-quarter:]))
        if abs(high - low) < _LEAST_STEP:
            continue
        part = (profile - low) / (high - low)
        middle = int(np.argmin(np.abs(part - 0.5) + 0.01 * np.abs(across)))
        first, last = middle, middle
        while first > 0 and part[first] > 0.1:
            first -= 1
        while last < len(part) - 1 and part[last] < 0.9:
            last += 1
        if first > 0 and last < len(part) - 1:
            begin = first + (0.1 - part[first]) / max(part[first + 1] - part[first], 1e-6)
            finish = last - (part[last] - 0.9) / max(part[last] - part[last - 1], 1e-6)
            found.append(0.5 * float(finish - begin))
    return float(np.percentile(found, 25)) if len(found) >= 3 else 0.0


def stroke_width(grey: Image) -> float:
    """Width of the edges of the writing, pixels, in the direction in which they are softest; 0 with too little writing.

    Contrast across an edge over its steepest slope, in four directions; the lower quartile in the busiest tiles is
    taken: a page is as sharp as its sharp strokes, and a soft seal or photo must not condemn it.
    """
    gathered: list[list[Floats]] = [[], [], [], []]
    for tile in _busy_tiles(grey):
        soft = np.asarray(cv2.GaussianBlur(tile.astype(np.float32), (0, 0), 0.7), np.float32)
        for index, (dx, dy) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
            gathered[index].append(_stroke_widths(soft, dx, dy))
    widest = 0.0
    for parts in gathered:
        widths = np.concatenate(parts) if parts else np.empty(0)
        if len(widths) < 60:
            return 0.0
        widest = max(widest, float(np.percentile(widths, 25)))
    return widest


def _busy_tiles(grey: Image) -> list[Image]:
    height, width = grey.shape
    margin = round(0.03 * min(height, width))
    slope = np.abs(cv2.Sobel(cv2.GaussianBlur(grey, (5, 5), 0), cv2.CV_32F, 1, 1, ksize=3))
    spots: list[tuple[float, int, int]] = []
    for y in range(margin, max(margin + 1, height - margin - _TILE + 1), _TILE):
        for x in range(margin, max(margin + 1, width - margin - _TILE + 1), _TILE):
            spots.append((float(slope[y : y + _TILE, x : x + _TILE].mean()), y, x))
    spots.sort(reverse=True)
    return [grey[y : y + _TILE, x : x + _TILE] for _, y, x in spots[:_TILES]]


def _stroke_widths(tile: NDArray[np.float32], dx: int, dy: int) -> Floats:
    reach = 7
    line = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    for k in range(-reach, reach + 1):
        line[reach + k * dy, reach + k * dx] = 1
    ahead = np.roll(tile, (-dy, -dx), (0, 1))
    behind = np.roll(tile, (dy, dx), (0, 1))
    slope = np.abs(ahead - behind) / (2 * float(np.hypot(dx, dy)))
    contrast = cv2.dilate(tile, line) - cv2.erode(tile, line)
    peak = slope >= cv2.dilate(slope, line) - 1e-3
    strong = contrast > max(24.0, 0.5 * float(np.percentile(contrast, 95)))
    inner = np.zeros(tile.shape, bool)
    inner[reach:-reach, reach:-reach] = True
    chosen = peak & strong & inner & (slope > 1.0)
    return np.asarray(0.8 * contrast[chosen] / slope[chosen], np.float64)
