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
    Cut,
    Feed,
    Icon,
    Item,
    Pair,
    Qr,
    Rule,
    Stroke,
    Text,
)
from kiosk import letterhead
from wire.enrol import Place
from wire.number import Number
from wire.service import Paper, Service, catalogue
from wire.words import translator

LANGUAGE = "id"
_NUMBER_SIZE = 4  # times 12 x 24 dots; a longer number gets smaller letters
_QR_MODULE = 11


@dataclass(frozen=True, slots=True)
class Facts:
    """What the receipt tells. ``pages``: (paper id, sides) handed in. ``sent``: nothing waits for the line any more.

    ``missing``: ids of papers to bring later. ``completes``: ``pages`` were added to an application sent before.
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
    missing: tuple[str, ...] = ()
    completes: bool = False

    @property
    def known(self) -> Service | None:
        """The service, where this terminal knows it."""
        return catalogue().get(self.service)

    def paper(self, paper: str) -> Paper | None:
        """A paper of the service, where it is known."""
        return next((each for each in self.known.papers if each.id == paper), None) if self.known else None

    def name(self, paper: str) -> str:
        """What the resident calls a paper."""
        known = self.paper(paper)
        return _(known.name) if known else paper


def data(facts: Facts) -> bytes:
    """The bytes for the printer."""
    from drivers.printer.bytes import receipt_bytes  # python-escpos: a quarter of a second, not before it is needed

    return receipt_bytes(blocks(facts))


def blocks(facts: Facts) -> tuple[Block, ...]:
    """The receipt from top to cut."""
    return (
        *letterhead.head(facts.place),
        *_copy(facts),
        *_number(facts),
        *_papers(facts),
        *_missing(facts),
        *_afterwards(facts),
        *_promise(facts),
        *_whereabouts(facts),
        *letterhead.hours(facts.place, LANGUAGE),
        *_foot(facts),
        Cut(),
    )


def _(text: str) -> str:
    return translator(LANGUAGE, "kiosk", "wire")(text)


def _copy(facts: Facts) -> Iterator[Block]:
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
    yield Pair(_("Service"), _(facts.known.name) if facts.known else facts.service)
    yield Pair(_("Time"), letterhead.time_of(facts.at, LANGUAGE))
    yield Rule()


def _papers(facts: Facts) -> Iterator[Block]:
    yield Text((_("Papers added") if facts.completes else _("Papers scanned")).upper(), bold=True)
    for paper, sides in facts.pages:
        count = _("1 page") if sides == 1 else _("{count} pages").format(count=sides)
        yield Item(Icon.CHECKED, facts.name(paper), count, bold=True)
    if facts.completes:
        yield Text(_("They belong to the number above."))
    if not facts.missing:
        yield Rule()


def _missing(facts: Facts) -> Iterator[Block]:
    if not facts.missing:
        return
    yield Feed(8)
    yield Text(" " + _("Not here yet, please bring it").upper(), bold=True, invert=True)
    yield Feed(8)
    for paper in facts.missing:
        known = facts.paper(paper)
        yield Item(Icon.UNCHECKED, facts.name(paper), bold=True)
        if known is None or known.original:
            yield Item("", _("Bring the ORIGINAL, not a photocopy."))
    yield Rule()


def _afterwards(facts: Facts) -> Iterator[Block]:
    steps = (
        _scan_it(facts) if facts.missing else _("Keep your original papers."),
        _("The registry office checks your application."),
        _("Touch Check status, scan the QR above."),
    )
    yield Text(_("After this").upper(), bold=True)
    for count, step in enumerate(steps, 1):
        yield Item(f"{count}.", step)
    yield Rule()


def _scan_it(facts: Facts) -> str:
    """What to do about missing papers; a single one is named."""
    first, *more = facts.missing
    if more:
        return _("Scan the missing papers at any ADM terminal.")
    name = facts.name(first)
    name = name[:1].lower() + name[1:] if name[1:2].islower() else name
    return _("Scan the {paper} at any ADM terminal.").format(paper=name)


def _promise(facts: Facts) -> Iterator[Block]:
    """What the district itself promises for whole applications; nothing is promised otherwise."""
    sla = facts.known.sla if facts.known else None
    if sla is not None and not facts.missing:
        yield Text(_(sla.text), bold=True)
        yield Text(_("According to {source}").format(source=sla.source))
        yield Rule()


def _whereabouts(facts: Facts) -> Iterator[Block]:
    if facts.sent:
        new, more = _("The registry office has your application."), _("The registry office has your papers.")
        title, lines = _("Sent"), (more if facts.completes else new,)
    else:
        new, more = _("Your number is already valid."), _("Your number stays the same.")
        title = _("Stored, not sent yet")
        lines = (_("It is sent by itself when there is a network."), more if facts.completes else new)
    yield Feed(8)
    yield Box((Text(title.upper(), Align.CENTER, bold=True), *(Text(line, Align.CENTER) for line in lines)))


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
