"""What receipts and slips share: the sign of the terminal, its place, its hours, the time in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from drivers.printer.blocks import Align, Block, Columns, Feed, Image, Rule, Stroke, Text
from wire.enrol import Place
from wire.words import translator


def head(place: Place | None) -> Iterator[Block]:
    """The top of a paper: sign, name, place."""
    yield sign()
    yield Feed(12)
    yield Text("ANJUNGAN DUKCAPIL MANDIRI", Align.CENTER, bold=True, tall=2)
    if place is not None:
        yield Text(f"{place.village}, {place.district}", Align.CENTER)
        yield Text(place.office, Align.CENTER)
    yield Rule(Stroke.SOLID)


def hours(place: Place | None, language: str) -> Iterator[Block]:
    """The office's hours, where they are known."""
    if place is not None and place.hours:
        yield Feed(8)
        yield Rule()
        say = translator(language, "kiosk", "wire")
        yield Text(say("Office hours").upper(), bold=True)
        for days, times in place.hours:
            yield Columns(days, times)


def time_of(at: dt.datetime, language: str) -> str:
    """A time in words, as "Sel 24 Nov 2026, pukul 10.24"."""
    from babel.dates import format_datetime  # 60 ms, not before it is needed

    say = translator(language, "kiosk", "wire")
    day = format_datetime(at, "EEE d MMM yyyy, ", locale=language)
    return day + say("at {time}").format(time=at.strftime("%H.%M"))


def sign() -> Image:
    """A house with a gable and four pillars, 96 x 76 dots."""
    width, height = 96, 76
    rows = bytearray()
    for y in range(height):
        dots = 0
        for x in range(width):
            gable = y < 30 and abs(x - 47.5) <= 4 + y * 1.5
            pillars = 38 <= y < 62 and any(start <= x < start + 10 for start in (16, 34, 52, 70))
            if gable or pillars or y >= 66:
                dots |= 1 << (width - 1 - x)
        rows += dots.to_bytes(width // 8, "big")
    return Image(width, height, bytes(rows))
