"""What an installation of the gateway may set, and where its files stand under the data directory.

``gateway.config`` reads them from gateway.toml; without a file everything lies in the data directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wire import manifest
from wire.enrol import Limits

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """``url``: postgresql://user@host:port/name without a password, or "" for SQLite in the data directory.

    ``password``: file that holds the password in its first line, or None where the server asks for none.
    ``connections``: most that one worker holds.
    """

    url: str = ""
    password: Path | None = None
    connections: int = 16


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """``bucket``: of an S3 server, or "" for the folder in the data directory. ``prefix``: before every object's name.

    ``endpoint``: http(s)://host[:port] of the server, "" for Amazon's own. ``credentials``: file with the lines
    ``access_key_id = "..."`` and ``secret_access_key = "..."`` (TOML), or None for what the machine itself gives.
    """

    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    credentials: Path | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """What one terminal may ask for; 0 = without limit. All of them far above what a busy counter makes.

    ``announcements``: new submissions an hour. ``open_bytes``: bytes of its submissions that are announced and not
    received. ``beats``: heartbeats a minute.
    """

    announcements: int = 3600
    open_bytes: int = 8192 * _MIB
    beats: int = 120


@dataclass(frozen=True, slots=True)
class Settings:
    """``reserve``: bytes of free disk below which nothing new is taken. ``idle_s``: longest silence inside a body.

    ``token_s``: life of an enrolment token (sync-notes §3.1: 72 h). ``session_s``: an officer who is silent this long
    is signed out. ``silent_s``: a terminal not heard for this long is shown as silent (two heartbeats of 15 min).
    ``workers``: processes that serve.
    """

    data: Path
    reserve: int = 200 * _MIB
    idle_s: float = 60.0
    token_s: int = 72 * 3600
    session_s: int = 15 * 60
    silent_s: int = 30 * 60
    beat_waiting_s: int = 5 * 60
    beat_idle_s: int = 15 * 60
    workers: int = 1
    database: DatabaseSettings = DatabaseSettings()
    store: StoreSettings = StoreSettings()
    quota: Quota = Quota()

    @property
    def store_folder(self) -> Path:
        """The blob store on this machine's disk."""
        return self.data / "store"

    @property
    def keys(self) -> Path:
        """The office's keys, readable by the owner alone."""
        return self.data / "keys"

    @property
    def database_file(self) -> Path:
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
