"""What a receipt is made of: plain descriptions, turned into bytes by ``drivers.printer.bytes``.

Paper of 80 mm, 576 dots of 1/8 mm wide; text in font A, 12 x 24 dots, so 48 columns. Text may hold any characters;
those that code page 858 lacks are replaced by their nearest, at worst by ``?``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WIDTH_DOTS = 576
COLUMNS = 48


class Align(StrEnum):
    """Where a line stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Stroke(StrEnum):
    """How a rule is drawn."""

    DASHED = "dashed"
    SOLID = "solid"


class Icon(StrEnum):
    """A small picture of 24 x 24 dots that stands in a line like two characters."""

    CHECKED = "checked"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text, broken at spaces. ``size``: 1 to 8, times the font's width and height.

    ``tall``: the height alone, when it differs from ``size``. ``invert``: white on black over the whole width.
    """

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    size: int = 1
    tall: int | None = None
    invert: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """One text at the left edge and one at the right; the left one is broken when both do not fit."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value, which begins at column ``indent`` and is bold."""

    label: str
    value: str
    indent: int = 10


@dataclass(frozen=True, slots=True)
class Item:
    """A point of a list: ``mark`` (an icon, ``1.``, nothing), text beside it, and something at the right edge."""

    mark: Icon | str
    text: str
    right: str = ""
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """Centred lines in a frame."""

    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    stroke: Stroke = Stroke.DASHED


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred, with four modules of quiet paper above and below.

    ``module``: dots a module, at least 6: smaller ones did not survive blur (device-notes, QR table).
    """

    text: str
    module: int = 8

    def __post_init__(self) -> None:
        if not 6 <= self.module <= 16:
            raise ValueError(f"a module has 6 to 16 dots, not {self.module}")
        if not self.text or len(self.text) > 400:
            raise ValueError("a QR code holds 1 to 400 characters here")


@dataclass(frozen=True, slots=True)
class Image:
    """One-bit picture: rows of ``(width + 7) // 8`` bytes, the left dot in the high bit, 1 is black."""

    width: int
    height: int
    bits: bytes
    align: Align = Align.CENTER

    def __post_init__(self) -> None:
        if not (0 < self.width <= WIDTH_DOTS and 0 < self.height <= 1024):
            raise ValueError(f"a picture of {self.width} x {self.height} dots does not fit")
        if len(self.bits) != (self.width + 7) // 8 * self.height:
            raise ValueError("a picture's bytes do not match its size")


@dataclass(frozen=True, slots=True)
class Feed:
    """Blank paper, in dots of 1/8 mm (1 to 2000)."""

    dots: int = 24


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the knife and cut."""


Block = Text | Columns | Pair | Item | Box | Rule | Qr | Image | Feed | Cut
