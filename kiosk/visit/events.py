"""What happens to a visit. ``at``: monotonic seconds. Outcomes name their draft or visit; late ones are ignored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from drivers.contract import CardSeen
from kiosk.intents import Intent
from kiosk.visit.state import Kind
from offline_cache.api import Lookup as LookupAnswer


@dataclass(frozen=True, slots=True)
class Begun:
    """A resident touched the idle screen, or held a receipt before the code scanner.

    ``id``: never used before; ``today``: the date on the wall; ``sources``: what pages can be taken with.
    """

    at: float
    id: int
    kind: Kind
    today: dt.date
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the window. Words about language, size and contrast only show that somebody is there."""

    at: float
    intent: Intent


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""

    at: float


@dataclass(frozen=True, slots=True)
class PageFired:
    """The paper lies still: ``jpeg`` is the frame to take."""

    at: float
    draft: str
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScanMoved:
    """Scan ``shot`` goes on: ``share`` of it is there, 0 to 1."""

    at: float
    draft: str
    shot: int
    share: float


@dataclass(frozen=True, slots=True)
class PageJudged:
    """The verdict on picture or scan ``shot``. ``reason``: a capture reason or ""; ``image``: the page to seal."""

    at: float
    draft: str
    shot: int
    ok: bool
    reason: str
    image: bytes = field(repr=False)
    media_type: str
    thumb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaptureFailed:
    """Picture or scan ``shot`` could not be taken or judged; ``fault``: of the catalogue, "" = no complaint."""

    at: float
    draft: str
    shot: int
    fault: str


@dataclass(frozen=True, slots=True)
class PageSealed:
    """The page is on disk, sealed."""

    at: float
    draft: str
    paper: str
    page: int


@dataclass(frozen=True, slots=True)
class SealFailed:
    """The page could not be stored; ``fault``: of the catalogue."""

    at: float
    draft: str
    fault: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The application is durable and has its number."""

    at: float
    draft: str
    number: str


@dataclass(frozen=True, slots=True)
class SubmitFailed:
    """The application could not be queued; the draft is as it was. ``fault``: of the catalogue."""

    at: float
    draft: str
    fault: str


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """How a print job ended: done, failed, cancelled, doubtful, or none (the terminal has no printer)."""

    at: float
    visit: int
    job: int
    outcome: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookupDone:
    """The answer to the ``asked``-th question of "Cek status"."""

    at: float
    visit: int
    asked: int
    answer: LookupAnswer


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """The ``asked``-th question got no answer; ``fault``: of the catalogue."""

    at: float
    visit: int
    asked: int
    fault: str


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """The camera or the code scanner read a code."""

    at: float
    visit: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardLies:
    """What lies on the card reader now; None: nothing."""

    at: float
    card: CardSeen | None


@dataclass(frozen=True, slots=True)
class CardAnswered:
    """How the card stands to the NIK, after the ``asked``-th question: confirmed, new, remembered, "" = no answer."""

    at: float
    visit: int
    asked: int
    state: str


@dataclass(frozen=True, slots=True)
class SlipOutcome:
    """How print job ``job`` of the list of papers ended: done, failed, doubtful or none (no printer)."""

    at: float
    visit: int
    job: int
    outcome: str


@dataclass(frozen=True, slots=True)
class PinChecked:
    """What the cache says of the ``asked``-th PIN: right, wrong, locked (``lock_s`` left), unset, "" = no answer."""

    at: float
    visit: int
    asked: int
    result: str
    lock_s: int = 0


@dataclass(frozen=True, slots=True)
class TrialMoved:
    """Test ``asked`` goes on: what the technician is to do now, and how far it is (0 to 1, or 0)."""

    at: float
    visit: int
    asked: int
    hint: str = ""
    progress: float = 0.0
    left_s: int = 0


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """Test ``asked`` has its results. ``passed``: None where a person must say (``ask``: the msgid of the question)."""

    at: float
    visit: int
    asked: int
    passed: bool | None
    results: tuple[tuple[str, str, str], ...]
    ask: str = ""
    image: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SendingFailed:
    """What staff asked for on a page about sending did not work; ``fault``: of the catalogue."""

    at: float
    visit: int
    fault: str


Event = (
    Begun
    | Said
    | Tick
    | PageFired
    | ScanMoved
    | PageJudged
    | CaptureFailed
    | PageSealed
    | SealFailed
    | Submitted
    | SubmitFailed
    | PrintOutcome
    | LookupDone
    | LookupFailed
    | CodeSeen
    | CardLies
    | CardAnswered
    | SlipOutcome
    | PinChecked
    | TrialMoved
    | TrialEnded
    | SendingFailed
)
