"""The terminal's settings: one TOML file, checked before anything is opened. deploy/config explains every key.

The file alone: nothing of a kiosk hangs on what its environment happens to hold.
"""

from __future__ import annotations

import pwd
import re
import tomllib
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kiosk.visit.delays import DELAYS, Delays
from offline_cache.settings import CacheSettings, check_quiet
from wire.words import complete

DEFAULT_DATA = Path("data/kiosk")
DEFAULT_ROLES = Path("data/roles.toml")
_SOCKET_MAX = 107  # bytes of a Unix socket's name on Linux
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_STRETCH = re.compile(f"{_CLOCK}-{_CLOCK}")


class SettingsError(ValueError):
    """The settings cannot be used; the message names file and key."""


class CacheTable(BaseModel):
    """Sending and keeping; see ``offline_cache.settings``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purge_days: float = Field(default=7.0, gt=0)
    retry_cap_s: float = Field(default=300.0, gt=0)
    probe_cap_s: float = Field(default=30.0, gt=0)
    disk_reserve_mib: int = Field(default=200, ge=0)
    ca_file: Path | None = None
    daily_mib: float = Field(default=0.0, ge=0)
    quiet_hours: tuple[str, ...] = ()
    spread_s: float = Field(default=60.0, ge=0, le=3600)
    sticks: Path = Path("/run/adm-sticks")

    @field_validator("quiet_hours")
    @classmethod
    def _are_stretches(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [stretch for stretch in hours if not _STRETCH.fullmatch(stretch)]:
            raise ValueError(f"written as 08:00-11:30: {', '.join(wrong)}")
        check_quiet(_stretches(hours))
        return hours


class Settings(BaseModel):
    """``data``: the cache's folder. ``roles``: which device does what. ``runtime``: for the link's socket.

    ``district``: the district's file over the services, or None.

    ``size``: of the window as "1080x1920", "" = the whole screen. ``window_user``: the window is a service of its own
    under this user ("" = the station starts it). ``delays``: named waits in seconds, over
    ``kiosk.visit.delays``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = DEFAULT_DATA
    roles: Path = DEFAULT_ROLES
    runtime: Path | None = None
    district: Path | None = None
    languages: tuple[str, ...] = Field(default=("id", "en"), min_length=1)
    size: str = ""
    window_user: str = ""
    delays: dict[str, float] = Field(default_factory=dict)
    cache: CacheTable = CacheTable()

    @field_validator("languages")
    @classmethod
    def _are_codes(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [language for language in languages if not re.fullmatch(r"[a-z]{2,3}", language)]:
            raise ValueError(f"no language code: {', '.join(wrong)}")
        return languages

    @field_validator("size")
    @classmethod
    def _is_a_size(cls, size: str) -> str:
        if size and not re.fullmatch(r"[1-9]\d{2,3}x[1-9]\d{2,3}", size):
            raise ValueError("a size is written as 1080x1920")
        return size

    @field_validator("delays")
    @classmethod
    def _are_delays(cls, delays: dict[str, float]) -> dict[str, float]:
        known = asdict(DELAYS)
        if strange := [name for name in delays if name not in known]:
            raise ValueError(f"no delay is called {', '.join(strange)}; there are {', '.join(known)}")
        if wrong := [name for name, seconds in delays.items() if not 0 < seconds < 86400]:
            raise ValueError(f"seconds, more than 0: {', '.join(wrong)}")
        return delays

    @model_validator(mode="after")
    def _socket_fits(self) -> Settings:
        if len(str(self.socket.absolute()).encode()) > _SOCKET_MAX:
            raise ValueError(f"runtime: {self.socket} is too long for a socket; name a shorter folder")
        return self

    @property
    def socket(self) -> Path:
        """The link's socket."""
        return (self.runtime or self.data / "run") / "window.sock"

    def window_uid(self) -> int | None:
        """User id of ``window_user``, or None where the station starts the window. Raises SettingsError."""
        if not self.window_user:
            return None
        try:
            return pwd.getpwnam(self.window_user).pw_uid
        except KeyError:
            raise SettingsError(f"window_user: this machine has no user {self.window_user}") from None

    def offered(self) -> tuple[str, ...]:
        """The languages whose catalogue is complete, in this file's order; Indonesian where that leaves none."""
        return tuple(language for language in self.languages if complete(language)) or ("id",)

    def all_delays(self) -> Delays:
        """Every delay, with this file's in place of the usual ones."""
        return Delays(**{**asdict(DELAYS), **self.delays})


def load(file: Path | None) -> Settings:
    """Read the settings; without a file, everything lies below ``data/``. Raises SettingsError."""
    values: dict[str, object] = {}
    if file is not None:
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: not TOML: {error}") from error
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        )
        raise SettingsError(f"{file or 'settings'}: {faults}") from error


def for_cache(chosen: Settings) -> CacheSettings:
    """The part that the cache takes."""
    table = chosen.cache
    return CacheSettings(
        purge_days=table.purge_days,
        retry_cap_s=table.retry_cap_s,
        probe_cap_s=table.probe_cap_s,
        disk_reserve=table.disk_reserve_mib * 1024 * 1024,
        ca_file=table.ca_file,
        daily_bytes=int(table.daily_mib * 1024 * 1024),
        quiet=_stretches(table.quiet_hours),
        spread_s=table.spread_s,
        sticks=table.sticks,
    )


def _stretches(hours: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((stretch[:5], stretch[6:]) for stretch in hours)
