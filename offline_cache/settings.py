"""What a deployment may choose about the cache; every number has the protocol's default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """``purge_days``: from receipt to removal (sync-notes §3.4). ``retry_cap_s``: longest wait between two tries.

    ``probe_cap_s``: longest wait between two looks at a line that is down, so that the queue leaves soon after it
    returns. ``disk_reserve``: bytes that stay free; below it no new work is taken. ``ca_file``: PEM file of the
    certificate authority that the gateway's certificate comes from (None: those that the system trusts).
    ``daily_bytes``: on the line in a local day, both directions; over it only what is small still goes; 0 = no limit.
    ``spread_s``: after an hour and more without the gateway the parts of a terminal wait for a moment of its own within
    so many seconds (sync-notes §3.6 says ten minutes, for one gateway for the whole country; a regency's has some 160
    terminals, and a minute does).
    ``sticks``: where USB sticks are mounted, each a folder (deploy/systemd/adm-stick@.service).
    ``quiet``: ("08:00", "11:30") local times between which only what is small goes; may span midnight.
    """

    purge_days: float = 7.0
    retry_cap_s: float = 300.0
    probe_cap_s: float = 30.0
    disk_reserve: int = 200 * 1024 * 1024
    ca_file: Path | None = None
    spread_s: float = 60.0
    daily_bytes: int = 0
    quiet: tuple[tuple[str, str], ...] = ()
    sticks: Path = Path("/run/adm-sticks")


DAY_MINUTES = 24 * 60


def check_quiet(windows: tuple[tuple[str, str], ...]) -> frozenset[int]:
    """The minutes of the day that lie in ``CacheSettings.quiet``. Raises ValueError where they are not to be used."""
    found: set[int] = set()
    for begin, end in windows:
        first, last = _minute(begin), _minute(end)
        if first == last:
            raise ValueError(f"{begin}-{end} is no stretch of time")
        found.update((first + more) % DAY_MINUTES for more in range((last - first) % DAY_MINUTES))
    if len(found) == DAY_MINUTES:
        raise ValueError("quiet hours leave no minute of the day to send in")
    return frozenset(found)


def _minute(text: str) -> int:
    at = datetime.strptime(text, "%H:%M")
    return at.hour * 60 + at.minute
