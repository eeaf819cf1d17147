"""Turns the description of a receipt into ESC/POS bytes, with python-escpos' ``Dummy`` printer.

Only commands that plain 80 mm printers know: text in code page 858, ``GS v 0`` pictures, ``ESC *`` icons in a line, the
printer's own QR codes. The same blocks give the same bytes.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Protocol, cast

from escpos.printer import Dummy

from drivers.printer.blocks import (
    COLUMNS,
    WIDTH_DOTS,
    Align,
    Block,
    Box,
    Columns,
    Cut,
    Feed,
    Icon,
    Image,
    Item,
    Pair,
    Qr,
    Rule,
    Stroke,
    Text,
)

PROFILE = "TM-T20II"  # of python-escpos: 576 dots, native QR codes, code page 858 as number 19
LINE_DOTS = 32
_TIGHT_DOTS = 24
_BAR_DOTS = 8
_FRAME_DOTS = 4
_QUIET_MODULES = 4
_MARK_COLUMNS = 3
_NEAREST = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "•": "*", "\u00a0": " "}
)


class _EscPos(Protocol):
    """The part of python-escpos (which has no types) that is used here."""

    output: bytes

    def _raw(self, msg: bytes) -> None: ...
    def charcode(self, code: str) -> None: ...
    def text(self, txt: str) -> None: ...
    def qr(self, content: str, *, ec: int, size: int, native: bool, center: bool) -> None: ...
    def cut(self, mode: str, feed: bool) -> None: ...


def receipt_bytes(blocks: Iterable[Block]) -> bytes:
    """The bytes that print ``blocks`` one under the other."""
    return _Writer().write(blocks)


def printable(text: str) -> str:
    """``text`` with each character that code page 858 lacks replaced by its nearest; no control characters."""
    out: list[str] = []
    for character in unicodedata.normalize("NFC", text.translate(_NEAREST)):
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
            out.append(" ")
            continue
        for candidate in (character, unicodedata.normalize("NFKD", character)):
            kept = candidate.encode("cp858", "ignore").decode("cp858")
            if kept:
                out.append(kept)
                break
        else:
            out.append("?")
    return "".join(out)


def wrapped(text: str, columns: int) -> list[str]:
    """``text`` broken at spaces into lines of at most ``columns`` characters; at least one line."""
    return textwrap.wrap(printable(text), max(1, columns)) or [""]


class _Writer:
    def __init__(self) -> None:
        self._printer = cast(_EscPos, Dummy(profile=PROFILE))
        self._raw(b"\x1b@")
        self._printer.charcode("CP858")
        self._spacing(LINE_DOTS)

    def write(self, blocks: Iterable[Block]) -> bytes:
        for block in blocks:
            match block:
                case Text():
                    self._text(block)
                case Columns():
                    self._columns(block)
                case Pair():
                    self._pair(block)
                case Item():
                    self._item(block)
                case Box():
                    self._box(block)
                case Rule():
                    self._rule(block.stroke)
                case Qr():
                    self._qr(block)
                case Image():
                    self._image(block)
                case Feed():
                    self._feed(block.dots)
                case Cut():
                    self._printer.cut(mode="FULL", feed=True)
        return self._printer.output

    def _raw(self, data: bytes) -> None:
        self._printer._raw(data)  # pyright: ignore[reportPrivateUsage]  # the library's own way to send a plain command

    def _spacing(self, dots: int) -> None:
        self._raw(bytes((0x1B, 0x33, dots)))

    def _feed(self, dots: int) -> None:
        left = max(0, min(dots, 2000))
        while left:
            step = min(left, 255)
            self._raw(bytes((0x1B, 0x4A, step)))
            left -= step

    def _style(self, align: Align = Align.LEFT, bold: bool = False, wide: int = 1, tall: int = 1) -> None:
        self._raw(b"\x1ba" + bytes((list(Align).index(align),)))
        self._raw(b"\x1bE" + bytes((bold,)))
        self._raw(b"\x1d!" + bytes(((wide - 1) << 4 | (tall - 1),)))

    def _line(self, text: str, bold: bool = False) -> None:
        self._style(bold=bold)
        self._printer.text(text + "\n")

    def _text(self, block: Text) -> None:
        wide = max(1, min(block.size, 8))
        tall = max(1, min(block.tall or block.size, 8))
        columns = COLUMNS // wide
        self._style(Align.LEFT if block.invert else block.align, block.bold, wide, tall)
        if tall > 1:
            self._spacing(min(255, 24 * tall + LINE_DOTS - 24))
        if block.invert:
            self._bar(_BAR_DOTS)
            self._style(Align.LEFT, block.bold, wide, tall)
            self._raw(b"\x1dB\x01")
            self._spacing(_TIGHT_DOTS)  # as high as the letters: no white line between the bar's rows
        for line in wrapped(block.text, columns - 2 if block.invert else columns):
            if block.invert:
                place = {Align.LEFT: str.ljust, Align.CENTER: str.center, Align.RIGHT: str.rjust}[block.align]
                line = f" {place(line, columns - 2)} ".ljust(columns)
            self._printer.text(line + "\n")
        if block.invert:
            self._raw(b"\x1dB\x00")
            self._bar(_BAR_DOTS)
        self._spacing(LINE_DOTS)

    def _columns(self, block: Columns) -> None:
        right = printable(block.right)[: COLUMNS - 4]
        *above, last = wrapped(block.left, COLUMNS - len(right) - 1)
        for line in above:
            self._line(line, block.bold)
        self._line(last.ljust(COLUMNS - len(right)) + right, block.bold)

    def _pair(self, block: Pair) -> None:
        indent = max(1, min(block.indent, COLUMNS - 8))
        label = printable(block.label)[: indent - 1]
        for line in wrapped(block.value, COLUMNS - indent):
            self._style()
            self._printer.text(label.ljust(indent))
            self._style(bold=True)
            self._printer.text(line + "\n")
            label = ""

    def _item(self, block: Item) -> None:
        right = printable(block.right)[: COLUMNS // 2]
        room = COLUMNS - _MARK_COLUMNS - (len(right) + 1 if right else 0)
        first, *rest = wrapped(block.text, room)
        self._style(bold=True)
        if isinstance(block.mark, Icon):
            self._raw(_icon(block.mark))
            self._printer.text(" ")
        else:
            self._printer.text(printable(block.mark)[:_MARK_COLUMNS].ljust(_MARK_COLUMNS))
        self._style(bold=block.bold)
        self._printer.text(first.ljust(room) if right else first)
        self._style()
        self._printer.text(f" {right}\n" if right else "\n")
        for line in rest:
            self._line(" " * _MARK_COLUMNS + line, block.bold)

    def _box(self, block: Box) -> None:
        """A frame of rows of dots; the lines between have a piece of it, as an icon, at either edge."""
        inner = COLUMNS - 2
        lines = [(line, text.bold) for text in block.lines for line in wrapped(text.text, inner - 2)]
        self._spacing(_TIGHT_DOTS)
        self._bar(_FRAME_DOTS)
        self._sides(LINE_DOTS - _TIGHT_DOTS)
        for line, bold in lines:
            self._sides(LINE_DOTS - _TIGHT_DOTS)
            self._style(bold=bold)
            self._raw(_inline(_LEFT_SIDE))
            self._printer.text(line.center(inner))
            self._raw(_inline(_LEFT_SIDE[::-1]))
            self._printer.text("\n")
        self._sides(2 * (LINE_DOTS - _TIGHT_DOTS))
        self._bar(_FRAME_DOTS)
        self._spacing(LINE_DOTS)

    def _bar(self, dots: int) -> None:
        """A black row over the whole width."""
        self._image(Image(WIDTH_DOTS, dots, b"\xff" * (WIDTH_DOTS // 8 * dots)))

    def _sides(self, dots: int) -> None:
        """The frame's two sides alone."""
        self._image(Image(WIDTH_DOTS, dots, (b"\xf0" + bytes(WIDTH_DOTS // 8 - 2) + b"\x0f") * dots))

    def _rule(self, stroke: Stroke) -> None:
        self._feed(6)
        if stroke is Stroke.SOLID:
            self._bar(_FRAME_DOTS)
        else:
            self._image(Image(WIDTH_DOTS, 2, b"\xff\x0f\xf0" * 48))
        self._feed(8)

    def _qr(self, block: Qr) -> None:
        quiet = _QUIET_MODULES * block.module
        self._style(Align.CENTER)
        self._feed(quiet)
        self._printer.qr(block.text, ec=1, size=block.module, native=True, center=False)
        self._feed(quiet)
        self._style()

    def _image(self, block: Image) -> None:
        across = (block.width + 7) // 8
        self._style(block.align)
        self._raw(b"\x1dv0\x00" + across.to_bytes(2, "little") + block.height.to_bytes(2, "little") + block.bits)
        self._style()


_CHECKED = (
    "........................",
    "########################",
    "########################",
    "##....................##",
    "##....................##",
    "##................##..##",
    "##...............###..##",
    "##..............####..##",
    "##.............####...##",
    "##............####....##",
    "##...##......####.....##",
    "##..####....####......##",
    "##...####..####.......##",
    "##....########........##",
    "##.....######.........##",
    "##......####..........##",
    "##.......##...........##",
    "##....................##",
    "##....................##",
    "##....................##",
    "##....................##",
    "########################",
    "########################",
    "........................",
)


def _icon(icon: Icon) -> bytes:
    rows = _CHECKED
    if icon is Icon.UNCHECKED:
        rows = tuple(
            row[:2] + row[2:22].replace("#", ".") + row[22:] if 2 < y < 21 else row for y, row in enumerate(rows)
        )
    return _inline([int("".join("1" if row[x] == "#" else "0" for row in rows), 2) for x in range(24)])


_LEFT_SIDE = [0xFFFFFF] * _FRAME_DOTS + [0] * (12 - _FRAME_DOTS)


def _inline(columns: list[int]) -> bytes:
    """A picture in the line, ``ESC *`` in 24-dot double density: three bytes a column, the top dot in the high bit."""
    return b"\x1b*\x21" + len(columns).to_bytes(2, "little") + b"".join(dots.to_bytes(3, "big") for dots in columns)
