"""The gateway's database: SQLite in the data directory, or PostgreSQL by settings. Same tables, same promises.

An ordered write waits for every one before it: the numbers that it draws (an event's cursor, a submission's
``server_seq``) become visible in their order, so that a reader who polls by cursor misses no row. On SQLite every
write is ordered; on PostgreSQL by one advisory lock, under READ COMMITTED, where each statement after the lock sees
all that was committed before it. A read sees one state throughout (REPEATABLE READ, read only).
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, exc, text
from sqlalchemy.orm import Session

from gateway import engines
from gateway.engines import DatabaseError as DatabaseError
from gateway.settings import Settings
from wire.events import log

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_MIGRATE_LOCK = 0x61646D_02


class Unreachable(DatabaseError):
    """The database does not answer now, or not in time: trying again mends it."""


class Unfit(DatabaseError):
    """A value that the database cannot keep: a character or a number that no column holds."""


class Database:
    """``read`` and ``write`` give a session in a transaction. Any thread may ask."""

    def __init__(self, settings: Settings) -> None:
        self.served = bool(settings.database.url)
        if self.served:
            engine = engines.postgresql(settings.database)
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            engine = engines.sqlite(settings.database_file)
            self._reader = engine
        self._engine = engine
        self._ordered = engine.execution_options(adm_write="ordered")
        self._loose = engine if self.served else self._ordered
        # Threads of this process queue here, in order of arrival, each without a connection; the database's own lock
        # is for other processes.
        self._turn = threading.Lock()
        with self._told():
            if self.served:
                self._migrate(engine)
            else:
                with (settings.data / "migrate.lock").open("w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    self._migrate(self._ordered)

    def _migrate(self, engine: Engine) -> None:
        newest = max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
        with engine.begin() as connection:
            if self.served:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATE_LOCK})"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            if _revision(connection) != newest:
                _upgrade(connection)

    @contextmanager
    def read(self) -> Generator[Session]:
        """A session that sees one consistent state. Raises Unreachable."""
        with self._told(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def look(self) -> Generator[Connection]:
        """For one statement (``gateway.statement``): without a session, at a third of what that costs. As ``read``."""
        with self._told(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, ordered: bool = True) -> Generator[Session]:
        """A session that commits at the end of the block, or rolls back when it raises.

        ``ordered`` False: for one that draws no number and changes nothing that an ordered write decides by.
        Raises Unreachable, Unfit.
        """
        turn = self._turn if ordered or not self.served else nullcontext()
        engine = self._ordered if ordered else self._loose
        with self._told(), turn, Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Generator[None]:
        """Name what the driver throws; what a constraint refuses (IntegrityError) is the caller's to read."""
        try:
            yield
        except (exc.DataError, OverflowError, UnicodeEncodeError) as error:
            raise Unfit("a value cannot be kept") from error
        except exc.IntegrityError:
            raise
        except (exc.DBAPIError, exc.TimeoutError, exc.PendingRollbackError) as error:
            cause = getattr(error, "orig", None) or error
            log("gateway_database_fault", kind=type(cause).__name__)
            raise Unreachable(_first_line(cause)) from error


def _revision(connection: Connection) -> str | None:
    """The schema's number, or None for an empty database."""
    there = connection.dialect.has_table(connection, "alembic_version")
    return connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None


def _upgrade(connection: Connection) -> None:
    # Here, not above: a tenth of a second that most commands can do without.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _first_line(error: BaseException) -> str:
    return f"the database: {(str(error).strip() or type(error).__name__).splitlines()[0]}"
