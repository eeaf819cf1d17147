"""Can this page be kept? Each reason has its own measure, because no single number tells legible from not.

Where the limits come from: capture-notes section 5 (blur and motion measured on five pages with simulated damage),
then calibrated on the photos of the benchmark and on drawn pages.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.capture.decode import Image
from kiosk.capture.types import Reason

LOW_SCORE = 0.48
"""Below: nothing here is clearly a page."""
AT_BORDER = 4.0
"""A corner this close to the frame's border, in pixels of a 1600 px frame, may hide a cut-off part."""
FOLDED = 0.5
"""Share of a corner's triangle that looks like the mat."""
OFF_SHAPE = 0.30
"""Proportion this far from the shape that was asked for: only a part of the sheet is seen."""
BLUR_PX = 6.0
"""Edge width from which on text could not be read; pixels of the rectified page."""
MOTION_RATIO = 1.5
DARK_LEVEL = 70.0
GLARE_SHARE = 0.005
BLANK_SHARE = 0.001
EMPTY_DARK = 45.0
"""No page and the brightest 5 % of the frame below this: the lamp is off."""


def edge_widths(grey: Image) -> NDArray[np.float64] | None:
    """Width of the sharpest edges in four directions (0, 45, 90, 135 degrees), pixels; None with too few edges.

    Width is the contrast across an edge over its steepest slope. The lower quartile in the 24 busiest tiles is
    taken: a page is as sharp as its sharp strokes, and soft content (a seal, a photo) must not condemn it.
    """
    tiles = _busy_tiles(grey)
    gathered: list[list[NDArray[np.float64]]] = [[], [], [], []]
    for tile in tiles:
        soft = cv2.GaussianBlur(tile.astype(np.float32), (0, 0), 0.7)
        for index, (dx, dy) in enumerate(((1, 0), (1, 1), (0, 1), (-1, 1))):
            gathered[index].append(_widths(np.asarray(soft, np.float32), dx, dy))
    out = np.zeros(4)
    for index, parts in enumerate(gathered):
        widths = np.concatenate(parts) if parts else np.empty(0)
        if len(widths) < 60:
            return None
        out[index] = float(np.percentile(widths, 25))
    return out


def _busy_tiles(grey: Image, side: int = 96, count: int = 24) -> list[Image]:
    height, width = grey.shape
    margin = round(0.03 * min(height, width))
    spots: list[tuple[float, int, int]] = []
    slope = np.abs(cv2.Sobel(cv2.GaussianBlur(grey, (5, 5), 0), cv2.CV_32F, 1, 1, ksize=3))
    for y in range(margin, max(margin + 1, height - margin - side + 1), side):
        for x in range(margin, max(margin + 1, width - margin - side + 1), side):
            spots.append((float(slope[y : y + side, x : x + side].mean()), y, x))
    spots.sort(reverse=True)
    return [grey[y : y + side, x : x + side] for _, y, x in spots[:count]]


def _widths(tile: NDArray[np.float32], dx: int, dy: int) -> NDArray[np.float64]:
    reach = 7
    line = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    for k in range(-reach, reach + 1):
        line[reach + k * dy, reach + k * dx] = 1
    ahead = np.roll(tile, (-dy, -dx), (0, 1))
    behind = np.roll(tile, (dy, dx), (0, 1))
    pitch = float(np.hypot(dx, dy))
    slope = np.abs(ahead - behind) / (2 * pitch)
    contrast = cv2.dilate(tile, line) - cv2.erode(tile, line)
    peak = slope >= cv2.dilate(slope, line) - 1e-3
    strong = contrast > max(24.0, 0.5 * float(np.percentile(contrast, 95)))
    inner = np.zeros(tile.shape, bool)
    inner[reach:-reach, reach:-reach] = True
    chosen = peak & strong & inner & (slope > 1.0)
    return np.asarray(0.8 * contrast[chosen] / slope[chosen], np.float64)


def glare_share(image: Image, even: Image) -> float:
    """Share of the page under a specular patch that lies over writing.

    A patch is burnt out in all channels, clearly brighter than the paper, and larger than a letter. Paper that is
    itself burnt out all over is judged by what can be read on it, not here.
    """
    low = image.min(axis=2)
    paper = float(np.median(low))
    burnt = ((low >= 250) & (low > paper + 12)).astype(np.uint8)
    size = max(3, round(0.012 * max(image.shape[:2]))) | 1
    burnt = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    if not burnt.any():
        return 0.0
    ink = (even.min(axis=2) < 170).astype(np.uint8)
    rows = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((size, 6 * size), np.uint8))
    around = cv2.dilate(burnt, np.ones((2 * size + 1, 2 * size + 1), np.uint8))
    count, labels = cv2.connectedComponents(np.asarray(around, np.uint8))
    share = 0.0
    for label in range(1, count):
        patch = labels == label
        if np.asarray(rows)[patch].mean(dtype=np.float64) > 0.05:
            share += float((np.asarray(burnt)[patch] > 0).sum())
    return share / low.size


def ink_share(even: Image) -> float:
    """Share of the page, without its outer 4 %, that is clearly darker than its paper."""
    height, width = even.shape[:2]
    y, x = max(2, round(0.04 * height)), max(2, round(0.04 * width))
    grey = cv2.cvtColor(even[y:-y, x:-x], cv2.COLOR_BGR2GRAY)
    return float((cv2.GaussianBlur(grey, (3, 3), 0) < 185).mean())


def first(reasons: set[Reason]) -> Reason | None:
    """The most urgent one."""
    return next((reason for reason in Reason if reason in reasons), None)
