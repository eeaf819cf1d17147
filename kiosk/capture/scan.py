"""One scan of the glass to one verdict: find, straighten, flatten, judge, encode."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.capture import bed, encode, enhance, limits, pnm
from kiosk.capture import judge as gate
from kiosk.capture.bed import Lying
from kiosk.capture.decode import Image, NotAPicture
from kiosk.capture.geometry import as_corners
from kiosk.capture.sharp import stroke_width
from kiosk.capture.types import SHAPES, Reason, Verdict, shape_of

BLANK_SHARE = 0.0002
"""Ink on a scan of a blank sheet: no noise of a camera, no mat that shows at a side."""
_LEAST_MM, _MOST_MM = 10.0, 500.0
_LEAST_DPI, _MOST_DPI = 50, 1200
_SMALL_MM = 100.0  # a card, or a piece of paper no larger
_CARD_SLACK_MM = 2.5


def judge(image: bytes, shape: str, dpi: int, lid: str) -> Verdict:
    """Take the page of ``shape`` (see ``types.SHAPES``) from a scan of ``dpi`` dots an inch. ``lid``: what lies behind
    it, ``white`` or ``black``. Raises NotAPicture."""
    scan = pnm.pixels(image)
    if not _LEAST_DPI <= dpi <= _MOST_DPI:
        raise NotAPicture(f"{dpi} dpi")
    if not all(_LEAST_MM <= side / dpi * 25.4 <= _MOST_MM for side in scan.shape[:2]):
        raise NotAPicture("no glass is of that size")
    asked = shape_of(shape)
    page = bed.find(scan, asked, dpi, lid)
    if page is None:
        level = float(np.percentile(scan[::8, ::8].max(axis=2), 95))
        reason = Reason.DARK if lid == "white" and level < gate.EMPTY_DARK else Reason.NO_PAGE
        glass = np.asarray(cv2.cvtColor(_reduced(scan), cv2.COLOR_RGB2BGR), np.uint8)
        return Verdict(False, reason, {"bright": round(level, 1)}, thumb=encode.thumb(glass))
    card = asked.name == "card" or _is_card(page)
    fine = min(SHAPES["card" if card and max(page.mm) <= _SMALL_MM else "a4"].max_dpi, float(dpi))
    flat = straight(scan, page, dpi, fine)
    even = enhance.flatten(flat)
    kept = enhance.balance(flat) if card else even
    grey = np.asarray(cv2.cvtColor(even, cv2.COLOR_BGR2GRAY), np.uint8)
    measures = {
        "borne": page.borne,
        "skew": page.skew,
        "level": float(np.percentile(flat[::4, ::4].max(axis=2), 95)),
        "ink": gate.ink_share(even),
        "stroke": stroke_width(grey),
    }
    rules = {
        Reason.CUT_OFF: page.cut,
        Reason.BLURRED: measures["stroke"] > limits.BLUR_STROKE_PX,
        Reason.DARK: measures["level"] < limits.DARK_LEVEL,
        Reason.BLANK: measures["ink"] < BLANK_SHARE,
    }
    reason = gate.first({why for why, holds in rules.items() if holds})
    return Verdict(
        ok=reason is None,
        reason=reason,
        measures={name: round(value, 4) for name, value in measures.items()},
        corners=as_corners(page.quad),
        image=encode.page(kept, encode.CARD_QUALITY if card else encode.PAGE_QUALITY),
        thumb=encode.thumb(kept),
        width=kept.shape[1],
        height=kept.shape[0],
        dpi=round(fine, 1),
    )


def straight(scan: Image, page: Lying, dpi: int, fine: float) -> Image:
    """The page upright at ``fine`` dpi, BGR, in one resampling; what lies beyond the glass is bare paper."""
    size = tuple(max(8, round(min(side, _MOST_MM) / 25.4 * fine)) for side in page.mm)
    low = np.maximum(np.floor(page.quad.min(axis=0)).astype(np.int64) - 4, 0)
    high = np.maximum(np.ceil(page.quad.max(axis=0)).astype(np.int64) + 5, low + 1)
    part = scan[low[1] : high[1], low[0] : high[0]]
    quad = page.quad - low
    shrink = fine / dpi
    if shrink < 0.75:  # warping cannot average: shrink first, so that thin strokes are not dropped
        shrink *= 1.25
        part = np.asarray(cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        quad = (quad + 0.5) * shrink - 0.5
    corners = np.array(((0, 0), (size[0], 0), (0, size[1])), np.float32) - 0.5
    matrix = cv2.getAffineTransform(quad[[0, 1, 3]].astype(np.float32), corners)
    flat = cv2.warpAffine(
        part, matrix, (size[0], size[1]), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=page.paper
    )
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2BGR), np.uint8)


def _is_card(page: Lying) -> bool:
    card = SHAPES["card"]
    sides = zip(sorted(page.mm), (card.short_mm or 0.0, card.long_mm or 0.0), strict=True)
    return all(abs(side - nominal) < _CARD_SLACK_MM for side, nominal in sides)


def _reduced(scan: Image) -> Image:
    step = max(1, max(scan.shape[:2]) // 1000)
    return np.ascontiguousarray(scan[::step, ::step])
