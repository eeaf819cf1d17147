"""What the capture child is asked and what it answers. No cv2 here: the station and the window may import this."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left as the camera sees the page; pixels of the full frame."""

BAD_SCAN = "scanner_failed"
"""Fault of a scan that is no picture: cut short, no PNM, of no glass's size."""

THUMB_SIDE = 360
"""Long side of ``Verdict.thumb`` in pixels."""


class Reason(StrEnum):
    """Why a page is not kept. Order is urgency: the first that holds is the one a person is told."""

    NO_PAGE = "no_page"
    CUT_OFF = "cut_off"
    BLURRED = "blurred"
    MOTION = "motion"
    DARK = "dark"
    GLARE = "glare"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of sheet. ``short_mm`` and ``long_mm``: its sides (None: unknown); ``max_dpi``: never rectified finer."""

    name: str
    short_mm: float | None
    long_mm: float | None
    max_dpi: float


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("a4", 210.0, 297.0, 200.0),
        Shape("f4", 215.0, 330.0, 200.0),  # folio as sold in Indonesia
        Shape("card", 53.98, 85.6, 300.0),  # ISO/IEC 7810 ID-1
        Shape("any", None, None, 200.0),
    )
}


def shape_of(name: str) -> Shape:
    """The shape of that name; an unknown name is "any", so that a newer service list never stops a visit."""
    return SHAPES.get(name, SHAPES["any"])


@dataclass(frozen=True, slots=True)
class Found:
    """A page in a frame. ``score``: 0 to 1, how well its four sides are borne out. ``frame_size``: (width, height)."""

    corners: Corners
    score: float
    frame_size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hint:
    """What the live view shows while looking.

    ``found``: the page, if one is seen. ``hint``: what is in the way now. ``still``: 0 to 1, how much of the stillness
    that is needed has passed (the ring). ``fire``: take this very frame now; true for one frame only, and not again
    before the page has moved, left or changed. ``fault``: "capture_stopped" when the child did not answer,
    "camera_garbage" when the frame was no picture; then nothing else is set.
    """

    found: Found | None = None
    hint: Reason | None = None
    still: float = 0.0
    fire: bool = False
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a page.

    From a scan the corners may lie beyond the glass, and ``fault`` may be ``BAD_SCAN``.

    ``ok``: keep it. ``reason``: the most urgent reason against it. ``measures``: numbers behind it, for the log (no
    image content). ``corners``: pixels of the full frame, None when no page was found. ``image``: the page to seal,
    ``media_type``; empty when no page was found; there even when ``ok`` is false. ``thumb``: JPEG, long side
    ``THUMB_SIDE`` px (of the whole frame when no page was found). ``width``, ``height``: pixels of ``image``; ``dpi``
    as far as the shape tells it, else 0. ``fault`` as in ``Hint``: then ``ok`` is false and ``reason`` None.
    """

    ok: bool
    reason: Reason | None = None
    measures: dict[str, float] = field(default_factory=dict[str, float])
    corners: Corners | None = None
    image: bytes = b""
    media_type: str = "image/jpeg"
    thumb: bytes = b""
    width: int = 0
    height: int = 0
    dpi: float = 0.0
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A shared-memory block for the live picture: ``width * height * 3`` bytes BGR, top row first, from byte 0."""

    name: str
    width: int
    height: int


def letterbox(frame: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float]:
    """How a frame lies in a preview of ``size`` (both width, height): scale, left and top margin in preview pixels.

    A point (x, y) of the frame is drawn at (left + scale * x, top + scale * y). Raises ValueError on an empty frame.
    """
    if min(frame) <= 0:
        raise ValueError(f"empty frame: {frame}")
    scale = min(size[0] / frame[0], size[1] / frame[1])
    return scale, (size[0] - scale * frame[0]) / 2, (size[1] - scale * frame[1]) / 2
