"""What every wire to a printer looks like, and how it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from drivers.printer.codes import UNREACHABLE


class LinkLost(Exception):
    """The connection is gone, or cannot be had; of what was written last, ``sent`` bytes were taken and may be lost.

    ``fault``: the code that says why.
    """

    def __init__(self, detail: str, sent: int = 0, fault: str = UNREACHABLE) -> None:
        super().__init__(detail)
        self.sent = sent
        self.fault = fault


class LinkStalled(Exception):
    """The printer stopped reading; ``sent`` bytes were taken."""

    def __init__(self, sent: int) -> None:
        super().__init__(f"stalled after {sent} bytes")
        self.sent = sent


class Link(Protocol):
    """A byte stream to one printer, used from one thread."""

    @property
    def address(self) -> str:
        """Where the printer is, as the roles file says it."""
        ...

    def open(self) -> None:
        """Connect within 3 s. Raises ``LinkLost``."""
        ...

    def close(self) -> None:
        """Release the line; never raises, may be called twice."""
        ...

    def write(self, data: bytes, limit: float, give_up: Callable[[], bool]) -> None:
        """Write all of ``data`` within ``limit`` seconds. Raises ``LinkLost`` or ``LinkStalled``."""
        ...

    def read(self, limit: float) -> bytes:
        """What has come, after at most ``limit`` seconds; ``b""`` for silence. Raises ``LinkLost``."""
        ...
