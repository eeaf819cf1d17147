"""The gateway's SQLite database: opened through the sqlcipher3 wheel, WAL, every commit on disk before it returns.

The file is not encrypted (it holds no name, no NIK and no page); the wheel is taken for its SQLite, which must not
have the WAL-reset bug (3.7.0 to 3.51.2, sync-notes §4.4).
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_OLDEST = (3, 51, 3)
_BUSY_S = 30.0


class DatabaseError(RuntimeError):
    """The database cannot be used as it must be; the message says why."""


class Database:
    """``read`` and ``write`` give a session in a transaction; a write takes the database's write lock at its start."""

    def __init__(self, file: Path) -> None:
        if dbapi2.sqlite_version_info < _OLDEST:
            raise DatabaseError(f"SQLite {dbapi2.sqlite_version} has the WAL-reset bug; 3.51.3 or newer is needed")
        self._file = file
        self._engine = create_engine(
            "sqlite://", module=dbapi2, creator=self._connect, poolclass=QueuePool, pool_size=8, max_overflow=56
        )
        event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(adm_write=True)
        # Threads of this process queue here, in order of arrival; SQLite's own busy handler is for other processes.
        self._turn = threading.Lock()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (file.parent / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._migrate()

    def _connect(self) -> dbapi2.Connection:
        connection = dbapi2.connect(str(self._file), timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {line}")
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
        if mode != "wal" or synchronous != 2:
            raise DatabaseError(f"the disk does not carry WAL with synchronous=FULL (found {mode}, {synchronous})")
        return connection

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Generator[Session]:
        """A session that sees one consistent state."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Generator[Session]:
        """A session that commits at the end of the block, or rolls back when it raises."""
        with self._turn, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("adm_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
