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
