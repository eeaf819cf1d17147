"""The few calls of the cache that the station sees. ``offline_cache.cache.open_cache`` builds the real one.

All calls may be made from any thread. Calls that touch the disk may take up to a second on a slow card: the
controller makes them on its own worker, never on the thread of the link.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from wire.enrol import Place
from wire.guard import Protection
from wire.heartbeat import DeviceReport
from wire.places import Places


class CacheError(Exception):
    """Something that the caller must show; ``code`` is a fault code of the catalogue."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this terminal is, once enrolled. ``revoked``: the office takes nothing new from it."""

    terminal: str
    code: str
    place: Place
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application that is sealed, numbered and durable. ``parts``, ``bytes``: of the ciphertext."""

    submission_id: str
    number: str
    seq: int
    parts: int
    bytes: int


@dataclass(frozen=True, slots=True)
class QueueState:
    """``queued``: waiting for the line. ``quarantined``: refused by the office, kept. ``disk_free``: bytes.

    ``oldest``: ISO 8601 of the oldest one that waits, or "".
    """

    queued: int
    quarantined: int
    last_seq: int
    disk_free: int
    full: bool
    oldest: str = ""


@dataclass(frozen=True, slots=True)
class LineState:
    """``reason``: "" when online, else no_link, no_gateway, portal, clock, refused, not_enrolled.

    ``synced``: ISO 8601 of the last good answer of the office since this start, or "".
    """

    online: bool
    reason: str
    synced: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The submission that is on its way now. ``sent`` of ``total`` bytes of its parts are at the office.

    ``rate``: bytes a second, measured over the last requests; 0 while unknown.
    """

    number: str
    sent: int
    total: int
    rate: float


@dataclass(frozen=True, slots=True)
class SendState:
    """Whether the queue may leave. ``held``: "" or why not: "paused" (staff), "quiet" (hours), "budget" (of the day).

    While it is held, heartbeats and the office's news still pass; in quiet hours and over budget announcements too.
    ``until``: ISO 8601 when that ends by itself, or "". ``paused_at``: ISO 8601, or "". ``progress``: the upload under
    way, or None. ``sent_today``: bytes on the line since local midnight, both directions, as a prepaid line is charged.
    ``budget``: bytes a day, 0 = without limit.
    """

    held: str = ""
    until: str = ""
    paused_at: str = ""
    progress: Progress | None = None
    sent_today: int = 0
    budget: int = 0


@dataclass(frozen=True, slots=True)
class Stick:
    """A USB stick that stands ready. ``free``: bytes. ``receipts``: answers of the office on it that are for us."""

    path: Path
    free: int
    receipts: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote and read back. ``left``: submissions for which there was no room.

    ``broken``: submissions whose sealed files are damaged or lost on this disk; they stay as they are.
    """

    submissions: int
    bytes: int
    volumes: tuple[str, ...]
    left: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What the office's answers on a stick settled. ``refused``: (file name, reason msgid) of files that were none."""

    received: int
    quarantined: int
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Trail:
    """The newest state of an application. ``state``: wire.change.State, or "queued" while no receipt is here.

    ``first``: id of its first submission. ``missing``: papers that it still lacks, what is queued here included.
    """

    number: str
    service: str
    state: str
    reasons: tuple[tuple[str, str], ...]
    at: str
    here: bool
    first: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completes:
    """The application that a submission completes: id of its first submission, and its number."""

    first: str
    number: str


@dataclass(frozen=True, slots=True)
class PinAnswer:
    """``result``: right, wrong, locked (``lock_s`` left), unset (no PIN was ever made)."""

    result: Literal["right", "wrong", "locked", "unset"]
    lock_s: int = 0


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """How a device's test ended. ``at``: ISO 8601. ``results``: (msgid, value, mark) rows; nothing personal."""

    role: str
    at: str
    passed: bool
    results: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """``result``: found (with ``trail``), wrong (second fact), missing (not known here), locked (``lock_s`` left)."""

    result: Literal["found", "wrong", "missing", "locked"]
    trail: Trail | None = None
    lock_s: int = 0


class Cache(Protocol):
    """The terminal's durable memory."""

    def identity(self) -> Identity | None:
        """Who we are, or None before enrolment."""
        ...

    def enrol(self, code_text: str) -> Identity:
        """Enrol with the office's one-time code (wire.enrol.EnrolCode text). Idempotent; raises CacheError."""
        ...

    def begin_draft(self) -> str:
        """A new draft id (nothing is written yet)."""
        ...

    def keep_page(self, draft: str, paper: str, page: int, image: bytes, media_type: str) -> None:
        """Seal one page to the office and write it durably; replaces a kept page of the same place."""

    def seal_ahead(self, draft: str, image: bytes) -> None:
        """That page may be kept soon: seal it now, in memory alone. One page at a time. Raises CacheError."""

    def foresee(self, nik: str, number: str = "") -> None:
        """That person's application is in the making: begin what takes long at ``submit``, in memory alone.

        ``number``: of the application that is completed. Returns at once; ``abandon`` forgets it. Raises CacheError.
        """

    def prepare(
        self,
        draft: str,
        service: str,
        schema_version: int,
        language: str,
        form: dict[str, str],
        *,
        answers: dict[str, str] | None = None,
        missing: tuple[str, ...] = (),
        completes: Completes | None = None,
    ) -> None:
        """What ``submit`` will be asked soon: do what comes before its commit. No number is taken, nothing is queued.

        One application at a time; another one, another page or ``abandon`` undoes it. Raises CacheError.
        """

    def drop_page(self, draft: str, paper: str, page: int) -> None:
        """Remove a kept page; nothing happens where there is none or the draft was submitted. Raises CacheError."""

    def submit(
        self,
        draft: str,
        service: str,
        schema_version: int,
        language: str,
        form: dict[str, str],
        *,
        answers: dict[str, str] | None = None,
        missing: tuple[str, ...] = (),
        completes: Completes | None = None,
    ) -> Submitted:
        """Seal the form (``form["nik"]`` is the applicant's), allot id, sequence, number, and queue all in one commit.

        ``answers``: of the service's questions. ``missing``: required papers that come later. With ``completes`` the
        number is that application's, while the sequence is this terminal's next one as always; of ``form`` only the NIK
        is sealed, and ``missing`` names what is still missing after it (a paper that was sent back and is not here
        belongs there too). A completion without a kept page is refused as cache_broken.
        Raises CacheError (disk_full, revoked, not_enrolled, cache_broken); the draft then stays as it was. A second
        call with the same draft returns the first answer.
        """
        ...

    def abandon(self, draft: str) -> None:
        """Remove a draft's files; a draft that was submitted is not touched."""

    def last_shown(self) -> tuple[str, float] | None:
        """The last number that was allotted and not yet marked settled: (number, seconds since), or None."""
        ...

    def settle(self, number: str) -> None:
        """The resident ended the visit of ``number`` in order: ``last_shown`` forgets it."""

    def queue(self) -> QueueState:
        """Counts for the status; cheap (at most one small query)."""
        ...

    def refused(self) -> tuple[tuple[str, str], ...]:
        """(number, problem) of what the office refused and we keep, oldest first. ``problem``: of ``wire.problem``, or
        part-lost, part-damaged, unknown-part. Raises CacheError.
        """
        ...

    def release_quarantined(self) -> int:
        """Queue again what the office had refused (it was mended there). How many. Raises CacheError."""
        ...

    def line(self) -> LineState:
        """The line as the sync engine sees it (with hysteresis); never blocks."""
        ...

    def lookup(self, number: str, nik: str) -> Lookup:
        """ "Cek status": five wrong tries for a number, then 15 s doubling. Takes about 0.2 s (argon2id).

        The newest state is the office's newest word on any submission with that number, overlaid by one of ours that
        it does not know yet: "queued", with what that one lacks, and no reasons.
        """
        ...

    def card_known(self, uid: bytes, nik: str) -> bool:
        """Whether the resident with this NIK let us remember this card; never for a UID that names no card."""
        ...

    def remember_card(self, uid: bytes, nik: str) -> None:
        """Remember card and NIK together, by the resident's consent, as HMAC(key, UID and NIK) alone. Idempotent.

        Raises ValueError for a UID that names no card (empty, or 4 bytes that begin with 08), CacheError.
        """

    def forget_card(self, uid: bytes, nik: str) -> None:
        """Forget them again; nothing happens where they are not remembered. Raises CacheError."""

    def places(self) -> tuple[Places, str] | None:
        """The district's terminals and when the office last confirmed that list (ISO 8601), or None before the first.

        Once the list names this terminal, ``identity().place`` follows it.
        """
        ...

    def pin_set(self) -> bool:
        """Whether the staff's PIN was made."""
        ...

    def set_pin(self, pin: str) -> None:
        """Make or change the staff's PIN (6 to 12 digits, not one digit repeated, no plain run), kept as argon2id.

        It ends a lock. Raises ValueError with a msgid (wire.pin), CacheError.
        """

    def check_pin(self, pin: str) -> PinAnswer:
        """The fifth wrong try locks for 15 s, each further one for twice as long, at most a day; a right one forgets.

        Restarts and a clock set back neither shorten nor lengthen a lock. Takes about 0.2 s (argon2id); "unset" and
        "locked" come at once, and a try while it is locked is not heard. Raises CacheError.
        """
        ...

    def record_trial(self, record: TrialRecord) -> None:
        """Keep how a device's test ended; the newest 200 stay. Raises CacheError."""

    def trials(self) -> tuple[TrialRecord, ...]:
        """The newest record of each device. Raises CacheError."""
        ...

    def sending(self) -> SendState:
        """Whether the queue may leave, and the upload under way; never blocks for long."""
        ...

    def pause(self, on: bool) -> None:
        """Staff's switch: while it is on only heartbeats and the office's news pass, over restarts too.

        An upload under way ends where it is; the office keeps what arrived. Raises CacheError.
        """

    def stick(self) -> Stick | None:
        """The USB stick that stands ready, the one with answers for us first; a few looks at its file system.

        May block for seconds on a stick that is failing: never on the thread of the link.
        """
        ...

    def export_to_stick(self, moved: Callable[[float], None]) -> Exported:
        """Copy all that is queued or quarantined to the stick, sealed as it is, and read it back; minutes.

        ``moved``: told 0 to 1, on the calling thread. Works revoked, paused and offline; nothing about delivery
        changes, and a second export is as good as the first. Raises CacheError: stick_missing (none there, or pulled
        out), stick_full (not one submission fits), stick_unwritable, stick_broken (it does not keep what is written),
        cache_broken. Volumes that were finished before are whole; what is half written goes at the next export.
        """
        ...

    def take_from_stick(self) -> Taken:
        """Take the office's answers from every stick that is there: what a receipt on the line does, they do.

        A file that is taken goes from the stick, and with it its volume; one that is not stays, with a reason.
        Raises CacheError: stick_missing, cache_broken.
        """
        ...

    def protection(self) -> Protection:
        """What guards the terminal's keys on its disk; never touches the disk."""
        ...

    def sync_now(self) -> None:
        """Try the line at once (a technician asks); returns at once, ``line`` tells what came of it."""

    def start_sync(self, devices: Callable[[], tuple[DeviceReport, ...]], changed: Callable[[], None]) -> None:
        """Start the sync engine. ``devices``: for the heartbeat. ``changed``: called when queue, line or feed move."""

    def close(self) -> None:
        """Stop the engine and close the database; bounded to a few seconds."""
