"""Candidate pages: many weak cues, each of which is allowed to be wrong.

Brightness, blue channel, saturation and the distance from the colour of the frame's border, each cut at several levels;
Canny edges at several strengths; long straight lines in pairs. What is found here is only proposed; ``find`` decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import cast

import cv2
import numpy as np

from kiosk.capture.decode import Image
from kiosk.capture.geometry import Floats, angles, convex, crossing, ordered

MIN_AREA = 0.03
"""Smallest page, as a share of the frame: an ID-1 card under a camera that sees 1.5 times A4 covers 0.05."""
_MAX_LINES = 14
_MIN_ANGLE, _MAX_ANGLE = 45.0, 135.0  # a sheet seen up to about 40 degrees off the vertical stays inside


def candidates(image: Image, lab: Floats) -> Floats:
    """Quads (n x 4 x 2, clockwise) that may be the page. ``lab``: the image in CIE L*a*b*, L 0 to 100."""
    quads = [*_from_regions(image, lab), *_from_edges(image, lab)]
    found = np.array(quads).reshape(-1, 4, 2) if quads else np.empty((0, 4, 2))
    found = np.concatenate((found, _from_lines(image)))
    return _plausible(found, image.shape[1], image.shape[0])


def _plausible(quads: Floats, width: int, height: int) -> Floats:
    """Drop what no sheet looks like: not convex, too small, too slanted, mostly outside the frame; and twins."""
    if not len(quads):
        return quads
    x, y = quads[..., 0], quads[..., 1]
    area = 0.5 * np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1)
    angle = angles(quads)
    margin = 0.08 * max(width, height)
    inside = np.all((x > -margin) & (y > -margin) & (x < width + margin) & (y < height + margin), axis=1)
    good = convex(quads) & (area > MIN_AREA * width * height) & inside
    good &= np.all((angle > _MIN_ANGLE) & (angle < _MAX_ANGLE), axis=1)
    quads = quads[good]
    _, first = np.unique(np.round(quads.reshape(len(quads), 8) / 3), axis=0, return_index=True)
    return quads[np.sort(first)]


def channels(image: Image, lab: Floats) -> list[Image]:
    """The single-channel pictures in which a page may stand out; each 0 to 255, page expected bright."""
    ring = max(2, round(0.02 * max(lab.shape[:2])))
    border = np.concatenate([part.reshape(-1, 3) for part in (lab[:ring], lab[-ring:], lab[:, :ring], lab[:, -ring:])])
    away = np.linalg.norm(lab - np.median(border, axis=0), axis=2)
    away *= 255 / max(float(np.percentile(away, 99)), 1e-6)
    light = lab[..., 0] * 2.55
    dull = 255 - 4 * np.hypot(lab[..., 1], lab[..., 2])
    pictures = (light, away, dull, image[..., 0])
    return [np.asarray(cv2.medianBlur(np.clip(p, 0, 255).astype(np.uint8), 5), np.uint8) for p in pictures]


def _from_regions(image: Image, lab: Floats) -> Iterator[Floats]:
    side = max(image.shape[:2])
    closer = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, side // 60) | 1,) * 2)
    opener = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(3, side // 40) | 1,) * 2)
    for picture in channels(image, lab):
        otsu, _ = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        bright = picture[picture > otsu]
        second = float(np.median(bright)) if bright.size else otsu
        levels = {round(otsu), round(0.5 * (otsu + second)), round(0.7 * otsu), round(0.85 * second)}
        for level in sorted(levels):
            mask = (picture > level).astype(np.uint8)
            closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, closer)
            yield from _from_mask(np.asarray(closed, np.uint8))
            opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, opener)
            yield from _from_mask(np.asarray(opened, np.uint8))


def _from_edges(image: Image, lab: Floats) -> Iterator[Floats]:
    smooth = cv2.bilateralFilter(image, 7, 40, 5)
    spread = cv2.createCLAHE(3.0, (4, 4)).apply(np.clip(lab[..., 0] * 2.55, 0, 255).astype(np.uint8))
    spread = cv2.GaussianBlur(spread, (5, 5), 0)
    pictures = (*cv2.split(smooth), spread)
    for low, high in ((15, 45), (40, 110), (80, 200)):
        edges = np.zeros(image.shape[:2], np.uint8)
        for picture in pictures[:3]:
            edges |= np.asarray(cv2.Canny(picture, low, high, L2gradient=True), np.uint8)
        for width in (3, 7):
            thick = cv2.dilate(edges, cv2.getStructuringElement(cv2.MORPH_RECT, (width, width)))
            yield from _from_mask(np.asarray(thick, np.uint8), holes=True)
    edges = cv2.dilate(cv2.Canny(spread, 30, 80, L2gradient=True), np.ones((3, 3), np.uint8))
    yield from _from_mask(np.asarray(edges, np.uint8), holes=True)


def _from_mask(mask: Image, *, holes: bool = False) -> Iterator[Floats]:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST if holes else cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = 0.6 * MIN_AREA * mask.size
    big = sorted(((cv2.contourArea(c), i) for i, c in enumerate(contours)), reverse=True)[:8]
    hulls = [cv2.convexHull(contours[i]) for _, i in big]
    for hull in hulls:
        if cv2.contourArea(hull) >= least:
            yield from _from_hull(hull.reshape(-1, 2).astype(np.float64))


def _from_hull(hull: Floats) -> Iterator[Floats]:
    points = hull.astype(np.float32)
    length = cv2.arcLength(points, True)
    for share in (0.01, 0.02, 0.035, 0.05, 0.08):
        rough = cv2.approxPolyDP(points, share * length, True).reshape(-1, 2).astype(np.float64)
        if len(rough) == 4:
            yield ordered(rough)
            break
        if len(rough) < 4:
            break
        if len(rough) <= 7:
            yield from _longest_sides(rough)
    yield ordered(cv2.boxPoints(cv2.minAreaRect(points)).astype(np.float64))


def _longest_sides(polygon: Floats) -> Iterator[Floats]:
    """The quad of the four longest sides: a sheet with a corner folded, worn round or outside the frame."""
    ahead = np.roll(polygon, -1, axis=0) - polygon
    chosen = np.sort(np.argsort(-np.linalg.norm(ahead, axis=1))[:4])
    lines = [_line(polygon[i], polygon[i] + ahead[i]) for i in chosen]
    corners = [crossing(lines[i - 1], lines[i]) for i in range(4)]
    if all(corner is not None for corner in corners):
        quad = np.array(corners)
        if np.all(np.abs(quad) < 1e5):
            yield ordered(quad)


def _line(start: Floats, end: Floats) -> Floats:
    along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    normal = np.array((-along[1], along[0]))
    return np.array((normal[0], normal[1], float(normal @ start)))


def _from_lines(image: Image) -> Floats:
    height, width = image.shape[:2]
    lines = _long_lines(image)
    frame = ((1.0, 0.0, 0.0), (1.0, 0.0, width - 1.0), (0.0, 1.0, 0.0), (0.0, 1.0, height - 1.0))
    lines = np.concatenate((lines, np.array(frame)))
    direction = np.degrees(np.arctan2(lines[:, 1], lines[:, 0])) % 180
    middle = np.array((width / 2, height / 2))
    pairs: list[tuple[int, int, float]] = []
    for i, j in combinations(range(len(lines)), 2):
        if i >= len(lines) - 4:
            break  # two sides of the frame are no pair
        turn = abs(direction[i] - direction[j])
        turn = min(turn, 180 - turn)
        flip = 1.0 if lines[i, :2] @ lines[j, :2] > 0 else -1.0
        apart = abs((lines[i, 2] - lines[i, :2] @ middle) - flip * (lines[j, 2] - lines[j, :2] @ middle))
        if turn < 25 and apart > 0.1 * min(width, height):
            mean = np.radians(2 * np.array((direction[i], direction[j])))
            pairs.append((i, j, float(np.degrees(np.arctan2(np.sin(mean).sum(), np.cos(mean).sum())) / 2) % 180))
    quads: list[Floats] = []
    for (i, j, one), (k, m, other) in combinations(pairs, 2):
        turn = abs(one - other)
        if min(turn, 180 - turn) < 60 or len({i, j, k, m}) < 4:
            continue
        corners = [crossing(lines[a], lines[b]) for a, b in ((i, k), (k, j), (j, m), (m, i))]
        if all(corner is not None for corner in corners):
            quads.append(ordered(np.array(corners)))
    return np.array(quads).reshape(-1, 4, 2) if quads else np.empty((0, 4, 2))


def _long_lines(image: Image) -> Floats:
    """The longest straight lines as [a, b, c] of a x + b y = c: LSD segments, those on one line added up."""
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    segments = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    if cast("object", segments) is None:  # no line at all; cv2's stub does not know of it
        return np.empty((0, 3))
    found = np.asarray(segments, np.float64).reshape(-1, 2, 2)
    length = np.linalg.norm(found[:, 1] - found[:, 0], axis=1)
    kept = np.argsort(-length)[:150]
    found, length = found[kept], length[kept]
    found = found[length > 0.02 * max(image.shape[:2])]
    groups: list[list[Floats]] = []
    models: list[Floats] = []
    for segment in found:
        ends = segment
        for at, model in enumerate(models):
            if np.all(np.abs(ends @ model[:2] - model[2]) < 4):
                groups[at].append(ends)
                break
        else:
            groups.append([ends])
            models.append(_line(ends[0], ends[1]))
    weighed: list[tuple[float, Floats]] = []
    for group in groups:
        weight = sum(float(np.linalg.norm(ends[1] - ends[0])) for ends in group)
        points = np.concatenate(group).astype(np.float32)
        dx, dy, x, y = (float(v) for v in np.ravel(cv2.fitLine(points, cv2.DIST_L2, 0, 0.01, 0.01)))
        weighed.append((weight, np.array((-dy, dx, -dy * x + dx * y))))
    weighed.sort(key=lambda entry: -entry[0])
    return np.array([line for _, line in weighed[:_MAX_LINES]]).reshape(-1, 3)
