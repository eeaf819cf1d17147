"""Writes on a blank sheet at 300 dpi, in millimetres and points, and remembers what can be read on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DPI = 300
INK = "#1c1c22"
_PALE = "#ebece9"  # the mark must be seen by a person and must not disturb the reading of what stands over it
_FONTS = Path(__file__).resolve().parent.parent / "fonts"


@dataclass(frozen=True, slots=True)
class Truth:
    """What stands on a sheet: words in reading order, and its 16-digit numbers."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn sheet. ``image``: RGB at 300 dpi. ``mm``: width, height. ``truth``: what can be read on it."""

    image: Image.Image
    mm: tuple[float, float]
    truth: Truth


@cache
def _font(points: float, bold: bool) -> ImageFont.FreeTypeFont:
    name = "LiberationSans-Bold.ttf" if bold else "LiberationSans-Regular.ttf"
    return ImageFont.truetype(_FONTS / name, points * DPI / 72)


def px(mm: float) -> int:
    """Pixels of a length in mm."""
    return round(mm / 25.4 * DPI)


class Pen:
    """One sheet in work. Positions are mm from the top left, sizes of letters points."""

    def __init__(self, mm: tuple[float, float], colour: str = "#fbfbf8") -> None:
        self._mm = mm
        self._image = Image.new("RGB", (px(mm[0]), px(mm[1])), colour)
        self._draw = ImageDraw.Draw(self._image)
        self._words: list[str] = []
        self._numbers: list[str] = []

    def mark(self, points: float, places: tuple[tuple[float, float], ...], colour: str = _PALE) -> None:
        """CONTOH, pale and slanted, centred on each place: nobody may take this paper for a real one."""
        font = _font(points, True)
        left, top, right, bottom = (round(side) for side in font.getbbox("CONTOH"))
        stencil = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(stencil).text((-left, -top), "CONTOH", 255, font)
        stencil = stencil.rotate(28, Image.Resampling.BICUBIC, expand=True)
        for x, y in places:
            self._image.paste(colour, (px(x) - stencil.width // 2, px(y) - stencil.height // 2), stencil)

    def text(
        self, x: float, y: float, text: str, points: float = 11, *, bold: bool = False, colour: str = INK, at: str = "l"
    ) -> None:
        """One line, its baseline at ``y``. ``at``: what ``x`` is: l(eft), m(iddle) or r(ight)."""
        self._draw.text((px(x), px(y)), text, colour, _font(points, bold), anchor=f"{at}s")
        for word in text.split():
            if any(letter.isalnum() for letter in word):
                self._words.append(word)
            if len(word) == 16 and word.isdigit():
                self._numbers.append(word)

    def block(self, x: float, y: float, width: float, text: str, points: float = 11, lead: float = 5.6) -> float:
        """A paragraph, broken into lines of at most ``width`` mm; returns the next baseline."""
        font = _font(points, False)
        line = ""
        for word in text.split():
            longer = f"{line} {word}".lstrip()
            if line and font.getlength(longer) > px(width):
                self.text(x, y, line, points)
                y, line = y + lead, word
            else:
                line = longer
        self.text(x, y, line, points)
        return y + lead

    def line(self, x1: float, y1: float, x2: float, y2: float, wide: float = 0.3, colour: str = INK) -> None:
        """A straight line, ``wide`` mm."""
        self._draw.line((px(x1), px(y1), px(x2), px(y2)), colour, max(1, px(wide)))

    def box(
        self, x: float, y: float, width: float, height: float, wide: float = 0.3, *, fill: str | None = None
    ) -> None:
        """A rectangle from its top left."""
        self._draw.rectangle((px(x), px(y), px(x + width), px(y + height)), fill, INK, px(wide))

    def tick(self, x: float, y: float) -> None:
        """A hand-drawn tick in a box whose top left this is."""
        points = [(px(x + 0.6), px(y + 1.8)), (px(x + 1.5), px(y + 3.0)), (px(x + 3.6), px(y - 0.8))]
        self._draw.line(points, "#1b2f8f", px(0.6), "curve")

    def stamp(self, x: float, y: float, radius: float, text: str) -> None:
        """A round blue stamp of an office; what stands in it is no known word."""
        font = _font(7, True)
        for size in (radius, radius - 1.2, radius * 0.62):
            around = (px(x - size), px(y - size), px(x + size), px(y + size))
            self._draw.ellipse(around, None, "#3350b8", px(0.35))
        self._draw.text((px(x), px(y)), text, "#3350b8", font, anchor="mm")

    def sign(self, x: float, y: float) -> None:
        """A signature: a pen's curve of about 30 mm."""
        curve = [(0, 0), (3, -7), (5, 2), (8, -5), (10, 1), (14, -3), (17, 1), (21, -2), (30, -1)]
        self._draw.line([(px(x + dx), px(y + dy)) for dx, dy in curve], "#1b2f8f", px(0.5), "curve")

    def portrait(self, x: float, y: float, width: float, height: float) -> None:
        """The shape of a person on red, as on a card."""
        self.box(x, y, width, height, 0.1, fill="#b03a34")
        middle, top = x + width / 2, y + height * 0.16
        self._draw.ellipse(
            (px(x + 0.12 * width), px(y + 0.62 * height), px(x + 0.88 * width), px(y + 1.3 * height)), "#e8e4da"
        )
        self._draw.ellipse(
            (px(middle - 0.24 * width), px(top), px(middle + 0.24 * width), px(y + 0.62 * height)), "#7a5236"
        )
        self._draw.rectangle(
            (px(x), px(y + height) + 1, px(x + width), px(y + 1.32 * height)), self._image.getpixel((2, 2))
        )

    def picture(self, x: float, y: float, picture: Image.Image) -> None:
        """Another picture, pixel by pixel, its top left here."""
        self._image.paste(picture, (px(x), px(y)))

    def drawing(self) -> Drawing:
        """The finished sheet."""
        return Drawing(self._image, self._mm, Truth(tuple(self._words), tuple(self._numbers)))
