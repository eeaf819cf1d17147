"""Draws an ESC/POS byte stream as it comes out on paper: 576 dots wide, one bit a dot.

Lines follow Epson's command reference: a line is as high as its tallest letter, at least the line spacing; letters of
different heights stand on one foot line; pictures and QR codes stand alone. A command that would change the picture and
is not drawn here is an error, so that a picture never looks better than the paper. The knife stands behind the head,
so paper begins with a blank piece, and what was not fed past the knife stays behind the cut.

Font: ``fonts/receipt-12x24.png`` (code page 858, 16 letters of 12 x 24 dots a row, strokes two dots wide as thermal
printers have them); emphasised letters are struck twice, one dot apart.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import segno
from PIL import Image, ImageChops

from drivers.virtual.escpos import DLE, ESC, FS, GS, commands

WIDTH = 576
LETTER = (12, 24)
KNIFE = 112  # dots from head to knife: 14 mm, assumed; printers differ by some millimetres
LONGEST = 24_000  # dots, 3 m: more is a stream gone wrong
_DEFAULT_SPACING = 30  # of ESC 2
_T = TypeVar("_T")
_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
_CORRECTION = {48: "l", 49: "m", 50: "q", 51: "h"}
_FONT = Path(__file__).parent / "fonts" / "receipt-12x24.png"
_SILENT = frozenset({b"\x1dr", b"\x1da", b"\x1dI", b"\x1bc", b"\x1bp", b"\x1bR", b"\x1b="})  # nothing on paper


def render(data: bytes) -> Image.Image:
    """The paper with everything that ``data`` prints, mode ``1``, black on white, at least one dot high.

    Raises ``ValueError`` for a command that cannot be drawn faithfully, one that is cut off, and for paper longer than
    ``LONGEST``.
    """
    paper = _Paper()
    for command in commands(data):
        paper.take(command)
    return paper.picture()


@dataclass
class _Mode:
    """What stays as it was set until ``ESC @``."""

    page: str = "cp437"
    align: int = 0
    bold: bool = False
    double_strike: bool = False
    invert: bool = False
    underline: int = 0
    wide: int = 1
    tall: int = 1
    spacing: int = _DEFAULT_SPACING
    module: int = 3
    correction: str = "l"
    qr: bytes = b""


@dataclass
class _Line:
    """What waits for a line feed: tiles, black is 255, and the width they take."""

    tiles: list[tuple[int, Image.Image]] = field(default_factory=list[tuple[int, Image.Image]])
    width: int = 0

    @property
    def height(self) -> int:
        return max((tile.height for _, tile in self.tiles), default=0)


class _Paper:
    def __init__(self) -> None:
        self._mode = _Mode()
        self._line = _Line()
        self._down = KNIFE
        self._cut_at: int | None = None
        self._tiles: list[tuple[int, int, Image.Image]] = []
        self._second: dict[int, Callable[[bytes], None]] = {DLE: self._dle, ESC: self._esc, FS: self._fs, GS: self._gs}

    def take(self, command: bytes) -> None:
        first = command[0]
        if first == 0x0A:
            self._feed(self._mode.spacing)
        elif first == 0x0D:
            return
        elif first in self._second:
            if len(command) < 2:
                raise _not_drawn(command)
            try:
                self._second[first](command)
            except IndexError:
                raise _not_drawn(command) from None
        elif first < 0x20:
            raise _not_drawn(command)
        else:
            self._text(command)

    def picture(self) -> Image.Image:
        if self._line.tiles:
            self._feed(0)
        printed = max((y + tile.height for _, y, tile in self._tiles), default=0)
        end = self._down if self._cut_at is None or self._cut_at < printed else self._cut_at
        dots = Image.new("L", (WIDTH, max(1, end)))
        for x, y, tile in self._tiles:
            dots.paste(ImageChops.lighter(dots.crop((x, y, x + tile.width, y + tile.height)), tile), (x, y))
        return ImageChops.invert(dots).convert("1", dither=Image.Dither.NONE)

    # Commands.

    def _dle(self, command: bytes) -> None:
        """Questions to the printer; they print nothing."""

    def _fs(self, command: bytes) -> None:
        if command[1:2] != b".":  # Chinese characters off
            raise _not_drawn(command)

    def _esc(self, command: bytes) -> None:
        mode = self._mode
        match chr(command[1]):
            case "@":
                self._mode, self._line = _Mode(), _Line()
            case "t":
                mode.page = _known(_PAGES, command)
            case "a":
                mode.align = _known({0: 0, 1: 1, 2: 2, 48: 0, 49: 1, 50: 2}, command)
            case "E":
                mode.bold = bool(command[2] & 1)
            case "G":
                mode.double_strike = bool(command[2] & 1)
            case "-":
                mode.underline = _known({0: 0, 1: 1, 2: 2, 48: 0, 49: 1, 50: 2}, command)
            case "M":
                _known({0: 0, 48: 0}, command)
            case "!":
                self._all_modes(command)
            case "2":
                mode.spacing = _DEFAULT_SPACING
            case "3":
                mode.spacing = command[2]
            case "J":
                self._feed(command[2])
            case "d":
                self._feed(command[2] * mode.spacing)
            case "*":
                self._columns(command)
            case _:
                if command[:2] not in _SILENT:
                    raise _not_drawn(command)

    def _gs(self, command: bytes) -> None:
        mode = self._mode
        match chr(command[1]):
            case "!":
                mode.wide, mode.tall = (command[2] >> 4 & 7) + 1, (command[2] & 7) + 1
            case "B":
                mode.invert = bool(command[2] & 1)
            case "v":
                self._rows(command)
            case "(":
                self._symbol(command)
            case "V":
                self._cut(KNIFE + command[3] if len(command) > 3 else 0)
            case _:
                if command[:2] not in _SILENT:
                    raise _not_drawn(command)

    def _all_modes(self, command: bytes) -> None:
        n, mode = command[2], self._mode
        if n & 0x01:  # font B
            raise _not_drawn(command)
        mode.bold, mode.underline = bool(n & 0x08), int(bool(n & 0x80))
        mode.tall, mode.wide = (2 if n & 0x10 else 1), (2 if n & 0x20 else 1)

    def _text(self, text: bytes) -> None:
        mode = self._mode
        for letter in text.decode(mode.page, "replace"):
            tile = _letter(letter, mode.bold or mode.double_strike)
            if mode.wide > 1 or mode.tall > 1:
                tile = tile.resize((LETTER[0] * mode.wide, LETTER[1] * mode.tall), Image.Resampling.NEAREST)
            if mode.underline and not mode.invert:
                tile = tile.copy()
                tile.paste(255, (0, tile.height - mode.underline, tile.width, tile.height))
            self._add(ImageChops.invert(tile) if mode.invert else tile)

    def _columns(self, command: bytes) -> None:
        """``ESC *``: a picture that stands in the line; only the densities that are dot for dot."""
        kind, across = command[2], command[3] + 256 * command[4]
        deep = {1: 1, 33: 3}.get(kind)
        bits = command[5:]
        if deep is None or len(bits) != across * deep or not 0 < across <= WIDTH:
            raise _not_drawn(command)
        tile = Image.frombytes("1", (deep * 8, across), bits).transpose(Image.Transpose.TRANSPOSE).convert("L")
        if deep == 1:  # eight pins of 60 dots an inch: each is three dots high
            tile = tile.resize((across, 24), Image.Resampling.NEAREST)
        self._add(tile)

    def _rows(self, command: bytes) -> None:
        """``GS v 0``: a picture on its own; doubled as its mode says."""
        across, down = command[4] + 256 * command[5], command[6] + 256 * command[7]
        bits = command[8:]
        mode = _known({0: 0, 1: 1, 2: 2, 3: 3, 48: 0, 49: 1, 50: 2, 51: 3}, command[1:])
        if command[2:3] != b"0" or not across or not down or len(bits) != across * down:
            raise _not_drawn(command)
        tile = Image.frombytes("1", (across * 8, down), bits).convert("L")
        size = (tile.width * (2 if mode & 1 else 1), tile.height * (2 if mode & 2 else 1))
        self._stand(tile.resize(size, Image.Resampling.NEAREST))

    def _symbol(self, command: bytes) -> None:
        """``GS ( k``: the printer's own QR code (cn 49)."""
        kind, function, rest = command[2:3], command[5:7], command[7:]
        if kind != b"k" or len(command) != 5 + command[3] + 256 * command[4]:
            raise _not_drawn(command)
        mode = self._mode
        match function:
            case b"1A":  # model
                if rest[:1] not in (b"1", b"2"):
                    raise _not_drawn(command)
            case b"1C":
                mode.module = rest[0]
                if not 1 <= mode.module <= 16:
                    raise _not_drawn(command)
            case b"1E":
                mode.correction = _CORRECTION.get(rest[0], "l")
            case b"1P":
                mode.qr = rest[1:]
            case b"1Q":
                self._stand(_qr(mode.qr, mode.correction, mode.module))
            case _:
                raise _not_drawn(command)

    # The paper.

    def _add(self, tile: Image.Image) -> None:
        if self._line.width + tile.width > WIDTH:
            self._feed(self._mode.spacing)
        self._line.tiles.append((self._line.width, tile))
        self._line.width += tile.width

    def _stand(self, tile: Image.Image) -> None:
        """A tile that has the width for itself; what is too wide is lost at the right edge."""
        if self._line.tiles:
            self._feed(self._mode.spacing)
        tile = tile.crop((0, 0, min(WIDTH, tile.width), tile.height))
        self._tiles.append((self._start(tile.width), self._down, tile))
        self._advance(tile.height)

    def _feed(self, dots: int) -> None:
        """Print the line, if there is one, and feed ``dots``, or as much as it is high."""
        line, self._line = self._line, _Line()
        start, height = self._start(line.width), line.height
        for x, tile in line.tiles:
            self._tiles.append((start + x, self._down + height - tile.height, tile))
        self._advance(max(dots, height))

    def _cut(self, dots: int) -> None:
        """Feed ``dots`` and cut: a dashed line where the knife goes."""
        self._feed(dots)
        self._cut_at = self._down - KNIFE
        dashes = Image.frombytes("1", (WIDTH, 2), b"\xff\x00" * (WIDTH // 8)).convert("L")
        self._tiles.append((0, max(0, self._cut_at - 2), dashes))

    def _start(self, width: int) -> int:
        return (WIDTH - width) * self._mode.align // 2

    def _advance(self, dots: int) -> None:
        self._down += dots
        if self._down > LONGEST:
            raise ValueError(f"more than {LONGEST} dots of paper")


def _known(table: dict[int, _T], command: bytes) -> _T:
    """What the command's third byte stands for."""
    try:
        return table[command[2]]
    except KeyError:
        raise _not_drawn(command) from None


def _not_drawn(command: bytes) -> ValueError:
    return ValueError(f"not drawn: {command[:12].hex(' ')}{' ...' if len(command) > 12 else ''}")


@functools.cache
def _sheet() -> Image.Image:
    with Image.open(_FONT) as sheet:
        return sheet.convert("L")


@functools.cache
def _letter(letter: str, bold: bool) -> Image.Image:
    """The letter's 12 x 24 dots, black is 255; what the font lacks is a full block, to be seen at once."""
    try:
        code = letter.encode("cp858")
    except UnicodeEncodeError:
        code = b"\xdb"
    width, height = LETTER
    x, y = code[0] % 16 * width, code[0] // 16 * height
    tile = _sheet().crop((x, y, x + width, y + height))
    if bold:
        again = Image.new("L", LETTER)
        again.paste(tile, (1, 0))
        tile = ImageChops.lighter(tile, again)
    return tile


def _qr(data: bytes, correction: str, module: int) -> Image.Image:
    """The symbol without its quiet zone, which paper gives."""
    if not data:
        raise ValueError("a QR code of nothing")
    try:
        text: str | bytes = data.decode("ascii")
    except UnicodeDecodeError:
        text = data
    code = segno.make_qr(text, error=correction, boost_error=False)
    rows = [bytes(row) for row in code.matrix]
    if len(rows) * module > WIDTH:
        raise ValueError("a QR code wider than the paper, which a printer leaves out")
    tile = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows)).point(lambda dot: 255 * dot)
    return tile.resize((tile.width * module, tile.height * module), Image.Resampling.NEAREST)


def main() -> int:
    """``python -m drivers.virtual.receipt_png JOB.bin PICTURE.png``. 2 when the bytes cannot be drawn."""
    parser = argparse.ArgumentParser(description="Draw what an ESC/POS byte stream prints.")
    parser.add_argument("job", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    try:
        render(options.job.read_bytes()).save(options.picture)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.job}: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
