"""What the window draws: one frozen ``KioskStatus``, sent whole over the link at every change.

The screen is a function of this value (``kiosk.ladder.screen_for``); the window keeps nothing of its own but the
clock on the wall.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from wire.frozen import Frozen


class Step(StrEnum):
    """Where a visit stands. The first nine are an application, the last three "Cek status"."""

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
    """One side to scan. ``state``: done, now or next. ``thumb``: base64 JPEG of a kept page, or "" ."""

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

    ``reasons``: (reason code, paper id or ""). ``at``: ISO 8601, of the newest state. ``here``: sent here.
    """

    number: str
    service: str
    state: str
    reasons: tuple[tuple[str, str], ...] = ()
    at: str = ""
    here: bool = True


class CardView(Frozen):
    """The card on the reader, on the NIK step alone. ``state``:

    confirmed (the card confirms the NIK on the pad), new (may be remembered, once the NIK is whole), remembered (in
    this visit, may be taken back), random (a card that cannot be remembered), turned (lies there and does not answer),
    other (no KTP-el).
    """

    state: str


class VisitView(Frozen):
    """One visit as the window may see it.

    ``field``: id of the field that the pad types into: "nik", "number", or a form field's id; ``field_index`` and
    ``field_count`` place it in the form. ``text``: what was typed so far, raw (digits or letters, dates as DDMMYYYY).
    ``warning``: msgid of a soft note about ``text`` ("" = none); ``blocked``: msgid why Next is refused ("" = free).
    ``answers``: (field id, text to show) for the review, NIK and phone already masked. ``can_back``, ``can_next``,
    ``busy``: what the buttons may do. ``capturing``: a page is being taken and judged.
    ``sources``: what this terminal can take pages with ("camera", "scanner"); ``source``: the one in use, "" while the
    resident has to choose. ``feeder``: the scanner takes sheets one by one. ``progress``: 0 to 1, of the running scan.
    ``number``: the registration number once sent. ``lookup``: "", busy, missing, wrong, locked (``lock_s`` left).
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
