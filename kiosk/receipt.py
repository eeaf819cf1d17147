"""The receipt: what stands on it, as blocks for the printer. No name and no NIK; its QR holds the number alone.

Receipts are in Indonesian, whatever language the visit was in: offices and neighbours read them too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from drivers.printer.blocks import (
    COLUMNS,
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
from wire.enrol import Place
from wire.number import Number
from wire.service import catalogue
from wire.words import translator

LANGUAGE = "id"
_NUMBER_SIZE = 4  # times 12 x 24 dots; a longer number gets smaller letters
_QR_MODULE = 11


@dataclass(frozen=True, slots=True)
class Facts:
    """What the receipt tells. ``pages``: (paper id, sides) handed in. ``sent``: nothing waits for the line any more.

    ``job``: how many times it was printed, this one included; ``copy``: marked SALINAN. ``at``: local time, with zone.
    """

    number: str
    service: str
    pages: tuple[tuple[str, int], ...]
    place: Place | None
    sent: bool
    job: int
    copy: bool
    at: dt.datetime


def data(facts: Facts) -> bytes:
    """The bytes for the printer."""
    from drivers.printer.bytes import receipt_bytes  # python-escpos: a quarter of a second, not before it is needed

    return receipt_bytes(blocks(facts))


def blocks(facts: Facts) -> tuple[Block, ...]:
    """The receipt from top to cut."""
    return (
        *_head(facts),
        *_number(facts),
        *_papers(facts),
        *_afterwards(facts),
        *_hours(facts),
        *_foot(facts),
        Cut(),
    )


def _(text: str) -> str:
    return translator(LANGUAGE, "kiosk", "wire")(text)


def _head(facts: Facts) -> Iterator[Block]:
    yield _building()
    yield Feed(12)
    yield Text("ANJUNGAN DUKCAPIL MANDIRI", Align.CENTER, bold=True, tall=2)
    if facts.place is not None:
        yield Text(f"{facts.place.village}, {facts.place.district}", Align.CENTER)
        yield Text(facts.place.office, Align.CENTER)
    yield Rule(Stroke.SOLID)
    if facts.copy:
        yield Text(_("Copy").upper(), Align.CENTER, bold=True, invert=True)
        yield Feed(8)


def _number(facts: Facts) -> Iterator[Block]:
    size = max(1, min(_NUMBER_SIZE, COLUMNS // len(facts.number)))
    yield Text(_("Application number").upper(), Align.CENTER, bold=True)
    yield Text(facts.number, Align.CENTER, bold=True, size=size)
    yield Qr(facts.number, module=_QR_MODULE)
    yield Text(_("Scan at an ADM terminal to check the status"), Align.CENTER)
    yield Rule()
    service = catalogue().get(facts.service)
    yield Pair(_("Service"), _(service.name) if service else facts.service)
    yield Pair(_("Time"), _time(facts.at))
    yield Rule()


def _papers(facts: Facts) -> Iterator[Block]:
    service = catalogue().get(facts.service)
    names = {paper.id: paper.name for paper in service.papers} if service else {}
    yield Text(_("Papers scanned").upper(), bold=True)
    for paper, sides in facts.pages:
        count = _("1 page") if sides == 1 else _("{count} pages").format(count=sides)
        yield Item(Icon.CHECKED, _(names.get(paper, paper)), count, bold=True)
    yield Rule()


def _afterwards(facts: Facts) -> Iterator[Block]:
    yield Text(_("After this").upper(), bold=True)
    yield Item("1.", _("Keep your original papers."))
    yield Item("2.", _("The registry office checks your application."))
    yield Item("3.", _("Touch Check status, scan the QR above."))
    yield Rule()
    if facts.sent:
        title, lines = _("Sent"), (_("The registry office has your application."),)
    else:
        title = _("Stored, not sent yet")
        lines = (_("It is sent by itself when there is a network."), _("Your number is already valid."))
    yield Feed(8)
    yield Box((Text(title.upper(), Align.CENTER, bold=True), *(Text(line, Align.CENTER) for line in lines)))


def _hours(facts: Facts) -> Iterator[Block]:
    if facts.place is not None and facts.place.hours:
        yield Feed(8)
        yield Rule()
        yield Text(_("Office hours").upper(), bold=True)
        for days, hours in facts.place.hours:
            yield Columns(days, hours)


def _foot(facts: Facts) -> Iterator[Block]:
    yield Rule(Stroke.SOLID)
    yield Text(_("Free of charge").upper(), Align.CENTER, bold=True, size=3, tall=2)
    yield Text(_("Do not pay anyone."), Align.CENTER)
    yield Feed(8)
    yield Text(_("This receipt does not mean approval yet."), Align.CENTER)
    yield Text(_("Take a photo of it. The print can fade."), Align.CENTER)
    yield Feed(12)
    yield Text(_job(facts), Align.CENTER)


def _job(facts: Facts) -> str:
    number = Number.parse(facts.number)
    return _("ADM {code} / {sequence} / print {job}").format(code=number.code, sequence=number.seq, job=facts.job)


def _time(at: dt.datetime) -> str:
    from babel.dates import format_datetime  # 60 ms, not before it is needed

    return format_datetime(at, "EEE d MMM yyyy, ", locale=LANGUAGE) + _("at {time}").format(time=at.strftime("%H.%M"))


def _building() -> Image:
    """The sign of the terminal: a house with a gable and four pillars, 96 x 76 dots."""
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
