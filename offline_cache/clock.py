"""Time as the terminal knows it: the wall clock only labels, the time since boot measures, the office corrects."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path


@cache
def boot_id() -> str:
    """The kernel's name for this boot, or "unknown"."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:40]
    except OSError:
        return "unknown"


def boot_s() -> float:
    """Seconds since boot, sleep included; never steps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wall() -> str:
    """The wall clock as ISO 8601 with offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def iso(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


@dataclass(slots=True)
class OfficeClock:
    """The office's time. ``offset_s``: its clock minus ours when it was last heard, None until it was ever heard.

    ``heard``: in this process; only then is the corrected time good enough to purge by. It is carried on by the time
    since boot: the wall clock may be set right, or wrong, at any moment after.
    """

    offset_s: float | None = None
    heard: bool = False
    _since_boot: float | None = None

    def correct(self, server_time: int) -> None:
        """The office just said what time it is (whole seconds)."""
        self.offset_s = server_time - time.time()
        self._since_boot = server_time - boot_s()
        self.heard = True

    def now(self) -> float:
        """Seconds since 1970, as the office would say."""
        return time.time() + (self.offset_s or 0.0) if self._since_boot is None else self._since_boot + boot_s()
