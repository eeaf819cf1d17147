"""The live picture: follow the page, say what is in the way, and fire once when it lies still."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.capture import decode, limits, pipeline
from kiosk.capture import judge as gate
from kiosk.capture import preview as live
from kiosk.capture.decode import Image
from kiosk.capture.find import WORK_SIDE, Page, find, refit, to_lab, weigh
from kiosk.capture.geometry import Floats, as_corners
from kiosk.capture.score import missing_corner
from kiosk.capture.types import Found, Hint, Preview, Reason

STILL_S = 0.4
STILL_FRAMES = 5
STILL_SHARE = 0.003
"""The page lies still when no corner has moved more than this share of the frame's diagonal in that time."""
FULL_S = 0.5
"""A full search at least this often, so that a wrong outline cannot hold on by itself."""
FIRE_SCORE = 0.58
FIRE_SIDE = 0.40
"""Stricter than what is shown: taking the wrong thing is worse than taking the right one late."""
MOVED_SHARE = 0.03
ALIKE = 0.5
"""After a shot: moved this share of the diagonal, or writing that correlates less than this, means a new page. Drawn
papers that lie in the same place: the same one again, turned and in other light, 0.86 and more; another one, 0.24 and
less. (The mean difference of the greys does not tell them apart: most of every page is white.)"""
_PLAIN = 1.5
"""Grey levels: a page whose writing deviates less than this has none that could be compared."""
_LOST_FRAMES = 3
_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    at: float
    quad: Floats
    look: Image


class Tracker:
    """Keeps the last second of one live picture. Not for several threads."""

    def __init__(self) -> None:
        self._seen: deque[_Seen] = deque(maxlen=64)
        self._searched = -1e9
        self._lost = 0
        self._taken: _Seen | None = None

    def reset(self) -> None:
        """Forget the page seen so far and arm the shutter."""
        self.__init__()

    def track(self, jpeg: bytes, at: float, preview: Preview | None = None) -> Hint:
        """One frame; ``at`` in monotonic seconds. Raises NotAPicture."""
        wanted = max(WORK_SIDE, max(preview.width, preview.height) if preview else 0)
        image, _ = decode.reduced(jpeg, wanted)
        if preview is not None:
            live.write(image, preview)
        full = decode.size(jpeg)
        small, _ = pipeline.working(image)
        scale = max(full) / max(small.shape[:2])
        page = self._page(small, at)
        if page is None or page.score < gate.LOW_SCORE:
            self._lost += 1
            self._seen.clear()
            if self._lost >= _LOST_FRAMES:
                self._taken = None
            return Hint(hint=gate.first(pipeline.without_page(small, page)))
        self._lost = 0
        found = Found(as_corners(pipeline.to_full(page.quad, scale)), round(page.score, 3), full)
        trouble = self._trouble(small, page)
        still = self._still(_Seen(at, page.quad, _look(small, page.quad)), small.shape)
        if self._taken is not None:
            if not self._new(self._seen[-1], small.shape, still):
                return Hint(found, trouble, 0.0)
            self._taken = None
        if trouble is not None:
            self._seen.clear()
            return Hint(found, trouble, 0.0)
        fire = still >= 1.0 and page.score >= FIRE_SCORE and page.weakest >= FIRE_SIDE
        if fire:
            self._taken = self._seen[-1]
        return Hint(found, None, round(min(still, 1.0), 3), fire)

    def _page(self, small: Image, at: float) -> Page | None:
        if self._seen and at - self._searched < FULL_S:
            lab = np.asarray(cv2.medianBlur(to_lab(small).astype(np.float32), 3), np.float64)
            page = weigh(small, lab, [refit(small, self._seen[-1].quad)])[0]
            if page.score >= gate.LOW_SCORE:
                return page
        self._searched = at
        return find(small)

    def _still(self, now: _Seen, shape: tuple[int, ...]) -> float:
        """0 to 1: how much of the stillness needed has passed, this frame included."""
        if self._seen and not 0 < now.at - self._seen[-1].at < _GAP_S:
            self._seen.clear()
        self._seen.append(now)
        limit = STILL_SHARE * float(np.hypot(shape[0], shape[1]))
        frames, since = 0, now.at
        for then in reversed(self._seen):
            if np.linalg.norm(then.quad - now.quad, axis=1).max() > limit:
                break
            frames, since = frames + 1, then.at
        return min((now.at - since) / STILL_S, (frames - 1) / (STILL_FRAMES - 1))

    def _new(self, now: _Seen, shape: tuple[int, ...], still: float) -> bool:
        """True when what lies there is not the page that was taken. Writing is compared only once it lies still."""
        taken = self._taken
        if taken is None:
            return True
        moved = np.linalg.norm(taken.quad - now.quad, axis=1).max()
        if moved > MOVED_SHARE * float(np.hypot(shape[0], shape[1])):
            return True
        return still >= 1.0 and _alike(taken.look, now.look) < ALIKE

    def _trouble(self, small: Image, page: Page) -> Reason | None:
        reasons: set[Reason] = set()
        if pipeline.cut_off(page.quad, (small.shape[1], small.shape[0])):
            reasons.add(Reason.CUT_OFF)
        if missing_corner(to_lab(small), page.quad) > gate.MISSING_CORNER:
            reasons.add(Reason.CUT_OFF)
        look = _look(small, page.quad)
        if float(np.median(look)) < limits.DARK_LEVEL:
            reasons.add(Reason.DARK)
        return gate.first(reasons)


def _alike(one: Image, other: Image) -> float:
    """Correlation of the writing on two looks, 1 for the same; shadows, light and the page's edge do not count."""
    first, second = (_writing(look) for look in (one, other))
    spread = float(first.std()), float(second.std())
    if max(spread) < _PLAIN:
        return 1.0
    return float((first * second).mean()) / (max(spread[0], _PLAIN) * max(spread[1], _PLAIN))


def _writing(look: Image) -> Floats:
    grey = look.astype(np.float64)
    inner = (grey - cv2.GaussianBlur(grey, (0, 0), 5))[4:-4, 4:-4]
    return np.asarray(inner - inner.mean(), np.float64)


def _look(small: Image, quad: Floats) -> Image:
    """The page at 48 x 48 grey: enough to tell one page from another."""
    straight = np.array(((0, 0), (96, 0), (96, 96), (0, 96)), np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), straight)
    flat = cv2.warpPerspective(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), matrix, (96, 96))
    return np.asarray(cv2.resize(flat, (48, 48), interpolation=cv2.INTER_AREA), np.uint8)
