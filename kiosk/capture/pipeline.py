"""One full frame to one verdict: find, fit, rectify, flatten, judge, encode."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.capture import decode, encode, enhance, limits
from kiosk.capture import judge as gate
from kiosk.capture.decode import Image
from kiosk.capture.find import WORK_SIDE, Page, find, to_lab
from kiosk.capture.fit import fit
from kiosk.capture.geometry import Floats, as_corners, sides
from kiosk.capture.rectify import Flat, rectify
from kiosk.capture.score import missing_corner
from kiosk.capture.sharp import side_spread, stroke_width
from kiosk.capture.types import Reason, Verdict, shape_of


def judge(jpeg: bytes, shape: str) -> Verdict:
    """Take the page of ``shape`` (see ``types.SHAPES``) from a frame. Raises NotAPicture."""
    frame = decode.full(jpeg)
    small, scale = working(frame)
    page = find(small)
    if page is None or page.score < gate.LOW_SCORE:
        return _without_page(frame, small, page, scale)
    quad = to_full(page.quad, scale)
    quad = fit(frame, quad, max(2.0, 2.0 * scale)).quad
    flat = rectify(frame, quad, shape_of(shape))
    card = shape == "card"
    even = enhance.flatten(flat.image)
    reasons, measures = _weigh(frame, small, page, quad, flat, even)
    kept = enhance.balance(flat.image) if card else even
    reason = gate.first(reasons)
    return Verdict(
        ok=reason is None,
        reason=reason,
        measures=measures,
        corners=as_corners(quad),
        image=encode.page(kept, encode.CARD_QUALITY if card else encode.PAGE_QUALITY),
        thumb=encode.thumb(kept),
        width=kept.shape[1],
        height=kept.shape[0],
        dpi=round(flat.dpi, 1),
    )


def working(frame: Image) -> tuple[Image, float]:
    shrink = min(1.0, WORK_SIDE / max(frame.shape[:2]))
    small = cv2.resize(frame, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), max(frame.shape[:2]) / max(small.shape[:2])


def to_full(quad: Floats, scale: float) -> Floats:
    return (quad + 0.5) * scale - 0.5  # pixel centres


def _without_page(frame: Image, small: Image, page: Page | None, scale: float) -> Verdict:
    reason = gate.first(without_page(small, page))
    measures = {"score": round(page.score, 4) if page else 0.0, "bright": round(brightness(small), 1)}
    seen = page is not None and reason is Reason.CUT_OFF
    corners = as_corners(to_full(page.quad, scale)) if page is not None and seen else None
    return Verdict(False, reason, measures, corners, thumb=encode.thumb(frame))


def brightness(small: Image) -> float:
    """The brightest 5 % of the picture begin here, 0 to 255."""
    return float(np.percentile(small.max(axis=2), 95))


def without_page(small: Image, page: Page | None) -> set[Reason]:
    """Why there is no page: too dark to see one, one that runs out of the frame, or none."""
    if brightness(small) < gate.EMPTY_DARK:
        return {Reason.DARK}
    if page is not None and cut_off(page.quad, (small.shape[1], small.shape[0])):
        mask = np.zeros(small.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, np.rint(page.quad).astype(np.int32), 1)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        if float(np.median(grey[mask > 0])) > gate.PAPER_LEVEL:
            return {Reason.CUT_OFF}
    return {Reason.CUT_OFF} if _runs_out(small) else {Reason.NO_PAGE}


def _runs_out(small: Image) -> bool:
    """True when something bright, large enough for a page, lies across the frame's border."""
    grey = cv2.medianBlur(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8), 5)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((grey > gate.PAPER_LEVEL).astype(np.uint8))
    areas = np.asarray(stats)[1:, cv2.CC_STAT_AREA]
    if not len(areas) or int(areas.max()) < gate.RUNS_OUT_AREA * grey.size:
        return False
    bright = np.asarray(labels) == 1 + int(np.argmax(areas))
    border = np.concatenate((bright[0], bright[-1], bright[:, 0], bright[:, -1]))
    return float(border.mean()) > gate.RUNS_OUT_BORDER


def cut_off(quad: Floats, frame: tuple[int, int]) -> bool:
    """True when a corner of the page lies outside or at the border of the frame (width, height)."""
    margin = gate.AT_BORDER * max(frame) / 1600
    x, y = quad[:, 0], quad[:, 1]
    return bool(np.any((x < margin) | (y < margin) | (x > frame[0] - 1 - margin) | (y > frame[1] - 1 - margin)))


def _weigh(
    frame: Image, small: Image, page: Page, quad: Floats, flat: Flat, even: Image
) -> tuple[set[Reason], dict[str, float]]:
    px_mm = flat.dpi / 25.4 * flat.source_scale  # camera pixels on a millimetre of paper; 0: size unknown
    short = float(sides(quad).min())
    spread = side_spread(frame, quad, max(8.0, 2.2 * px_mm if px_mm else 0.012 * short))
    widest, narrowest = max(spread), min(spread)
    limit = gate.BLUR_MM * px_mm if px_mm else max(gate.BLUR_LEAST_PX, gate.BLUR_SHARE * short)
    stroke = stroke_width(np.asarray(cv2.cvtColor(even, cv2.COLOR_BGR2GRAY), np.uint8))
    measures = {
        "score": page.score,
        "bend": page.bend,
        "missing": missing_corner(to_lab(small), page.quad),
        "off": flat.off,
        "level": float(np.median(cv2.cvtColor(flat.image, cv2.COLOR_BGR2GRAY))),
        "ink": gate.ink_share(even),
        "glare": gate.glare_share(flat.image, even),
        "edge": widest / limit,
        "edge_ratio": widest / narrowest if narrowest else 0.0,
        "stroke": stroke,
    }
    blurred = measures["edge"] > 1
    moved = blurred and measures["edge_ratio"] > gate.MOTION_RATIO
    rules = {
        Reason.CUT_OFF: cut_off(quad, (frame.shape[1], frame.shape[0]))
        or measures["missing"] > gate.MISSING_CORNER
        or abs(flat.off) > gate.OFF_SHAPE,
        Reason.BLURRED: not moved and (blurred or stroke > limits.BLUR_STROKE_PX),
        Reason.MOTION: moved,
        Reason.DARK: measures["level"] < limits.DARK_LEVEL,
        Reason.GLARE: measures["glare"] > limits.GLARE_SHARE,
        Reason.BLANK: measures["ink"] < gate.BLANK_SHARE,
    }
    return {reason for reason, holds in rules.items() if holds}, {k: round(v, 4) for k, v in measures.items()}
