"""The slip of papers that a resident takes home, and the test slip of the staff, as blocks for the printer.

The slip of papers is in the visit's language: it is for the resident alone. Nothing personal stands on either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from drivers.printer.blocks import WIDTH_DOTS, Align, Block, Columns, Cut, Feed, Image, Item, Qr, Rule, Stroke, Text
from kiosk import letterhead
from wire.enrol import Place
from wire.service import Paper, Service
from wire.words import N_, translator

LONGEST = 400
"""Bytes of ``text``: as a QR it fits the paper at six dots a module, and any phone's camera reads it."""
_MODULE = 6
_ORIGINALS = N_("ORIGINALS, not photocopies")
_OPTIONAL = N_("if needed")
_FREE = N_("Free of charge")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789"
_MARKS = "ä ö ü ß é è ñ ç å ø  .,:;!?  ()/-+%&@#"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the slip tells. ``answers``: question id to answer id. ``at``: local time, with zone."""

    service: Service
    answers: Mapping[str, str]
    language: str
    place: Place | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """What the test slip tells. ``code``: the terminal's three letters, or ""."""

    language: str
    code: str
    at: dt.datetime
    version: str = field(default="")


def data(facts: Facts | Sample) -> bytes:
    """The bytes for the printer."""
    from drivers.printer.bytes import receipt_bytes  # python-escpos: a quarter of a second, not before it is needed

    return receipt_bytes(blocks(facts) if isinstance(facts, Facts) else sample_blocks(facts))


def text(service: Service, answers: Mapping[str, str], language: str) -> str:
    """The list of papers in a few plain lines, at most ``LONGEST`` bytes: what the QR holds."""
    say = translator(language, "kiosk", "wire")
    tail = f"{say(_ORIGINALS)}. {say(_FREE)}."
    for lean in (False, True):
        papers = [f"{number}. {_line(paper, say, lean)}" for number, paper in enumerate(service.needed(answers), 1)]
        whole = "\n".join((say(service.name), *papers, tail))
        if len(whole.encode()) <= LONGEST:
            return whole
    return whole.encode()[:LONGEST].decode(errors="ignore")


def blocks(facts: Facts) -> Iterator[Block]:
    """The slip of papers from top to cut."""
    say = translator(facts.language, "kiosk", "wire")
    yield from letterhead.head(facts.place)
    yield Text(say(N_("Papers to bring")).upper(), Align.CENTER, bold=True)
    yield Text(say(facts.service.name), Align.CENTER, bold=True, size=2)
    yield Feed(8)
    yield Text(say(_ORIGINALS), Align.CENTER, bold=True, tall=2, invert=True)
    yield Feed(8)
    for number, paper in enumerate(facts.service.needed(facts.answers), 1):
        pages = "" if paper.pages == 1 else say("{count} pages").format(count=paper.pages)
        yield Item(f"{number}.", say(paper.name), say(_OPTIONAL) if paper.need == "optional" else pages, bold=True)
        yield Item("", say(paper.where))
        if because := facts.service.because(paper, facts.answers):
            yield Item("", f"({say(because)})")
        yield Feed(10)
    yield Rule()
    yield Text(say(N_("This list on your phone: scan the QR.")), Align.CENTER)
    yield Qr(text(facts.service, facts.answers, facts.language), module=_MODULE)
    yield from letterhead.hours(facts.place, facts.language)
    yield Rule(Stroke.SOLID)
    yield Text(say(_FREE).upper(), Align.CENTER, bold=True, size=3, tall=2)
    yield Text(say("Do not pay anyone."), Align.CENTER)
    yield Feed(8)
    yield Text(say(N_("As of {time}")).format(time=letterhead.time_of(facts.at, facts.language)), Align.CENTER)
    yield Cut()


def sample_blocks(sample: Sample) -> Iterator[Block]:
    """The test slip: what shows a worn head, wrong letters, a slipping roll and a blunt knife."""
    say = translator(sample.language, "kiosk", "wire")
    when = letterhead.time_of(sample.at, sample.language)
    yield Text(say(N_("Printer test")).upper(), Align.CENTER, bold=True, size=2)
    yield Text(when, Align.CENTER)
    yield Rule(Stroke.SOLID)
    yield Text(say(N_("Ruler: 70 mm from mark to mark")), Align.CENTER)
    yield _ruler()
    yield Rule()
    yield Text(_LETTERS)
    yield Text(_MARKS)
    yield Text(_LETTERS[:26], bold=True)
    yield Text("ADM 0123456", Align.CENTER, bold=True, size=4)
    yield Text(say(N_("White on black")), Align.CENTER, bold=True, invert=True)
    yield Rule()
    yield Text(say(N_("No white line may run through the stripes.")), Align.CENTER)
    yield _stripes()
    yield Qr(" ".join(word for word in ("ADM", sample.code, sample.at.isoformat(timespec="seconds")) if word), module=8)
    yield Columns(" ".join(word for word in ("ADM", sample.code) if word), sample.version)
    yield Cut()


def _line(paper: Paper, say: Callable[[str], str], lean: bool) -> str:
    name = say(paper.short if lean else paper.name)
    return f"{name} ({say(_OPTIONAL)})" if paper.need == "optional" and not lean else name


def _ruler() -> Image:
    """70 mm, a short mark each millimetre, a longer one each 5 and 10; 8 dots are a millimetre."""
    length, height = 70 * 8 + 2, 40
    rows: list[int] = []
    for y in range(height):
        dots = 0
        for x in range(length):
            millimetre, rest = divmod(x, 8)
            tall = height if millimetre % 10 == 0 else 28 if millimetre % 5 == 0 else 16
            if (rest < 2 and height - y <= tall) or y >= height - 2:
                dots |= 1 << (_padded(length) - 1 - x)
        rows.append(dots)
    return _image(length, height, rows)


def _stripes() -> Image:
    """Every dot of the head once: black, one in two, one in four."""
    height, rows = 24, list[int]()
    for step in (1, 2, 4):
        row = sum(1 << (WIDTH_DOTS - 1 - x) for x in range(0, WIDTH_DOTS, step))
        rows += [row] * height
    return _image(WIDTH_DOTS, len(rows), rows)


def _padded(width: int) -> int:
    return (width + 7) // 8 * 8


def _image(width: int, height: int, rows: list[int]) -> Image:
    return Image(width, height, b"".join(row.to_bytes(_padded(width) // 8, "big") for row in rows))
