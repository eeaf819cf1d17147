"""What a flatbed sees: the whole glass at a known dpi, under a white or a black lid; repeatable."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]
"""4 x 2 pixels of the scan: top left, top right, bottom right, bottom left of the sheet as it lies there."""

BED_MM = (215.9, 297.0)
"""Width and height of the glass."""
_MM = 25.4
_LIDS = {"white": (238, 238, 236), "black": (26, 25, 25)}
_PAPER = 0.972  # paper gives back less than all light; a little more than the white foil of the lid
_CAST = (1.0, 0.994, 0.98)  # R, G, B of a lamp that is not quite white
_SHADOW_MM = (0.55, 0.25)  # the lamp looks at the sheet from the right and from below: its shadow falls up and left
_DEEP = {"white": 40, "black": 10}
_LIT = 0.35  # depth of the line along the two sides that face the lamp, as a share of the shadow's
_NOISE = 1.4


def lay_on_bed(
    sheet: Image.Image | None,
    mm: tuple[float, float],
    *,
    dpi: int,
    skew: float = 0.0,
    lid: str = "white",
    at_mm: tuple[float, float] = (3.0, 3.0),
    seed: int = 1,
) -> Image.Image:
    """The scan, RGB, of a sheet of ``mm`` (width, height); no sheet: of the empty bed.

    ``skew``: degrees clockwise about the sheet's centre. ``at_mm``: its top left before it was skewed. ``lid``:
    ``white`` or ``black``. A sheet that is wider than the glass and fits across is laid a quarter turned (its top to
    the right), as people do; what lies beyond the glass is not seen. Raises ``ValueError`` on any other lid.
    """
    if lid not in _LIDS:
        raise ValueError(f"no lid is called {lid!r}; there are {', '.join(_LIDS)}")
    size = round(BED_MM[0] / _MM * dpi), round(BED_MM[1] / _MM * dpi)
    rng = np.random.default_rng(seed)
    scene: Pixels = np.full((size[1], size[0], 3), _LIDS[lid], np.uint8)
    if sheet is not None:
        _put(scene, sheet, corners_on_bed(mm, dpi=dpi, skew=skew, at_mm=at_mm), dpi, lid, turned=quarter_turned(mm))
    scene = np.asarray(cv2.LUT(scene, np.rint(np.outer(np.arange(256), _CAST)).astype(np.uint8)[:, None]), np.uint8)
    scene = np.asarray(cv2.blur(scene, (2, 2)), np.uint8)  # the lens in front of the sensor
    return Image.fromarray(np.asarray(cv2.add(scene, _noise(rng, size), dtype=cv2.CV_8U), np.uint8))


def quarter_turned(mm: tuple[float, float]) -> bool:
    """True when a sheet of this size is laid a quarter turn clockwise, because only so it fits."""
    return mm[0] > BED_MM[0] and mm[1] <= BED_MM[0]


def corners_on_bed(
    mm: tuple[float, float], *, dpi: int, skew: float = 0.0, at_mm: tuple[float, float] = (3.0, 3.0)
) -> Corners:
    """Where the sheet's corners are in the scan, clockwise from the top left one; they may lie beyond the glass."""
    width, height = (mm[1], mm[0]) if quarter_turned(mm) else mm
    turn = np.radians(skew)
    spin = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    half = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1))) * np.array((width, height)) / 2
    centre = np.array(at_mm) + np.array((width, height)) / 2
    return (half @ spin.T + centre) / _MM * dpi - 0.5


def _put(scene: Pixels, sheet: Image.Image, corners: Corners, dpi: int, lid: str, *, turned: bool) -> None:
    drawn = np.asarray(sheet.convert("RGB"), np.uint8)
    if turned:
        drawn = np.asarray(cv2.rotate(drawn, cv2.ROTATE_90_CLOCKWISE), np.uint8)
    scale = float(np.linalg.norm(corners[1] - corners[0])) / drawn.shape[1]
    if scale < 1:  # averaged down to the sensor's grain; the warp alone would leave parts of letters out
        drawn = np.asarray(cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    _shade(scene, corners, dpi, lid)
    height, width = drawn.shape[:2]
    source = np.array(((0, 0), (width, 0), (0, height))) - 0.5
    matrix = cv2.getAffineTransform(source.astype(np.float32), corners[[0, 1, 3]].astype(np.float32))
    size = scene.shape[1], scene.shape[0]
    paper = cv2.convertScaleAbs(drawn, alpha=_PAPER)
    cv2.warpAffine(paper, matrix, size, scene, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)


def _shade(scene: Pixels, corners: Corners, dpi: int, lid: str) -> None:
    """The shadow line along the sheet: broad and clear on two sides, thin and faint on the two that face the lamp."""
    size = scene.shape[1], scene.shape[0]
    broad, thin = (mm / _MM * dpi for mm in _SHADOW_MM)
    line = np.zeros((size[1], size[0]), np.uint8)
    for deep, wide, shift in ((_LIT, thin, 0.0), (1.0, broad, -0.6 * broad)):
        outline = np.zeros_like(line)
        points = np.rint((corners + shift) * 16).astype(np.int32)
        cv2.fillConvexPoly(outline, points, (round(_DEEP[lid] * deep),), cv2.LINE_AA, 4)
        side = max(3, round(2 * wide) | 1)
        cv2.max(line, cv2.dilate(outline, np.ones((side, side), np.uint8)) if shift == 0 else outline, line)
    line = cv2.GaussianBlur(line, (0, 0), max(0.5, 0.35 * broad))
    cv2.subtract(scene, cv2.merge((line, line, line)), scene)


def _noise(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.int16]:
    """Of the sensor, and of its cells, each of which is a little brighter or darker all the way down."""
    tile = rng.standard_normal((512, 640, 3), np.float32) * _NOISE
    across, down = size[0] // 640 + 1, size[1] // 512 + 1
    cells = np.repeat(rng.normal(0, 0.6, (1, size[0], 1)).astype(np.float32), 3, axis=2)
    rows = np.rint(np.tile(tile, (1, across, 1))[:, : size[0]] + cells).astype(np.int16)
    return np.tile(rows, (down, 1, 1))[: size[1]]
