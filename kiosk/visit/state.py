"""One visit as a value. Nothing in here outlives the visit: the controller drops it whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.contract import CardSeen
from kiosk.pads import NIK, NUMBER, Field, of_form
from kiosk.status import Step
from kiosk.visit.errand import Errand
from offline_cache.api import Trail
from wire.service import FormField, Paper, Question, Service, catalogue

CAMERA, SCANNER = "camera", "scanner"
"""What a page can be taken with."""
NIK_REPAIR = "NIK-KONSOLIDASI"
"""The service behind the tile of NIK repair."""


class Kind(StrEnum):
    """What the resident came for."""

    APPLY = "apply"
    STATUS = "status"
    NIK = "nik"
    BROWSE = "browse"
    LOCATIONS = "locations"
    STAFF = "staff"


class Sight(StrEnum):
    """What the visit wants of the camera: nothing, a page to be found, a still view while a verdict is read, a QR."""

    OFF = "off"
    PAGE = "page"
    HELD = "held"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Slot:
    """A side to scan: page ``page`` (from 1) of ``pages`` of the paper ``paper``, with its shape."""

    paper: str
    page: int
    pages: int
    shape: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that is sealed on disk; only its thumbnail is still here."""

    paper: str
    page: int
    thumb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """A page that was just taken, in memory alone until it is kept or dropped."""

    slot: Slot
    ok: bool
    reason: str
    image: bytes = field(repr=False)
    media_type: str
    thumb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The way of the receipt. ``state``: printing, done, failed, doubtful, none. ``job``: jobs begun so far.

    ``copies``: how many of them were marked SALINAN. ``sent``: some job reached the printer, so paper may have come
    out. ``came``: a job was confirmed, by the printer or by the resident.
    """

    state: str = "printing"
    job: int = 1
    copies: int = 0
    faults: tuple[str, ...] = ()
    asked: bool = False
    sent: bool = False
    came: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """What "Kirim" was pressed for: (paper, pages) that go, and papers to come."""

    pages: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The card on the reader, on the NIK step alone.

    ``nik``: the whole number that the cache was asked about, "" = none. ``state``: as in ``CardView``, "" = not known.
    ``doing``: "", check, remember or forget, since ``since`` (monotonic seconds).
    """

    seen: CardSeen
    nik: str = field(default="", repr=False)
    state: str = "new"
    doing: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a resident stands.

    ``draft``: name of the application in the making; effects and their outcomes carry it. ``touched``: when the
    resident last did something, ``waiting``: when the running piece of work began (monotonic seconds). ``warned``:
    whole seconds left in the warning, 0 = no warning. ``answers``: (field id, text) pairs, NIK and number among them.
    ``complaint``: msgid of what went wrong with the last act. ``sources``: what pages can be taken with; ``source``:
    the one in use, "" = the resident has not chosen. ``shot``: number of the newest picture or scan asked for;
    ``progress``: 0 to 1, of the scan. ``parcel``: what was first sent off and did not come back: it may yet be stored.
    ``card_asked``: number of the newest question about the card. ``group``: chosen in a list. ``errand``: what is no
    application.

    ``choices``: (question id, answer id) pairs, also of questions that no longer come up; ``question``: index of the
    one shown. ``missing``, ``skipped``: papers that come later and optional ones that are left out; ``asking_missing``:
    the one of which it is being asked. ``dropped``: (paper, page) of sealed pages that must not be sent.
    ``completes``: (id of the first submission, number) of the application that this visit adds the papers ``todo`` to.
    """

    id: int
    kind: Kind
    step: Step
    today: dt.date
    touched: float
    waiting: float = 0.0
    warned: int = 0
    generation: int = 0
    service: str = ""
    field_index: int = 0
    answers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    complaint: str = ""
    kept: tuple[Kept, ...] = ()
    redo: Slot | None = None
    sources: tuple[str, ...] = ()
    source: str = ""
    shot: int = 0
    capturing: bool = False
    progress: float = 0.0
    judged: Judged | None = None
    sealing: bool = False
    submitting: bool = False
    parcel: Parcel | None = None
    number: str = ""
    receipt: Receipt | None = None
    lookup: str = ""
    asked: int = 0
    locked_until: float = 0.0
    trail: Trail | None = None
    card: Card | None = None
    card_asked: int = 0
    group: str = ""
    errand: Errand = field(default_factory=Errand)
    choices: tuple[tuple[str, str], ...] = ()
    question: int = 0
    missing: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    asking_missing: str = ""
    dropped: tuple[tuple[str, int], ...] = ()
    completes: tuple[str, str] | None = None
    todo: tuple[str, ...] = ()

    @property
    def draft(self) -> str:
        """The name of this visit's draft; another service begins another."""
        return f"{self.id}.{self.generation}"

    @property
    def chosen(self) -> Service | None:
        """The service, once chosen."""
        return catalogue().get(self.service)

    def answer(self, field_id: str) -> str:
        """What was typed for a field so far."""
        return dict(self.answers).get(field_id, "")

    def questions(self) -> tuple[Question, ...]:
        """The questions that come up with the answers so far, in order."""
        return self._walk()[0]

    def given(self) -> dict[str, str]:
        """The answers that count: of questions that come up."""
        return self._walk()[1]

    def _walk(self) -> tuple[tuple[Question, ...], dict[str, str]]:
        said, asked, given = dict(self.choices), list[Question](), dict[str, str]()
        for question in self.chosen.questions if self.chosen else ():
            if question.applies(given):
                asked.append(question)
                if question.answer(said.get(question.id, "")):
                    given[question.id] = said[question.id]
        return tuple(asked), given

    def fields(self) -> tuple[FormField, ...]:
        """The fields of the form for these answers; a completion has none."""
        return self.chosen.fields_for(self.given()) if self.chosen and not self.completes else ()

    def papers(self) -> tuple[Paper, ...]:
        """The papers that are asked for, in order: those for these answers, or what a completion adds."""
        if self.chosen is None:
            return ()
        if self.completes:
            return tuple(paper for paper in self.chosen.papers if paper.id in self.todo)
        return self.chosen.needed(self.given())

    def field(self) -> Field | None:
        """The field that the pad of this step types into, or None."""
        match self.step:
            case Step.NIK | Step.STATUS_NIK:
                return NIK
            case Step.STATUS_NUMBER:
                return NUMBER
            case Step.FORM if self.field_index < len(fields := self.fields()):
                return of_form(fields[self.field_index])
            case _:
                return None

    def slots(self) -> tuple[Slot, ...]:
        """Every side of every paper that is asked for, in order."""
        return tuple(Slot(p.id, page, p.pages, p.shape) for p in self.papers() for page in range(1, p.pages + 1))

    def kept_page(self, slot: Slot) -> Kept | None:
        """The kept page of a slot, or None."""
        return next((k for k in self.kept if (k.paper, k.page) == (slot.paper, slot.page)), None)

    def target(self) -> Slot | None:
        """The side that is to be scanned now: the one to redo, else the first that is neither kept nor left out."""
        away = {*self.missing, *self.skipped}
        left = (slot for slot in self.slots() if slot.paper not in away and self.kept_page(slot) is None)
        return self.redo or next(left, None)

    def scanning(self) -> tuple[str, int] | None:
        """Draft and shot of the scan that runs, or None."""
        return (self.draft, self.shot) if self.capturing and self.source == SCANNER else None

    def sight(self) -> Sight:
        """What the camera is for now."""
        if self.step is Step.SCAN:
            if self.source != CAMERA:
                return Sight.OFF
            return Sight.HELD if self.judged or self.capturing or self.asking_missing else Sight.PAGE
        return Sight.CODE if self.step is Step.STATUS_NUMBER else Sight.OFF
