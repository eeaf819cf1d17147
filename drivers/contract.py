"""What every device of the terminal looks like to the station: a status, never an exception.

``status()`` returns at once and never raises. Faults are codes of ``wire/faults.toml``, all kept, most urgent first.
Silence is ``UNKNOWN``, never "fine".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """Where a device stands."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    NEEDS_ATTENTION = "needs_attention"
    OFFLINE = "offline"
    UNKNOWN = "unknown"
    BROKEN = "broken"


class Outcome(StrEnum):
    """How a piece of work ended. ``DOUBTFUL``: sent, not confirmed; never sent again by itself."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One look at a device.

    ``faults``: codes of ``wire/faults.toml``, most urgent first. ``since``: ``time.monotonic()`` seconds of the last
    change of phase or faults. ``notes``: small facts for staff (model, firmware, address), never personal data.
    """

    role: str
    phase: Phase
    faults: tuple[str, ...] = ()
    since: float = 0.0
    notes: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def usable(self) -> bool:
        """True when a resident can rely on the device now."""
        return self.phase in (Phase.READY, Phase.BUSY)


@dataclass(frozen=True, slots=True)
class PrintResult:
    """How one print job ended. ``faults``: the codes that explain it, most urgent first."""

    job: str
    outcome: Outcome
    faults: tuple[str, ...] = ()


class Device(Protocol):
    """Common face of all devices."""

    def start(self) -> None:
        """Start the worker thread; returns at once."""
        ...

    def stop(self) -> None:
        """Stop the worker and release the device; returns when it is released (bounded by its own time limit)."""
        ...

    def status(self) -> DeviceStatus:
        """The newest status; never raises, never blocks."""
        ...

    def on_change(self, callback: Callable[[DeviceStatus], None]) -> None:
        """Call ``callback`` from the worker's thread at each change of phase or faults."""
        ...


class Printer(Device, Protocol):
    """A receipt printer."""

    def print(self, job: str, data: bytes, done: Callable[[PrintResult], None]) -> None:
        """Queue ``data`` (ESC/POS bytes) as job ``job``; returns at once.

        ``done`` is called from the worker's thread with the outcome, and once more with ``DONE`` if a handshake
        arrives after the outcome was ``DOUBTFUL``. A job name that is already queued or printing is ignored.
        """
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """The newest picture of a camera: an undecoded JPEG and when it arrived (``time.monotonic()`` seconds)."""

    jpeg: bytes
    at: float


class Camera(Device, Protocol):
    """A document camera."""

    def newest(self) -> Frame | None:
        """The newest frame, or None before the first or when the newest is older than 5 s."""
        ...

    def set_live(self, live: bool) -> None:
        """True: stream continuously. False: one snapshot every 2 s, which also finds a dead camera."""
        ...


@dataclass(frozen=True, slots=True)
class ScanResult:
    """How one scan ended. ``faults``: the codes that explain it, most urgent first.

    ``image``: the whole bed or sheet as an 8-bit PNM (P5 or P6), as the scanner gave it, at ``dpi`` dots an inch;
    empty unless the outcome is ``DONE``. ``scanner_no_paper`` is an outcome, never a state of the device.
    """

    job: str
    outcome: Outcome
    image: bytes = field(default=b"", repr=False)
    dpi: int = 0
    faults: tuple[str, ...] = ()


class Scanner(Device, Protocol):
    """A document scanner: flatbed, or a feeder that takes one sheet a scan."""

    @property
    def source(self) -> str:
        """``flatbed`` or ``feeder``."""
        ...

    @property
    def lid(self) -> str:
        """What lies behind a page: ``white`` or ``black``."""
        ...

    def scan(self, job: str, progress: Callable[[float], None], done: Callable[[ScanResult], None]) -> None:
        """Queue one scan as job ``job``; returns at once. A job name that is queued or running is ignored.

        ``progress``: a share from 0 to 1, ``done``: the outcome, exactly once; both from the worker's threads.
        """
        ...

    def cancel(self, job: str) -> None:
        """Stop that job; ``done`` comes with ``CANCELLED`` unless the scan had ended already. Returns at once."""
        ...


class CardKind(StrEnum):
    """What lies on the reader, as far as anyone without the ministry's keys can tell."""

    KTP = "ktp"
    STAFF = "staff"
    OTHER = "other"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card on the reader. ``uid``: its bytes, for a token alone; never logged, never stored.

    ``random``: the UID is made up anew at each touch (ISO/IEC 14443-3: four bytes, the first 08): it names no card.
    ``UNREADABLE``: something lies there that does not answer: most often a card the wrong way round.
    """

    kind: CardKind
    uid: bytes = field(default=b"", repr=False)
    random: bool = False


class CardReader(Device, Protocol):
    """A PC/SC card reader."""

    def card(self) -> CardSeen | None:
        """What lies on the reader now, or None."""
        ...

    def on_card(self, callback: Callable[[CardSeen | None], None]) -> None:
        """Call ``callback`` from the worker's thread at each card that comes and (None) goes; none missed."""
        ...


class CodeReader(Device, Protocol):
    """A QR and barcode scanner."""

    def on_code(self, callback: Callable[[str], None]) -> None:
        """Call ``callback`` from the worker's thread with the text of each code: printable, at most 200 characters."""
        ...
