"""Can this page be kept? Each reason has its own measure, because no single number tells legible from not.

Where the limits come from: capture-notes section 5 (blur and motion measured on five pages with simulated damage),
then calibrated on the photos of the benchmark and on drawn pages.
"""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.capture.decode import Image
from kiosk.capture.types import Reason

LOW_SCORE = 0.48
"""Below: nothing here is clearly a page."""
AT_BORDER = 4.0
"""A corner this close to the frame's border, in pixels of a 1600 px frame, may hide a cut-off part."""
MISSING_CORNER = 0.6
"""Share of a corner's triangle that shows the mat."""
OFF_SHAPE = 0.30
"""Proportion this far from the shape that was asked for: only a part of the sheet is seen."""
BLUR_MM = 0.72
"""Width of the sheet's edge on the paper. Drawn pages: up to 0.69 mm every number of 7 to 10 point print was still
read, from 0.76 mm on some were not, and at 0.9 mm hardly any."""
BLUR_SHARE = 0.005
"""The same where the size of the sheet is unknown, as a share of its short side; never less than BLUR_LEAST_PX."""
BLUR_LEAST_PX = 5.0
MOTION_RATIO = 1.6
"""Blur this much wider in one direction than across it is told as motion."""
BURNT = 250
"""Level at which a channel counts as burnt out; JPEG and white balance keep it from 255."""
BLANK_SHARE = 0.001
PAPER_LEVEL = 90.0
"""What fills the frame is taken for paper from this grey level on: the mat is darker."""
RUNS_OUT_AREA, RUNS_OUT_BORDER = 0.10, 0.05
"""A bright patch of at least this share of the frame, on this share of its border, is a page that runs out of it."""
EMPTY_DARK = 22.0
"""No page and the brightest 5 % of the frame below this: the lamp is off. A lit, empty, dark mat lies at 35 to 45."""


def glare_share(image: Image, even: Image) -> float:
    """Share of the page under specular patches, as far as they lie within the written area.

    A patch is burnt out in all channels, clearly brighter than the paper, and larger than a letter. What stood under
    it is gone, so the written area is the box round all writing. Paper that is burnt out all over is judged by what
    can be read on it, not here.
    """
    low = image.min(axis=2)
    paper = float(np.median(low))
    burnt = ((low >= BURNT) & (low > paper + 12)).astype(np.uint8)
    size = max(3, round(0.012 * max(image.shape[:2]))) | 1
    burnt = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    if not np.any(burnt):
        return 0.0
    height, width = low.shape
    edge_y, edge_x = round(0.03 * height), round(0.03 * width)
    ink = (cv2.blur(even, (5, 5)).min(axis=2) < 190)[edge_y : height - edge_y, edge_x : width - edge_x]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return 0.0
    top, bottom = edge_y + int(rows[0]) - size, edge_y + int(rows[-1]) + size
    left, right = edge_x + int(columns[0]) - size, edge_x + int(columns[-1]) + size
    inside = np.asarray(burnt)[max(0, top) : bottom, max(0, left) : right]
    return float(np.count_nonzero(inside)) / low.size


def ink_share(even: Image) -> float:
    """Share of the page, without its outer 4 %, that is clearly darker than its paper."""
    height, width = even.shape[:2]
    y, x = max(2, round(0.04 * height)), max(2, round(0.04 * width))
    grey = cv2.cvtColor(even[y:-y, x:-x], cv2.COLOR_BGR2GRAY)
    return float((cv2.GaussianBlur(grey, (3, 3), 0) < 205).mean())


def first(reasons: set[Reason]) -> Reason | None:
    """The most urgent one."""
    return next((reason for reason in Reason if reason in reasons), None)
