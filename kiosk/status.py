"""What the window draws: one frozen ``KioskStatus``, sent whole over the link at every change.

The screen is a function of this value (``kiosk.ladder.screen_for``); the window keeps nothing of its own but the
clock on the wall.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from kiosk.status_staff import StaffView
from wire.frozen import Frozen


class Step(StrEnum):
    """Where a visit stands: an application, "Cek status", the list of requirements, the locations, the staff."""

    SERVICE = "service"
    REQUIREMENTS = "requirements"
    PRIVACY = "privacy"
    NIK = "nik"
    FORM = "form"
    SCAN = "scan"
    REVIEW = "review"
    SENDING = "sending"
    DONE = "done"
    STATUS_NUMBER = "status_number"
    STATUS_NIK = "status_nik"
    STATUS_RESULT = "status_result"
    BROWSE = "browse"
    BROWSE_SERVICE = "browse_service"
    LOCATIONS = "locations"
    STAFF_PIN = "staff_pin"
    STAFF_HOME = "staff_home"
    STAFF_TEST = "staff_test"
    STAFF_SEND = "staff_send"
    STAFF_REFUSED = "staff_refused"
    STAFF_COURIER = "staff_courier"


# The six steps that the resident sees (visual/README.md); the status steps have none.
STEP_OF_SIX: dict[Step, int] = {
    Step.SERVICE: 1,
    Step.REQUIREMENTS: 2,
    Step.PRIVACY: 3,
    Step.NIK: 3,
    Step.FORM: 3,
    Step.SCAN: 4,
    Step.REVIEW: 5,
    Step.SENDING: 6,
    Step.DONE: 6,
}


class PlaceView(Frozen):
    """Where the terminal stands, for the header and the notices."""

    village: str = ""
    district: str = ""
    regency: str = ""
    office: str = ""
    phone: str = ""
    hours: tuple[tuple[str, str], ...] = ()


class DeviceView(Frozen):
    """A device for the screens: phase and fault codes as in ``drivers.contract``."""

    role: str
    phase: str
    faults: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """True when a resident can rely on the device now."""
        return self.phase in ("ready", "busy")


class LineView(Frozen):
    """``reason``: "" when online, else no_link, no_gateway, portal, clock, refused. ``queued``: for staff screens."""

    online: bool = False
    reason: str = ""
    queued: int = 0


class SlotView(Frozen):
    """One side to scan. ``state``: done, now, next, missing (comes later) or skipped (an optional paper left out).

    ``thumb``: base64 JPEG of a kept page, or "".
    """

    paper: str
    page: int
    pages: int
    state: str
    thumb: str = ""


class LiveView(Frozen):
    """The camera on the scan step (and on the status step, where it looks for a QR).

    ``shm``: name of the shared memory block with the newest preview, BGR bytes, ``width`` x ``height``, top row
    first, no header; ``seq`` grows with each new picture. ``corners``: the found page in preview pixels from the top
    left (tl, tr, br, bl), or empty. ``hint``: a capture reason ("" = none; "no_page", "cut_off", ...).
    ``still``: 0 to 1, how full the ring is.
    """

    shm: str = ""
    width: int = 0
    height: int = 0
    seq: int = 0
    corners: tuple[tuple[float, float], ...] = ()
    hint: str = ""
    still: float = 0.0


class JudgedView(Frozen):
    """A page that was taken and judged. ``reason``: capture reason or "". ``image``: base64 JPEG thumbnail."""

    ok: bool
    reason: str = ""
    image: str = ""


class ReceiptView(Frozen):
    """The receipt's way. ``state``: printing, done, failed, doubtful, none (no printer to ask). ``copies``: of SALINAN.

    ``faults``: what keeps the printer from it. ``asked``: the screen asks "Apakah struk sudah keluar?".
    """

    state: str
    faults: tuple[str, ...] = ()
    copies: int = 0
    asked: bool = False


class TrailView(Frozen):
    """The office's answer for "Cek status". ``state``: wire.change.State, or "queued" while it waits at a terminal.

    ``reasons``: (reason code, paper id or ""). ``missing``: papers that never came; ``todo``: those and the refused
    ones, what ``Complete`` will scan ("" list = nothing to scan). ``at``: ISO 8601, of the newest state. ``here``: sent
    here.
    """

    number: str
    service: str
    state: str
    reasons: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    todo: tuple[str, ...] = ()
    at: str = ""
    here: bool = True


class CardView(Frozen):
    """The card on the reader, on the NIK step alone. ``state``:

    confirmed (the card confirms the NIK on the pad), new (may be remembered, once the NIK is whole), remembered (in
    this visit, may be taken back), random (a card that cannot be remembered), turned (lies there and does not answer),
    other (no KTP-el).
    """

    state: str


class QuestionView(Frozen):
    """One question before the list of papers. ``answers``: (id, msgid of the label). ``chosen``: an id or ""."""

    id: str
    ask: str
    answers: tuple[tuple[str, str], ...]
    chosen: str = ""


class PaperView(Frozen):
    """One paper of the list, for the answers so far. ``name``, ``short``, ``where``, ``because``: msgids.

    ``need``: required or optional. ``because``: the answer that adds it, or "".
    """

    id: str
    name: str
    short: str
    where: str
    pages: int
    need: str
    because: str = ""


class SpotView(Frozen):
    """One terminal on the locations screen. ``state``: open, later (open, but it sends later or prints nothing), shut
    (outside its hours), closed (for some days), unknown (no word from it).

    ``until``: HH:MM it closes today, or ISO date of the last closed day, or "". ``distance_m``: straight line, -1 = not
    known. ``here``: this terminal. ``hours``: (days, hours) lines in words.
    """

    code: str
    village: str
    district: str
    office: str = ""
    address: str = ""
    state: str = "unknown"
    until: str = ""
    reason: str = ""
    distance_m: int = -1
    here: bool = False
    hours: tuple[tuple[str, str], ...] = ()


class PlacesView(Frozen):
    """The locations screen. ``as_of``: ISO 8601 of the last word of the office, "" = never. ``groups``: (district,
    count). ``group``: the chosen one. ``spots``: of the group, nearest first, ``page`` of ``pages`` (from 0).
    """

    as_of: str = ""
    groups: tuple[tuple[str, int], ...] = ()
    group: str = ""
    spots: tuple[SpotView, ...] = ()
    page: int = 0
    pages: int = 1


class VisitView(Frozen):
    """One visit as the window may see it.

    ``field``: id of the field that the pad types into: "nik", "number", or a form field's id; ``field_index`` and
    ``field_count`` place it in the form. ``text``: what was typed so far, raw (digits or letters, dates as DDMMYYYY).
    ``warning``: msgid of a soft note about ``text`` ("" = none); ``blocked``: msgid why Next is refused ("" = free).
    ``answers``: (field id, text to show) for the review, NIK and phone already masked. ``can_back``, ``can_next``,
    ``busy``: what the buttons may do. ``capturing``: a page is being taken and judged.
    ``sources``: what this terminal can take pages with ("camera", "scanner"); ``source``: the one in use, "" while the
    resident has to choose. ``feeder``: the scanner takes sheets one by one. ``progress``: 0 to 1, of the running scan.
    ``number``: the registration number once sent; before, of the application that is asked about or completed.
    ``lookup``: "", busy, missing, wrong, locked (``lock_s`` left).
    ``questions``: those that come up with the answers so far; ``question``: index of the one shown. ``papers``: the
    list for those answers (requirements, scan, review, and of a completion what is to be scanned). ``group``: chosen
    group of services, or district of the locations. ``options``: (id, msgid) of a choice field. ``asking_missing``:
    the paper of which the screen asks "send without it?", or "". ``can_skip``: the paper that is scanned now may be
    left out or brought later. ``missing``: required papers that come later. ``completes``: this visit adds papers to
    an application that is at the office. ``slip``: "", printing, done, failed; ``slips_left``: slips that the visit may
    still print; ``slip_text``: what its QR holds.
    """

    kind: str
    step: Step
    service: str = ""
    field: str = ""
    field_index: int = 0
    field_count: int = 0
    text: str = ""
    warning: str = ""
    blocked: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    slots: tuple[SlotView, ...] = ()
    live: LiveView | None = None
    capturing: bool = False
    sources: tuple[str, ...] = ()
    source: str = ""
    feeder: bool = False
    progress: float = 0.0
    card: CardView | None = None
    judged: JudgedView | None = None
    number: str = ""
    receipt: ReceiptView | None = None
    lookup: str = ""
    lock_s: int = 0
    trail: TrailView | None = None
    questions: tuple[QuestionView, ...] = ()
    question: int = 0
    papers: tuple[PaperView, ...] = ()
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    asking_missing: str = ""
    can_skip: bool = False
    missing: tuple[str, ...] = ()
    completes: bool = False
    slip: str = ""
    slips_left: int = 1
    slip_text: str = ""
    places: PlacesView | None = None
    staff: StaffView | None = None
    can_back: bool = True
    can_next: bool = False
    busy: bool = False


class KioskStatus(Frozen):
    """Everything. ``rev`` grows by one with each change.

    ``ready``: the station is through its start. ``closed``: fault codes that keep the terminal from taking
    applications ("" list = open). ``timeout_s``: seconds left in the warning "Masih di sini?", or 0 (no warning).
    ``last_number``: after a crash or an unfinished receipt, the number alone, for ten minutes, else "".
    """

    rev: int = Field(ge=0)
    ready: bool = True
    place: PlaceView = PlaceView()
    code: str = ""
    language: str = "id"
    languages: tuple[str, ...] = ("id", "en")
    text_step: int = Field(default=0, ge=0, le=2)
    contrast: bool = False
    line: LineView = LineView()
    devices: tuple[DeviceView, ...] = ()
    services: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    officer_called: bool = False
    timeout_s: int = 0
    last_number: str = ""
    visit: VisitView | None = None

    def device(self, role: str) -> DeviceView | None:
        """The device of that role, or None when the terminal has none."""
        return next((device for device in self.devices if device.role == role), None)
