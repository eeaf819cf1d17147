"""The page in a picture: propose, score, fit, choose."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.capture import cues
from kiosk.capture.decode import Image
from kiosk.capture.fit import Fit, fit
from kiosk.capture.geometry import Floats, area, overlap
from kiosk.capture.score import score

WORK_SIDE = 640
"""Long side of the working picture, pixels."""
_SHORTLIST = 10


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the working picture. ``score`` 0 to 1; ``weakest``: of its sides; ``step``: colour step, L*a*b*."""

    quad: Floats
    score: float
    weakest: float
    step: float
    borne: float
    bend: float


def to_lab(image: Image) -> Floats:
    """CIE L*a*b* as floats, L 0 to 100."""
    return np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float64)


def find(image: Image) -> Page | None:
    """The best page in the working picture, None when nothing looks like one at all."""
    lab = np.asarray(cv2.medianBlur(to_lab(image).astype(np.float32), 3), np.float64)
    quads = cues.candidates(image, lab)
    if not len(quads):
        return None
    first = score(lab, quads)
    chosen: list[Floats] = []
    for index in np.argsort(-first.total):
        if all(overlap(quads[index], other) < 0.93 for other in chosen):
            chosen.append(quads[index])
        if len(chosen) == _SHORTLIST:
            break
    fits = [refit(image, quad) for quad in chosen]
    pages = weigh(image, lab, fits)
    return max(pages, key=lambda page: page.score)


def refit(image: Image, quad: Floats) -> Fit:
    """Fit twice on the working picture: wide, then close."""
    return fit(image, fit(image, quad, 8.0).quad, 3.0)


def weigh(image: Image, lab: Floats, fits: list[Fit]) -> list[Page]:
    """Score fitted quads."""
    quads = np.array([one.quad for one in fits])
    scores = score(lab, quads)
    pages: list[Page] = []
    for i, one in enumerate(fits):
        borne = float(0.5 * one.borne.mean() + 0.5 * one.borne.min())
        total = float(scores.total[i]) * (0.6 + 0.4 * borne)
        if area(one.quad) <= 0:
            total = 0.0
        pages.append(
            Page(one.quad, total, float(scores.weakest[i]), float(scores.step[i]), borne, float(one.bend.max()))
        )
    return pages
