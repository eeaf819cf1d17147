"""Quadrilaterals as arrays: four corners (x, y) in pixels, clockwise from the top left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.capture.types import Corners

Floats = NDArray[np.float64]


def ordered(corners: Floats) -> Floats:
    """The four corners clockwise, first the one from which the top side runs to the right as the camera sees it."""
    centre = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))]
    sides = np.roll(around, -1, axis=0) - around
    rightness = sides[:, 0] / np.maximum(np.hypot(sides[:, 0], sides[:, 1]), 1e-9)
    # Opposite sides of a sheet run in opposite directions: comparing "right minus left" holds for trapezia too.
    first = int(np.argmax(rightness - np.roll(rightness, -2)))
    return np.roll(around, -first, axis=0)


def as_corners(quad: Floats) -> Corners:
    """The quad as plain numbers."""
    (a, b, c, d) = ((round(float(x), 2), round(float(y), 2)) for x, y in quad)
    return a, b, c, d


def area(quad: Floats) -> float:
    """Area in square pixels, positive for clockwise order (y points down)."""
    x, y = quad[:, 0], quad[:, 1]
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def sides(quad: Floats) -> Floats:
    """Lengths of top, right, bottom and left side."""
    return np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)


def angles(quad: Floats) -> Floats:
    """Inner angles in degrees; of several quads at once (n x 4 x 2 gives n x 4)."""
    before = np.roll(quad, 1, axis=-2) - quad
    after = np.roll(quad, -1, axis=-2) - quad
    dot = np.sum(before * after, axis=-1)
    length = np.linalg.norm(before, axis=-1) * np.linalg.norm(after, axis=-1)
    return np.degrees(np.arccos(np.clip(dot / np.maximum(length, 1e-9), -1, 1)))


def convex(quads: Floats) -> NDArray[np.bool_]:
    """For n x 4 x 2 quads in clockwise order: which of them are convex."""
    ahead = np.roll(quads, -1, axis=1) - quads
    following = np.roll(ahead, -1, axis=1)
    return np.all(ahead[..., 0] * following[..., 1] - ahead[..., 1] * following[..., 0] > 0, axis=1)


def crossing(first: Floats, second: Floats) -> Floats | None:
    """Where two lines a x + b y = c (given as [a, b, c]) meet; None when they run parallel."""
    matrix = np.stack((first[:2], second[:2]))
    determinant = float(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])
    if abs(determinant) < 1e-6:
        return None
    x = (first[2] * matrix[1, 1] - second[2] * matrix[0, 1]) / determinant
    y = (second[2] * matrix[0, 0] - first[2] * matrix[1, 0]) / determinant
    return np.array((x, y))


def overlap(first: Floats, second: Floats) -> float:
    """Intersection over union of two convex quads."""
    common, _ = cv2.intersectConvexConvex(first.astype(np.float32), second.astype(np.float32))
    together = abs(area(first)) + abs(area(second)) - common
    return common / together if together > 0 else 0.0


def aspect(quad: Floats, frame: tuple[int, int]) -> float:
    """Width over height of the flat sheet behind the quad; ``frame`` is (width, height) of the whole picture.

    From the two vanishing points, with the optical axis in the middle of the frame (Zhang and He, Whiteboard scanning
    and image enhancement, 2007). Nearly parallel sides leave the focal length open; then the mean sides tell it.
    """
    lengths = sides(quad)
    plain = float((lengths[0] + lengths[2]) / max(lengths[1] + lengths[3], 1e-9))
    m = np.column_stack((quad - np.array(frame) / 2, np.ones(4)))
    tl, tr, br, bl = m
    k2 = float(np.dot(np.cross(tl, br), bl)) / (float(np.dot(np.cross(tr, br), bl)) or 1e-9)
    k3 = float(np.dot(np.cross(tl, br), tr)) / (float(np.dot(np.cross(bl, br), tr)) or 1e-9)
    n2, n3 = k2 * tr - tl, k3 * bl - tl
    if abs(n2[2]) < 0.04 or abs(n3[2]) < 0.04:
        return plain
    focal2 = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
    if not (0.4 * max(frame)) ** 2 < focal2 < (4 * max(frame)) ** 2:
        return plain
    scale = np.array((1 / focal2, 1 / focal2, 1.0))
    return float(np.sqrt(np.sum(n2 * n2 * scale) / np.sum(n3 * n3 * scale)))
