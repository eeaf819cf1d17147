"""A sheet's four sides on a white lid, in an upright picture: faint steps and shadow lines, borne out by the size.

Paper and lid have nearly the same tone, so no side is believed alone. A rectangle is tried wherever two faint lines put
one of a known size, or wherever four lines stand round one; it counts when its sides are borne out along their length
and nothing that is printed lies outside of it. A block of text, a table or a photo has its writing around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.capture.geometry import Floats

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

Box = tuple[float, float, float, float]

DPI = 100
"""Of the picture looked at."""
MM = DPI / 25.4
"""Its pixels in a millimetre."""
_TOGETHER = 12  # pixels along a side that are averaged into one sample: 3 mm
_LEAST_SIDE = 25 * MM
_LINES = 14
_SLACK = 1.5 * MM  # how far a sheet may differ from its nominal size
_FRAME = 2.0 * MM
_BORNE = 0.55
_SURE = 0.7
STRAY_MM2 = 6.0
"""What may lie outside of the sheet: dust, a hair."""
MAY_HANG_MM = 12.0
"""So much of a sheet's length may lie beyond the glass: margins are wider."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """``box``: left, top, right, bottom in pixels. ``borne``: for the same sides, the share that is borne out of what
    the glass shows of them; ``mm``: the size it was taken for, None for its own."""

    box: Box
    borne: Box
    mm: tuple[float, float] | None


class Sides:
    """All faint lines of one upright picture, and what stands on it."""

    def __init__(self, grey: Grey, seen: Mask, thing: Mask, rules: Mask, core: Box, slope: float) -> None:
        """``seen``: where the picture is no filling; ``thing``: what is neither lid nor bare paper; ``rules``: lines
        that are too dark for a shadow; ``core``: extent of all that is no line; ``slope``: grey levels from which on an
        averaged side shows a step."""
        self._size = grey.shape[1], grey.shape[0]
        left, top, right, bottom = core
        self._upright = _Way(grey, seen, rules, slope, (left, right))
        self._level = _Way(np.ascontiguousarray(grey.T), seen.T, rules.T, slope, (top, bottom))
        self._glass = extent(seen) or (0.0, 0.0, 1.0, 1.0)
        self._things = np.asarray(cv2.integral(thing.astype(np.uint8)), np.int64)

    def known(self, mm: tuple[float, float]) -> Rectangle | None:
        """The best sheet of this width and height."""
        width, height = mm[0] * MM, mm[1] * MM
        lefts, tops = self._upright.starts(width, self._glass[0::2]), self._level.starts(height, self._glass[1::2])
        left, top = (part.ravel() for part in np.meshgrid(lefts, tops, indexing="ij"))
        boxes = np.stack((left, top, left + width, top + height), axis=1)
        borne, seen = self._borne(boxes)
        strong = (borne >= _BORNE) & (seen > 0.3)
        across = strong[:, 0] | strong[:, 2]
        down = strong[:, 1] | strong[:, 3]
        fits = across & down  # a side that fills the glass from end to end shows neither beginning nor end
        fits |= across & (height > self._glass[3] - self._glass[1] - MAY_HANG_MM * MM)
        fits |= down & (width > self._glass[2] - self._glass[0] - MAY_HANG_MM * MM)
        if not len(fits):
            return None
        fits &= (self.stray(boxes) <= STRAY_MM2) & (self.hanging(boxes, mm) <= MAY_HANG_MM)
        if not fits.any():
            return None
        worth = np.where(strong, borne * seen, 0.0).sum(axis=1) - 0.05 * np.maximum(self.hanging(boxes, mm), 0.0)
        best = int(np.argmax(np.where(fits, worth, -9.0)))
        return self._rectangle(boxes[best], borne[best], mm)

    def own(self, *, framed: bool = False) -> Rectangle | None:
        """The largest sheet of any size whose four sides all show; where the glass ends, none needs to.

        ``framed``: the sides may be dark lines. Those may be a printed frame, so they and what is just beyond them
        are kept.
        """
        pairs: list[Floats] = []
        for way, ends in ((self._upright, self._glass[0::2]), (self._level, self._glass[1::2])):
            at = np.sort(np.concatenate((way.at, ends)))
            first, last = np.triu_indices(len(at), 1)
            apart = at[last] - at[first] >= _LEAST_SIDE
            pairs.append(np.stack((at[first], at[last]), axis=1)[apart])
        across, down = (part.ravel() for part in np.meshgrid(*(np.arange(len(p)) for p in pairs), indexing="ij"))
        if not len(across):
            return None
        boxes = np.stack((pairs[0][across], pairs[1][down]), axis=2).reshape(-1, 4)
        borne, seen = self._borne(boxes)
        shows = (borne >= _SURE) & (seen > 0.3)
        if not framed:
            shows &= ~self._ruled(boxes)
        fits = (shows | (seen <= 0.3)).all(axis=1) & (shows.sum(axis=1) >= 3) & (self.stray(boxes) <= STRAY_MM2)
        if not fits.any():
            return None
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        worth = shows.sum(axis=1) + area / area.max()
        best = int(np.argmax(np.where(fits, worth, -9.0)))
        found = self._rectangle(boxes[best], borne[best], None)
        if not framed:
            return found
        left, top, right, bottom = found.box
        return Rectangle((left - _FRAME, top - _FRAME, right + _FRAME, bottom + _FRAME), found.borne, None)

    def stray(self, boxes: Floats) -> Floats:
        """Square millimetres of things outside of each box; its own shadow does not count."""
        width, height = self._size
        grown = boxes + np.array((-1, -1, 1, 1)) * 1.2 * MM
        x0, x1 = (np.clip(np.rint(grown[:, i]), 0, width).astype(np.int64) for i in (0, 2))
        y0, y1 = (np.clip(np.rint(grown[:, i]), 0, height).astype(np.int64) for i in (1, 3))
        sums = self._things
        inside = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
        return np.asarray((sums[-1, -1] - inside) / MM**2, np.float64)

    def hanging(self, boxes: Floats, mm: tuple[float, float]) -> Floats:
        """Millimetres of each box beyond the glass, less what a sheet of this size cannot help."""
        left, top, right, bottom = self._glass
        across = np.maximum(left - boxes[:, 0], boxes[:, 2] - right)
        down = np.maximum(top - boxes[:, 1], boxes[:, 3] - bottom)
        helpless = np.maximum(0.0, np.array(mm) * MM - np.array((right - left, bottom - top)))
        return np.asarray(np.maximum(across - helpless[0], down - helpless[1]) / MM, np.float64)

    def _borne(self, boxes: Floats) -> tuple[Floats, Floats]:
        """For each side of each box: the share of what is seen of it that is borne out; and the share that is seen."""
        left, top, right, bottom = boxes.T
        sides = (
            self._upright.along(left, top, bottom),
            self._level.along(top, left, right),
            self._upright.along(right, top, bottom),
            self._level.along(bottom, left, right),
        )
        return np.stack([side[0] for side in sides], axis=1), np.stack([side[1] for side in sides], axis=1)

    def _ruled(self, boxes: Floats) -> Mask:
        """For each side of each box: is it a printed line, a frame round the writing?"""
        left, top, right, bottom = boxes.T
        sides = (
            self._upright.ruled(left, top, bottom),
            self._level.ruled(top, left, right),
            self._upright.ruled(right, top, bottom),
            self._level.ruled(bottom, left, right),
        )
        return np.stack(sides, axis=1)

    def _rectangle(self, box: Floats, borne: Floats, mm: tuple[float, float] | None) -> Rectangle:
        """With each side laid on the paper itself: inside of the shadow beside it. A known size stays exactly that."""
        sides = [float(side) for side in box]
        for i, way in enumerate((self._upright, self._level)):
            shows = borne[i] >= _BORNE, borne[i + 2] >= _BORNE
            span = sides[1 - i], sides[3 - i]
            if shows[0]:
                sides[i] = way.paper(sides[i], span, 1)
            if shows[1]:
                sides[i + 2] = way.paper(sides[i + 2], span, -1)
            if mm is not None and any(shows):
                length = mm[i] * MM
                starts = [at for at, show in zip((sides[i], sides[i + 2] - length), shows, strict=True) if show]
                sides[i] = sum(starts) / len(starts)
                sides[i + 2] = sides[i] + length
        return Rectangle(_box(sides), _box([round(float(share), 3) for share in borne]), mm)


def _box(sides: list[float]) -> Box:
    return sides[0], sides[1], sides[2], sides[3]


class _Way:
    """The upright lines of a picture (the level ones are those of the picture turned over its diagonal)."""

    def __init__(self, grey: Grey, seen: Mask, rules: Mask, slope: float, content: tuple[float, float]) -> None:
        self._slope = slope
        rows = grey.shape[0] // _TOGETHER
        size = grey.shape[1], rows
        cut = rows * _TOGETHER
        self._mean = np.asarray(cv2.resize(grey[:cut], size, interpolation=cv2.INTER_AREA), np.float64)
        whole = cv2.resize(seen[:cut].astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.999
        steps = np.zeros_like(self._mean)
        steps[:, 1:-1] = self._mean[:, 2:] - self._mean[:, :-2]
        near = cv2.erode(whole.astype(np.uint8), np.ones((1, 5), np.uint8), borderValue=0) > 0
        steps[~near] = 0
        steep = np.where(np.abs(steps) > slope, steps, 0.0)
        wide = near & (cv2.dilate((steep != 0).astype(np.uint8), np.ones((1, 5), np.uint8)) > 0)
        self._support, self._seen = _summed(wide), _summed(np.asarray(near, np.bool_))
        ruled = cv2.resize(rules[:cut].astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.4
        self._ruled = _summed(cv2.dilate(ruled.astype(np.uint8), np.ones((1, 5), np.uint8)) > 0)
        places = _peaks(steep)
        outside = (places <= content[0] + 3 * MM) | (places >= content[1] - 3 * MM)  # a rim is no line
        self.at = places[outside][:_LINES]

    def starts(self, length: float, glass: tuple[float, ...]) -> Floats:
        """Where a sheet of this length may begin: at a line, or so that it ends at one; or the glass is filled."""
        ends = np.array((glass[0], glass[1] - length))
        return np.concatenate((self.at, self.at - length, ends))

    def along(self, x: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
        """Share that is borne out of what is seen of upright sides at ``x``, and share that is seen."""
        seen = _between(self._seen, x, start, end)
        total = np.maximum((end - start) / _TOGETHER, 1.0)
        return _between(self._support, x, start, end) / np.maximum(seen, 1), np.minimum(seen / total, 1.0)

    def ruled(self, x: Floats, start: Floats, end: Floats) -> Mask:
        """True for upright sides at ``x`` of which half is a printed line."""
        return _between(self._ruled, x, start, end) > 0.5 * np.maximum(_between(self._seen, x, start, end), 1)

    def paper(self, x: float, part: tuple[float, float], inward: int) -> float:
        """Where the paper begins within 1.5 mm of ``x``: at the innermost of the steps that are there."""
        reach = round(1.5 * MM)
        middle = round(x)
        first, last = max(1, middle - reach), min(self._mean.shape[1] - 1, middle + reach + 1)
        low, high = (round(edge / _TOGETHER) for edge in part)
        rows = self._mean[max(0, low + 1) : max(0, high - 1), first - 1 : last + 1]
        if rows.shape[0] < 2 or rows.shape[1] < 5:
            return x
        steps = np.abs(np.diff(np.median(rows, axis=0)))
        if steps.max() < 0.5 * self._slope:
            return x
        around = np.concatenate((steps[:1], steps, steps[-1:]))
        highest = (steps >= around[:-2]) & (steps >= around[2:]) & (steps >= 0.2 * steps.max())
        clear = np.flatnonzero(highest)
        return float(first + (clear[-1] if inward > 0 else clear[0]))


def _summed(mask: Mask) -> NDArray[np.int64]:
    """Sums down each column, with a row of zeros on top."""
    return np.concatenate((np.zeros((1, mask.shape[1]), np.int64), np.cumsum(mask, axis=0, dtype=np.int64)))


def _between(sums: NDArray[np.int64], x: Floats, start: Floats, end: Floats) -> NDArray[np.int64]:
    """What ``_summed`` holds in the columns ``x`` between two heights; nothing beside the picture."""
    rows, columns = sums.shape
    column = np.floor(x).astype(np.int64)
    first, last = (np.clip(np.rint(edge / _TOGETHER), 0, rows - 1).astype(np.int64) for edge in (start, end))
    inside = (column >= 0) & (column < columns)
    column = np.clip(column, 0, columns - 1)
    return np.where(inside, sums[last, column] - sums[first, column], 0)


def _peaks(steps: Floats) -> Floats:
    """Columns down which many steps have one sign, the longest first."""
    length = np.maximum((steps > 0).sum(axis=0), (steps < 0).sum(axis=0)).astype(np.float64)
    strength = length + 1e-3 * np.minimum(np.abs(steps.sum(axis=0)), 900)
    highest = np.asarray(cv2.dilate(strength[None], np.ones((1, 7))), np.float64)[0]
    places = np.flatnonzero((strength >= highest) & (length * _TOGETHER >= _LEAST_SIDE))
    return np.asarray(places[np.argsort(-strength[places])] + 0.5, np.float64)


def extent(mask: Mask) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of what is set; None when nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def thin_lines(thing: Mask) -> Mask:
    """What is a level or upright line: longer than 15 mm, thinner than 1.2 mm, which a row of small print is not."""
    flat = thing.astype(np.uint8)
    found = np.zeros_like(flat)
    thick = round(1.2 * MM)
    for way in (0, 1):
        gap, long = (np.ones((1, length) if way == 0 else (length, 1), np.uint8) for length in (7, round(15 * MM)))
        whole = cv2.morphologyEx(flat, cv2.MORPH_CLOSE, gap)
        solid = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
        solid = cv2.dilate(solid, np.ones((5, 5), np.uint8))  # with its ragged rim, which is no line
        found |= np.asarray(cv2.subtract(cv2.morphologyEx(whole, cv2.MORPH_OPEN, long), solid), np.uint8)
    return cv2.dilate(found, np.ones((3, 3), np.uint8)) > 0
