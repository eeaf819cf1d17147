"""How far a flat page is turned on the bed: the angle at which its edges, lines and rows of text line up.

Every steep place of the picture is a point with a sign (darker or brighter beyond it). Seen along the right angle the
points of a row of text, of a table's line or of the paper's own edge fall into the same bins; seen along any other they
cancel each other. Steepness is capped, so that a faint shadow line as long as the sheet weighs as much as black print.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.capture.geometry import Floats

_CAP = 12.0  # grey levels
_COARSE, _FINE = 12_000, 60_000  # points looked at
_LIKELY_DEG, _LIKELY = 12.0, 1.5
"""People lay papers roughly straight: an angle beyond needs this much more evidence."""


def skew(grey: NDArray[np.float32], noise: float, limit: float) -> float:
    """Degrees clockwise, between ``-limit`` and ``limit`` (at most 45), by which the page is turned; 0 if unsure.

    ``grey``: soft picture of about 100 dpi. ``noise``: grey levels below which a slope says nothing.
    """
    groups = [_points(grey, noise, way) for way in (0, 1)]
    if sum(len(weight) for _, weight in groups) < 200:
        return 0.0
    rough = [_thinned(group, _COARSE) for group in groups]
    angles = np.arange(-limit, limit + 0.1, 0.25)
    power = np.array([_power(rough, float(angle), 2.0) for angle in angles])
    power /= np.where(np.abs(angles) > _LIKELY_DEG, _LIKELY, 1.0)
    best = float(angles[int(np.argmax(power))])
    fine = [_thinned(group, _FINE) for group in groups]
    for reach, step in ((0.3, 0.05), (0.05, 0.0125)):
        near = best + np.arange(-reach, reach + step / 2, step)
        power = np.array([_power(fine, float(angle), 1.0) for angle in near])
        best = float(near[int(np.argmax(power))])
    return best


def _points(grey: NDArray[np.float32], noise: float, way: int) -> tuple[Floats, Floats]:
    """Where the picture is steep down (``way`` 0) or across (1): positions x, y from the middle, and capped slopes."""
    kernel = np.array((-1.0, 0.0, 1.0), np.float32)
    flat = np.ones(1, np.float32)
    slope = cv2.sepFilter2D(grey, cv2.CV_32F, *((flat, kernel) if way == 0 else (kernel, flat)))
    slope[:3], slope[-3:], slope[:, :3], slope[:, -3:] = 0, 0, 0, 0
    y, x = np.nonzero(np.abs(slope) > noise)
    place = np.stack((x, y), axis=1) - np.array((grey.shape[1] / 2, grey.shape[0] / 2))
    return np.asarray(place, np.float64), np.clip(np.asarray(slope[y, x], np.float64), -_CAP, _CAP)


def _thinned(group: tuple[Floats, Floats], count: int) -> tuple[Floats, Floats]:
    place, weight = group
    if len(weight) <= count:
        return group
    chosen = np.random.default_rng(0).choice(len(weight), count, replace=False)  # always the same ones
    return place[chosen], weight[chosen]


def _power(groups: list[tuple[Floats, Floats]], angle: float, bin_px: float) -> float:
    turn = np.radians(angle)
    along = ((-np.sin(turn), np.cos(turn)), (np.cos(turn), np.sin(turn)))
    return sum(
        _binned(place @ np.array(way), weight, bin_px) for (place, weight), way in zip(groups, along, strict=True)
    )


def _binned(at: Floats, weight: Floats, bin_px: float) -> float:
    if not len(at):
        return 0.0
    at = (at - at.min()) / bin_px
    low = at.astype(np.int64)
    share = at - low
    sums = np.bincount(low, weight * (1 - share), int(low.max()) + 2)
    sums += np.bincount(low + 1, weight * share, len(sums))
    return float(sums @ sums)
