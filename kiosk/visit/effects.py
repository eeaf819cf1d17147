"""What a visit wants done, as data; the controller does it, and what came of it returns as an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.visit.state import Sight

How = Literal["done", "cancelled", "timed_out"]


@dataclass(frozen=True, slots=True)
class SetCamera:
    """Use the camera for ``sight`` from now on."""

    sight: Sight


@dataclass(frozen=True, slots=True)
class JudgePage:
    """Take and judge a page. ``jpeg``: this very frame, None = newest. Answered by PageJudged or CaptureFailed."""

    draft: str
    shot: int
    paper: str
    page: int
    shape: str
    jpeg: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScanPage:
    """Scan and judge a page. Answered by PageJudged or CaptureFailed, with ScanMoved before."""

    draft: str
    shot: int
    paper: str
    page: int
    shape: str


@dataclass(frozen=True, slots=True)
class StopScan:
    """Nobody waits for that scan any more: stop it and drop its picture. No answer is needed."""

    draft: str
    shot: int


@dataclass(frozen=True, slots=True)
class SealPage:
    """Seal a page and write it durably. Answered by PageSealed or SealFailed.

    ``nik``: the applicant's, "" = not known. ``number``: of the application that is completed, or "".
    """

    draft: str
    paper: str
    page: int
    image: bytes = field(repr=False)
    media_type: str
    nik: str = field(default="", repr=False)
    number: str = ""


@dataclass(frozen=True, slots=True)
class Submit:
    """Seal the form, allot the number, queue it. Answered by Submitted or SubmitFailed.

    ``answers``: question and answer ids. ``missing``: required papers that come later. ``completes``: (id of the
    first submission, number) of the application that this one completes, or None. ``dropped``: (paper, page) of sealed
    pages of the draft that are not to go with it.
    """

    draft: str
    service: str
    form: tuple[tuple[str, str], ...] = field(repr=False)
    answers: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    completes: tuple[str, str] | None = None
    dropped: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PreparePage:
    """The resident looks at a page that may be kept: begin what takes long once it is. No answer is needed."""

    draft: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prepare:
    """The resident reads the review: begin what takes long once they send just that. No answer is needed."""

    send: Submit


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """Print the receipt of ``number``, as job ``job`` (from 1), as SALINAN if ``copy``. Answered by PrintOutcome.

    ``missing``: papers to bring later. ``completes``: these pages were added to an application that is at the office.
    """

    visit: int
    number: str
    service: str
    pages: tuple[tuple[str, int], ...]
    job: int
    copy: bool
    missing: tuple[str, ...] = ()
    completes: bool = False


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Print the list of papers of a service for these answers, as job ``job``. Answered by SlipOutcome."""

    visit: int
    job: int
    service: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Ask whether this is the staff's PIN. Answered by PinChecked."""

    visit: int
    asked: int
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RunTrial:
    """Test a device. Answered by TrialMoved, any number of times, and TrialEnded."""

    visit: int
    asked: int
    role: str


@dataclass(frozen=True, slots=True)
class StopTrial:
    """Nobody waits for that test any more. No answer is needed."""

    visit: int
    asked: int


@dataclass(frozen=True, slots=True)
class RecordTrial:
    """Keep how a test ended: (msgid, value, mark) rows. No answer is needed."""

    role: str
    passed: bool
    results: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class LookAtSending:
    """Tell how sending stands, as ``kiosk.staff.porter.Sending``: with what was refused, or with the stick."""

    more: Literal["", "refused", "stick"] = ""


@dataclass(frozen=True, slots=True)
class HoldSending:
    """Hold sending back, or let it go on. Answered by what ``LookAtSending`` tells, or SendingFailed."""

    visit: int
    on: bool


@dataclass(frozen=True, slots=True)
class TryLine:
    """Try the line to the office now. Answered as HoldSending."""

    visit: int


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Queue again what the office had refused. Answered as HoldSending."""

    visit: int


@dataclass(frozen=True, slots=True)
class RunCourier:
    """Copy the queue to the stick, or take the office's answers from it; it goes on when the visit ends."""

    act: Literal["export", "take"]


@dataclass(frozen=True, slots=True)
class ForgetCourier:
    """Whoever waited for the courier has read how it ended. Nothing happens to one that runs."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Ask where an application stands. Answered by LookupDone or LookupFailed."""

    visit: int
    asked: int
    number: str
    nik: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookAtCard:
    """The visit has come to the step where a card may confirm: tell what lies on the reader, as CardLies."""


@dataclass(frozen=True, slots=True)
class CheckCard:
    """Ask whether this card was remembered with this NIK. Answered by CardAnswered."""

    visit: int
    asked: int
    uid: bytes = field(repr=False)
    nik: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RememberCard:
    """By consent, remember this card with this NIK. Answered by CardAnswered."""

    visit: int
    asked: int
    uid: bytes = field(repr=False)
    nik: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgetCard:
    """Forget them again. Answered by CardAnswered."""

    visit: int
    asked: int
    uid: bytes = field(repr=False)
    nik: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settle:
    """The resident left knowing that the receipt is there, or that the number is noted."""

    number: str


@dataclass(frozen=True, slots=True)
class Abandon:
    """Remove what was kept under ``draft``; nothing happens to a draft that was submitted."""

    draft: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The visit is over: wipe what is left of it and go back to language, text size and contrast of the idle screen.

    ``unsettled``: the number that the idle screen goes on showing, or "".
    """

    how: How
    unsettled: str


Effect = (
    SetCamera
    | JudgePage
    | ScanPage
    | StopScan
    | SealPage
    | Submit
    | PreparePage
    | Prepare
    | PrintReceipt
    | PrintSlip
    | CheckPin
    | RunTrial
    | StopTrial
    | RecordTrial
    | LookAtSending
    | HoldSending
    | TryLine
    | SendAgain
    | RunCourier
    | ForgetCourier
    | Lookup
    | LookAtCard
    | CheckCard
    | RememberCard
    | ForgetCard
    | Settle
    | Abandon
    | Leave
)
