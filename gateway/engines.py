"""How a connection to either database is made, and what is checked on each: a commit is on the disk when it returns.

SQLite is opened through the sqlcipher3 wheel. The file is not encrypted (it holds no name, no NIK and no page); the
wheel is taken for its SQLite, which must not have the WAL-reset bug (3.7.0 to 3.51.2, sync-notes §4.4).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from gateway.settings import DatabaseSettings

_OLDEST_SQLITE = (3, 51, 3)
_OLDEST_POSTGRESQL = 15
_BUSY_S = 30.0
# Of every PostgreSQL connection: no wait without an end. A dead server is noticed within half a minute.
_LIMITS = {"lock_timeout": "30s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "120s"}
_LINE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "adm-gateway",
}
# Taken by every ordered write until its commit is visible: what SQLite's one writer is there.
_ORDER_LOCK = 0x61646D_01


class DatabaseError(RuntimeError):
    """The database cannot be used as it must be; the message says why."""


def sqlite(file: Path) -> Engine:
    """Over a file. Raises DatabaseError."""
    if dbapi2.sqlite_version_info < _OLDEST_SQLITE:
        raise DatabaseError(f"SQLite {dbapi2.sqlite_version} has the WAL-reset bug; 3.51.3 or newer is needed")

    def connect() -> dbapi2.Connection:
        connection = dbapi2.connect(str(file), timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {line}")
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
        if mode != "wal" or synchronous != 2:
            raise DatabaseError(f"the disk does not carry WAL with synchronous=FULL (found {mode}, {synchronous})")
        return connection

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(
        "sqlite://",
        module=dbapi2,
        creator=connect,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=56,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def postgresql(settings: DatabaseSettings) -> Engine:
    """Over a server, through psycopg 3. Nothing is connected yet."""
    engine = create_engine(
        make_url(settings.url).set(drivername="postgresql+psycopg"),
        connect_args=_LINE,
        pool_size=min(8, settings.connections),
        max_overflow=max(0, settings.connections - 8),
        pool_timeout=30,
        pool_pre_ping=True,  # a server that was started again costs nobody a request
        hide_parameters=True,
    )

    def with_password(_dialect: object, _record: object, _words: object, options: dict[str, Any]) -> None:
        if settings.password is not None:
            try:
                options["password"] = settings.password.read_text(encoding="utf-8").split("\n")[0].strip()
            except (OSError, UnicodeDecodeError):
                raise DatabaseError("the database's password_file cannot be read") from None

    event.listen(engine, "do_connect", with_password)
    event.listen(engine, "connect", _check_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _check_postgresql(raw: object, _record: object) -> None:
    connection = cast("psycopg.Connection[tuple[str, ...]]", raw)
    names = ("synchronous_commit", "fsync", "full_page_writes", "server_encoding")
    asked = [f"current_setting('{name}')" for name in names]
    asked += [f"set_config('{name}', '{value}', false)" for name, value in _LIMITS.items()]
    connection.autocommit = True
    row = connection.execute(f"SELECT {', '.join(asked)}".encode()).fetchone()
    connection.autocommit = False
    if connection.info.server_version < _OLDEST_POSTGRESQL * 10_000:
        raise DatabaseError(f"PostgreSQL {_OLDEST_POSTGRESQL} or newer is needed")
    found = dict(zip(names, row or (), strict=False))
    for name in ("synchronous_commit", "fsync", "full_page_writes"):
        if found.get(name) == "off":
            raise DatabaseError(f"PostgreSQL runs with {name} = off: a receipt would promise what is not on the disk")
    if found.get("server_encoding") != "UTF8":
        raise DatabaseError("the database's encoding must be UTF8")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("adm_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("adm_write") == "ordered":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ORDER_LOCK})")
