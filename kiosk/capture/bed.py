"""The page on a flatbed's glass: known dpi, white or black lid, never seen at a slant.

On a black lid the page is what is bright. On a white one its sides are looked for (``sheet``); where they cannot be
borne out the page is what is written, with a margin, grown to the size that was asked for. When in doubt more is kept:
nothing that is printed is ever left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.capture.decode import Image
from kiosk.capture.geometry import Floats
from kiosk.capture.sheet import DPI, MM, Box, Grey, Mask, Rectangle, Sides, extent, thin_lines
from kiosk.capture.skew import skew
from kiosk.capture.types import SHAPES, Shape

_DARK = 70
"""Brightest channel below this at the glass's border: a black lid, or an open one."""
_DARK_BORDER = 0.03  # share of it that must be
_RIM_MM = 5.0  # no lid's end is broader
_THING = 14  # levels below the bare paper around it
_PRINT = 60  # the same for print, which a shadow does not reach
_SOLID = 25  # levels below white of something larger than a letter: a coloured face, a photo
_LEAST_THING_MM2 = 8.0
_LEAST_SHEET_MM2 = 150.0
_MARGIN = 5 * MM
_MISSING_MM = 12.0
_SAME_MM = 2.5
_EDGE_MM = 1.0


@dataclass(frozen=True, slots=True)
class Lying:
    """A page on the bed. ``quad``: its corners in pixels of the scan, partly beyond it perhaps; ``skew``: degrees
    clockwise; ``mm``: its width and height; ``borne``: share of its sides that shows (1 on a black lid); ``cut``: the
    glass cuts through it; ``paper``: R, G, B of the bare paper."""

    quad: Floats
    skew: float
    mm: tuple[float, float]
    borne: float
    cut: bool
    paper: tuple[float, float, float]


def find(scan: Image, shape: Shape, dpi: int, lid: str) -> Lying | None:
    """The page on a scan (R, G, B) of ``dpi``; None when the glass is empty."""
    scale = DPI / dpi
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = max(16, round(scan.shape[1] * scale)), max(16, round(scan.shape[0] * scale))
    small = np.asarray(cv2.resize(scan, size, interpolation=how), np.uint8)
    look = _on_black(small, shape) if _is_dark(small, lid) else _on_white(small, shape)
    if look is None:
        return None
    view, box = look.view, look.box
    near = view.corners(box)
    mm = (box[2] - box[0]) / MM, (box[3] - box[1]) / MM
    inside = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.rint(near).astype(np.int32), 1)
    ink = _print_on_black(small, inside) if look.core is None else _print_on_white(small, view.corners(look.core))
    cut = _runs_off(ink, near) or view.short_of(box, shape)
    bare = np.percentile(small[inside > 0][::7], 80, axis=0) if inside.any() else np.full(3, 255.0)
    paper = float(bare[0]), float(bare[1]), float(bare[2])
    real = np.array((scan.shape[1] / size[0], scan.shape[0] / size[1]))
    return Lying((near + 0.5) * real - 0.5, view.skew, mm, look.borne, cut, paper)


class _View:
    """The small picture turned upright."""

    def __init__(self, small: Image, lean: float) -> None:
        self.skew = lean
        height, width = small.shape[:2]
        cos, sin = float(np.cos(np.radians(lean))), float(np.sin(np.radians(lean)))
        self.size = round(width * cos + height * abs(sin)), round(width * abs(sin) + height * cos)
        turn = np.array(((cos, sin), (-sin, cos)))
        shift = (np.array(self.size) - 1) / 2 - turn @ ((np.array((width, height)) - 1) / 2)
        self._turn, self._shift = turn, shift
        self.seen: Mask = self.picture(np.full((height, width), 255, np.uint8), fill=0) > 254
        self.glass = extent(self.seen) or (0.0, 0.0, float(self.size[0]), float(self.size[1]))

    def picture(self, flat: Image | Grey, *, fill: int | None = None) -> Grey:
        """A picture of the glass, upright; around it ``fill`` or its own border drawn out."""
        matrix = np.column_stack((self._turn, self._shift))
        mode = cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT
        turned = cv2.warpAffine(flat, matrix, self.size, flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=fill or 0)
        return np.asarray(turned, np.float32)

    def corners(self, box: Box) -> Floats:
        """Where the corners of a box of the upright picture are on the glass."""
        points = np.array(((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))) - 0.5
        return (points - self._shift) @ self._turn

    def short_of(self, box: Box, shape: Shape) -> bool:
        """True when the glass's end takes away more of a sheet of this shape than it must."""
        if shape.short_mm is None or shape.long_mm is None:
            return False
        mm = np.array((box[2] - box[0], box[3] - box[1])) / MM
        glass = np.array((self.glass[2] - self.glass[0], self.glass[3] - self.glass[1])) / MM
        for whole in ((shape.short_mm, shape.long_mm), (shape.long_mm, shape.short_mm)):
            for i in (0, 1):
                ends = box[i] <= self.glass[i] + 2 * MM or box[i + 2] >= self.glass[i + 2] - 2 * MM
                missing = min(whole[i], glass[i]) - mm[i]
                if ends and abs(mm[1 - i] - whole[1 - i]) < _SAME_MM and missing > _MISSING_MM:
                    return True
        return False


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen. ``core``: all that is no mere line, on a white lid."""

    view: _View
    box: Box
    borne: float
    core: Box | None


def _on_black(small: Image, shape: Shape) -> _Look | None:
    """Upright box round all that is bright."""
    bright = small.max(axis=2)
    level = min(float(np.percentile(bright, 2)) + 35, 140.0)
    mask = cv2.morphologyEx((bright > level).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(mask, np.uint8))
    large = np.flatnonzero(np.asarray(stats)[:, cv2.CC_STAT_AREA] >= _LEAST_SHEET_MM2 * MM**2)
    sheets = np.isin(np.asarray(labels), large[(large > 0) & (large < count)])
    if not sheets.any():
        return None
    grey, noise = _soft(small)
    view = _View(small, skew(grey, noise, _most_skew(shape)))
    upright = view.picture(sheets.astype(np.uint8) * 255, fill=0) > 127
    left, right = _ends(upright)
    top, bottom = _ends(upright.T)
    return _Look(view, _whole(view, (left, top, right, bottom), shape), 1.0, None)


def _ends(mask: Mask) -> tuple[float, float]:
    """Where the rows of a mask begin and end: beyond nearly all of them, then on the straight part of the side."""
    rows = mask[mask.any(axis=1)]
    ends: list[float] = []
    for first, share in ((np.argmax(rows, axis=1), 2), (rows.shape[1] - np.argmax(rows[:, ::-1], axis=1), 98)):
        outer = float(np.percentile(first, share))
        ends.append(float(np.median(first[np.abs(first - outer) <= 4])))
    return ends[0], ends[1]


def _whole(view: _View, box: Box, shape: Shape) -> Box:
    """The box with a side that the glass's end hides put where the asked size has it, if that is just beyond."""
    if shape.short_mm is None or shape.long_mm is None:
        return box
    sides = list(box)
    mm = (box[2] - box[0]) / MM, (box[3] - box[1]) / MM
    for whole in ((shape.short_mm, shape.long_mm), (shape.long_mm, shape.short_mm)):
        for i in (0, 1):
            missing = whole[i] - mm[i]
            if abs(mm[1 - i] - whole[1 - i]) < _SAME_MM and 0 < missing <= 8.0:
                first, last = (abs(sides[j] - view.glass[j]) <= 2 * MM for j in (i, i + 2))
                if last:
                    sides[i + 2] = sides[i] + whole[i] * MM
                elif first:
                    sides[i] = sides[i + 2] - whole[i] * MM
    return sides[0], sides[1], sides[2], sides[3]


def _on_white(small: Image, shape: Shape) -> _Look | None:
    """The sheet whose sides are borne out, or what is written with a margin round it."""
    below = _below_paper(small)
    things = _without_dust(below > _THING)
    grey, noise = _soft(small)
    view = _View(small, skew(grey, noise, _most_skew(shape)))
    thing = (view.picture(things.astype(np.uint8) * 255, fill=0) > 127) & view.seen
    lines = thin_lines(thing)
    shadows = view.picture(below) < _PRINT
    core = extent(thing & ~lines) or (0.0, 0.0, 0.0, 0.0)
    sides = Sides(view.picture(grey), view.seen, thing, lines & ~shadows, core, max(1.6, 0.6 * noise))
    best = _best(sides, shape)
    if best is not None:
        box = best.box if best.mm is None else _on_glass(view, best.box)
        return _Look(view, box, float(np.mean(best.borne)), core)
    written = thing & ~(lines & shadows)  # without what may be a sheet's shadow
    around = extent(written)
    if around is None or float(written.sum()) < _LEAST_THING_MM2 * MM**2:
        return None
    glass = view.glass
    box = (
        max(around[0] - _MARGIN, glass[0]),
        max(around[1] - _MARGIN, glass[1]),
        min(around[2] + _MARGIN, glass[2]),
        min(around[3] + _MARGIN, glass[3]),
    )
    return _Look(view, _grown(view, box, shape), 0.0, core)


def _best(sides: Sides, shape: Shape) -> Rectangle | None:
    """A sheet of the asked size, of its own, or of another size that is known; the better borne out, the earlier."""
    own, spare = sides.own(), 0.6
    if own is None:
        own, spare = sides.own(framed=True), 1.2
    for name in (shape.name, "a4", "f4", "card"):
        one = SHAPES[name]
        if one.short_mm is None or one.long_mm is None:
            continue
        upright, across = sides.known((one.short_mm, one.long_mm)), sides.known((one.long_mm, one.short_mm))
        found = max((r for r in (upright, across) if r is not None), key=lambda r: sum(r.borne), default=None)
        if found is None or (name != shape.name and sum(found.borne) < 2.4):
            continue
        if own is None or sum(found.borne) >= sum(own.borne) - spare:
            return found
    return own


def _on_glass(view: _View, box: Box) -> Box:
    """What lies far beyond the glass is no part of the page that can be shown."""
    far = 8 * MM
    left, top, right, bottom = box
    glass = view.glass
    return (
        left if left > glass[0] - far else glass[0],
        top if top > glass[1] - far else glass[1],
        right if right < glass[2] + far else glass[2],
        bottom if bottom < glass[3] + far else glass[3],
    )


def _grown(view: _View, box: Box, shape: Shape) -> Box:
    """The box of what is written at the size asked for, as it lies, inside the glass as far as it fits."""
    if shape.short_mm is None or shape.long_mm is None or shape.name == "card":
        return box
    upright = box[3] - box[1] >= box[2] - box[0] or box[2] - box[0] <= shape.short_mm * MM
    mm = (shape.short_mm, shape.long_mm) if upright else (shape.long_mm, shape.short_mm)
    sides = list(box)
    for i in (0, 1):
        length = min(mm[i] * MM, view.glass[i + 2] - view.glass[i])
        spare = length - (box[i + 2] - box[i])
        if spare > 0:
            start = min(max(box[i] - spare / 2, view.glass[i]), view.glass[i + 2] - length)
            start = min(start, box[i])
            sides[i], sides[i + 2] = start, max(start + length, box[i + 2])
    return sides[0], sides[1], sides[2], sides[3]


def _most_skew(shape: Shape) -> float:
    return 12.0 if shape.name in ("a4", "f4") else 45.0


def _soft(small: Image) -> tuple[Grey, float]:
    """Grey, smoothed, and the slope below which there is only noise."""
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
    grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.8), np.float32)
    spread = 1.4826 * float(np.median(np.abs(grey[::3, 2:] - grey[::3, :-2])))
    return grey, max(2.0, 4 * spread)


def _below_paper(small: Image) -> Grey:
    """How much darker than the bare paper or lid around it, in the channel in which it is most."""
    quarter = cv2.resize(small, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = round(62 * MM / 4) | 1
    bare = cv2.morphologyEx(cv2.dilate(quarter, np.ones((3, 3))), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    bare = np.asarray(cv2.resize(bare, (small.shape[1], small.shape[0])), np.float32)
    white = np.percentile(bare[::8, ::8].reshape(-1, 3), 90, axis=0).astype(np.float32)
    bare = np.where((bare < white - _SOLID).any(axis=2, keepdims=True), white, bare)
    return _without_rim(np.asarray((bare - small).max(axis=2), np.float32))


def _without_rim(below: Grey) -> Grey:
    """Without a dark strip along a side of the glass: the end of the lid or of its foil, no sheet."""
    most = round(_RIM_MM * MM)
    for side in (below, below[::-1], below.T, below.T[::-1]):
        strip = (side[:most] > _THING).mean(axis=1) > 0.6
        deep = int(np.argmin(strip)) if not strip.all() else 0
        if deep:
            side[: deep + 2] = 0
    return below


def _without_dust(mask: Mask) -> Mask:
    """Without specks of less than half a millimetre."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    large = np.asarray(stats)[:, cv2.CC_STAT_AREA] >= 6
    large[0] = False
    return large[np.asarray(labels, np.int64)]


def _is_dark(small: Image, lid: str) -> bool:
    """True when what lies behind the page is black: such a lid, or one that was left open.

    On a white lid one dark strip along one side is the lid's own end, unless it is deep.
    """
    bright = small.max(axis=2)
    depths = [side[: round(_RIM_MM * MM)] < _DARK for side in (bright, bright[::-1], bright.T, bright.T[::-1])]
    edges = [deep[: round(_EDGE_MM * MM)].mean(axis=0) for deep in depths]
    if lid == "black":
        return float(np.concatenate(edges).mean()) >= _DARK_BORDER
    deeply = np.concatenate([deep.all(axis=0) for deep in depths])
    return sum(edge.mean() > 0.5 for edge in edges) >= 2 or float(deeply.mean()) >= 2 * _DARK_BORDER


def _print_on_black(small: Image, inside: Image) -> Mask:
    """What is printed on the sheet that is ``inside``."""
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
    paper = float(np.percentile(grey[inside > 0], 80)) if inside.any() else 255.0
    return (grey < 0.7 * paper) & (inside > 0)


def _print_on_white(small: Image, core: Floats) -> Mask:
    """What is printed. A line beyond everything else is no print: it is the side of a sheet."""
    inside = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.rint(core).astype(np.int32), 1)
    return (_below_paper(small) > _PRINT) & (cv2.dilate(inside, np.ones((5, 5), np.uint8)) > 0)


def _runs_off(ink: Mask, quad: Floats) -> bool:
    """True when something printed runs over the end of the glass. The sheet's own sides do, and do no harm."""
    sides = np.zeros(ink.shape, np.uint8)
    cv2.polylines(sides, [np.rint(quad).astype(np.int32)], True, (1,), round(3.0 * MM))
    ink = ink & (sides == 0)
    ring = round(_EDGE_MM * MM)
    return any(int(strip.sum()) >= 10 for strip in (ink[:ring], ink[-ring:], ink[:, :ring], ink[:, -ring:]))
