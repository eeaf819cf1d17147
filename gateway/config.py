"""gateway.toml: where the database and the store are, how many processes serve, what one terminal may ask for.

deploy/config/gateway.toml.example explains every key. A message about a wrong file names file and key, and never
repeats a value: one of them may be a secret in the wrong place.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from gateway.settings import DatabaseSettings, Quota, Settings, StoreSettings

_MIB = 1024 * 1024
_CREDENTIAL = "credential:"
_SECRETS = {"password", "sslpassword"}
_MOST_WORKERS = 64
_ONE_WRITER = "more than one needs database.url: SQLite has one writer"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")


class ConfigError(ValueError):
    """The file cannot be used; the message names it and the key."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _Database(_Table):
    url: str = ""
    password_file: str = ""
    connections: int = Field(default=16, ge=2, le=200)

    @field_validator("url")
    @classmethod
    def _is_postgresql(cls, url: str) -> str:
        if not url:
            return url
        parts = _split(url)
        if parts.scheme != "postgresql":
            raise ValueError("is written postgresql://user@host:5432/name, or left out for SQLite")
        if parts.password is not None or _SECRETS & {name for name, _ in parse_qsl(parts.query)}:
            raise ValueError("holds a password; that belongs in password_file")
        if not parts.path.strip("/"):
            raise ValueError("names no database, as in postgresql://user@host:5432/name")
        return url

    @model_validator(mode="after")
    def _password_has_a_url(self) -> _Database:
        if self.password_file and not self.url:
            raise ValueError("password_file without url")
        return self


class _Store(_Table):
    url: str = ""
    endpoint: str = ""
    region: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9-]*$")
    credentials: str = ""

    @field_validator("url")
    @classmethod
    def _is_s3(cls, url: str) -> str:
        if not url:
            return url
        parts = _split(url)
        if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
            raise ValueError("is written s3://bucket/prefix, or left out for the folder in the data directory")
        prefix = parts.path.strip("/")
        if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
            raise ValueError("has a prefix with other characters than letters, digits, - _ . and /")
        return url

    @field_validator("endpoint")
    @classmethod
    def _is_http(cls, endpoint: str) -> str:
        if not endpoint:
            return endpoint
        parts = _split(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("is written https://host:port")
        if parts.username is not None or parts.password is not None:
            raise ValueError("holds a name or password; those belong in credentials")
        return endpoint.rstrip("/")

    @model_validator(mode="after")
    def _rest_has_a_url(self) -> _Store:
        if not self.url and (
            strange := [name for name in ("endpoint", "region", "credentials") if getattr(self, name)]
        ):
            raise ValueError(f"{' and '.join(strange)} without url")
        return self


class _Serve(_Table):
    workers: int = Field(default=1, ge=1, le=_MOST_WORKERS)


class _Limits(_Table):
    announcements_an_hour: int = Field(default=Quota().announcements, ge=0, le=1_000_000)
    open_mib: int = Field(default=Quota().open_bytes // _MIB, ge=0, le=1_000_000)
    heartbeats_a_minute: int = Field(default=Quota().beats, ge=0, le=1_000_000)


class File(_Table):
    """The whole file."""

    database: _Database = _Database()
    store: _Store = _Store()
    serve: _Serve = _Serve()
    limits: _Limits = _Limits()

    @model_validator(mode="after")
    def _workers_have_a_server(self) -> File:
        if self.serve.workers > 1 and not self.database.url:
            raise ValueError(f"serve.workers: {_ONE_WRITER}")
        return self


def usual(data: Path) -> Path:
    """Where the file is looked for when none is named: beside the data directory (data/gateway: data/gateway.toml)."""
    folder = data.absolute()
    return folder.with_name(f"{folder.name}.toml")


def load(data: Path, file: Path | None = None) -> Settings:
    """The settings over a data directory. ``file``: None takes the usual one if it is there. Raises ConfigError."""
    if file is None:
        file = usual(data)
        if not file.exists():
            return Settings(data)
    return read(data, file)


def with_workers(settings: Settings, workers: int | None) -> Settings:
    """The settings with another number of workers, where one is given. Raises ConfigError."""
    if workers is None:
        return settings
    if not 1 <= workers <= _MOST_WORKERS:
        raise ConfigError(f"--workers: between 1 and {_MOST_WORKERS}")
    if workers > 1 and not settings.database.url:
        raise ConfigError(f"--workers: {_ONE_WRITER}")
    return replace(settings, workers=workers)


def read(data: Path, file: Path) -> Settings:
    """The settings of a file that is there. Raises ConfigError."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        # The parser's words may repeat a piece of the file; the place is enough.
        raise ConfigError(f"{file}: not TOML{_place(error)}") from None
    return settings(data, file, values)


def settings(data: Path, file: Path, values: Mapping[str, object]) -> Settings:
    """The settings that a file's tables say. Raises ConfigError."""
    try:
        read = File.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            ": ".join(filter(None, (".".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, "))))
            for fault in error.errors(include_input=False, include_context=False)
        )
        raise ConfigError(f"{file}: {faults}") from None
    store = urlsplit(read.store.url)
    return Settings(
        data,
        workers=read.serve.workers,
        database=DatabaseSettings(
            read.database.url,
            _secret(file, "database.password_file", read.database.password_file),
            read.database.connections,
        ),
        store=StoreSettings(
            bucket=store.netloc,
            prefix=store.path.strip("/"),
            endpoint=read.store.endpoint,
            region=read.store.region,
            credentials=_secret(file, "store.credentials", read.store.credentials),
        ),
        quota=Quota(read.limits.announcements_an_hour, read.limits.open_mib * _MIB, read.limits.heartbeats_a_minute),
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address") from None
    return parts


def _secret(file: Path, key: str, name: str) -> Path | None:
    """A file with a secret: by its path, or ``credential:NAME`` as systemd hands it over. Raises ConfigError."""
    if not name:
        return None
    if name.startswith(_CREDENTIAL):
        folder, rest = os.environ.get("CREDENTIALS_DIRECTORY", ""), name.removeprefix(_CREDENTIAL)
        if not folder or not rest or "/" in rest or rest in (".", ".."):
            raise ConfigError(f"{file}: {key}: systemd handed over no such credential (LoadCredential=)")
        path = Path(folder) / rest
    else:
        path = file.parent / name
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ConfigError(f"{file}: {key}: there is no such file, or it cannot be read")
    return path


def _place(error: Exception) -> str:
    found = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
    return f" ({found[1]})" if found else ""
