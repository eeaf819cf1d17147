"""What an installation of the gateway may set, and where its files stand under the data directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wire import manifest
from wire.enrol import Limits

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """``reserve``: bytes of free disk below which nothing new is taken. ``idle_s``: longest silence inside a body.

    ``token_s``: life of an enrolment token (sync-notes §3.1: 72 h). ``session_s``: an officer who is silent this long
    is signed out. ``silent_s``: a terminal not heard for this long is shown as silent (two heartbeats of 15 min).
    """

    data: Path
    reserve: int = 200 * _MIB
    idle_s: float = 60.0
    token_s: int = 72 * 3600
    session_s: int = 15 * 60
    silent_s: int = 30 * 60
    beat_waiting_s: int = 5 * 60
    beat_idle_s: int = 15 * 60

    @property
    def store(self) -> Path:
        """The blob store."""
        return self.data / "store"

    @property
    def keys(self) -> Path:
        """The office's keys, readable by the owner alone."""
        return self.data / "keys"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "gateway.db"

    @property
    def profiles(self) -> Path:
        """The office's own destination profiles (``*.toml``), beside those of the program; may be absent."""
        return self.data / "profiles"

    @property
    def limits(self) -> Limits:
        """What a terminal is told at enrolment."""
        return Limits(
            part_bytes=manifest.MAX_PART_BYTES, parts=manifest.MAX_PARTS, total_bytes=manifest.MAX_TOTAL_BYTES
        )
