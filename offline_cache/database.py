"""The index file: SQLCipher through SQLAlchemy, WAL with every commit synced, one writer, schema by Alembic."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from offline_cache import durable
from offline_cache.api import CacheError
from offline_cache.migrations import HEAD

FILE = "index.db"
# Older ones can lose committed data in WAL mode (the WAL-reset bug, sync-notes §4.4).
MIN_SQLITE = (3, 51, 3)
_BUSY_S = 10.0
_WRITE = "adm_write"
_FULL = 2
_SALT_BYTES, _SALT_INFO = 16, b"anjungan index salt 1"
_SCRIPTS = Path(__file__).resolve().parent / "migrations"


class Database:
    """The opened index. ``read`` and ``write`` give a connection inside a transaction; both raise CacheError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, data: Path, key: bytes) -> Database:
        """Open or create ``data``/index.db with the raw 32-byte ``key`` and bring its schema up to date.

        Raises CacheError (cache_broken: wrong key, damaged, too new, or an unfit SQLite; disk_full). Nothing is
        deleted then.
        """
        _check_library()
        path = data / FILE
        engine = _engine(path, key)
        database = cls(engine)
        try:
            database._bring_up(path, key)
        except BaseException:
            engine.dispose()
            raise
        return database

    @classmethod
    def look(cls, data: Path, key: bytes) -> Database:
        """Open what is there to read and nothing else: no schema is brought up, no statement can change a row.

        Raises CacheError (cache_broken: wrong key, damaged, or the schema of another version).
        """
        _check_library()
        engine = _engine(data / FILE, key, look=True)
        database = cls(engine)
        try:
            revision = database._revision()
            if revision != HEAD:
                raise CacheError("cache_broken", f"its schema is {revision}, not {HEAD}: start the station once")
        except BaseException:
            engine.dispose()
            raise
        return database

    @property
    def writer(self) -> threading.RLock:
        """Held over everything that changes disk and index together."""
        return self._writer

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A consistent view; never waits for the writer."""
        with _translated(), self._connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection]:
        """The writer's transaction: committed and synced when the block ends, rolled back when it raises."""
        with (
            self._writer,
            _translated(),
            self._connect().execution_options(**{_WRITE: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close every connection; the last one folds the WAL into the file. A late caller gets CacheError."""
        with self._writer:
            self._closed = True
            self._engine.dispose()

    def _connect(self) -> Connection:
        if self._closed:  # a straggler must not reopen a file that another process may hold by now
            raise CacheError("cache_broken", "the index is closed")
        return self._engine.connect()

    def _bring_up(self, path: Path, key: bytes) -> None:
        revision = self._revision()
        if revision == HEAD:
            return
        if revision is not None:
            self._engine.dispose()
            _keep_copy(path, key, revision)
        # Only a change of schema needs Alembic: an ordinary start does without its weight.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
        with self.write() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CacheError:
                raise
            except DBAPIError:
                raise
            except Exception as error:  # Alembic names an unknown revision by CommandError, and has others
                raise CacheError("cache_broken", f"the schema {revision} cannot be brought up to {HEAD}") from error

    def _revision(self) -> str | None:
        with self.read() as connection:
            found = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
            if found is None:
                return None
            row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
            return None if row is None else str(row[0])


def _check_library() -> None:
    version = tuple(int(word) for word in sqlcipher.sqlite_version.split("."))
    if version < MIN_SQLITE:
        raise CacheError("cache_broken", f"SQLite {sqlcipher.sqlite_version} is older than 3.51.3")


def _engine(path: Path, key: bytes, *, look: bool = False) -> Engine:
    def connect() -> sqlcipher.Connection:
        connection = _connect(path, key)
        if look:
            connection.execute("PRAGMA query_only = ON")
        return connection

    engine = create_engine(
        "sqlite+pysqlite://",
        module=sqlcipher,
        creator=connect,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=4,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITE) else "BEGIN")


def _connect(path: Path, key: bytes) -> sqlcipher.Connection:
    # SQLCipher keeps its salt in the file's first bytes, outside the WAL's protection: a power cut while the first
    # page is folded in may take it. So the salt is drawn from the key; an index made before that has one of its own.
    ours = HKDF(SHA256(), length=_SALT_BYTES, salt=None, info=_SALT_INFO).derive(key)
    found = _first_bytes(path)
    if len(found) == _SALT_BYTES and found != ours:
        try:
            return _connect_salted(path, key, found)
        except sqlcipher.DatabaseError as error:
            if "not a database" not in str(error):
                raise
    return _connect_salted(path, key, ours)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_SALT_BYTES)
    except FileNotFoundError:
        return b""


def _connect_salted(path: Path, key: bytes, salt: bytes) -> sqlcipher.Connection:
    # The driver's own transactions are off (isolation_level None): `_begin` says BEGIN.
    connection = sqlcipher.connect(str(path), timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA foreign_keys = ON")
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        synchronous = connection.execute("PRAGMA synchronous").fetchone()
        if mode != ("wal",) or synchronous != (_FULL,):
            raise CacheError("cache_broken", "the index refuses WAL with full synchronisation")
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_copy(path: Path, key: bytes, revision: str) -> None:
    with closing(_connect(path, key)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        durable.write(path.with_name(f"{path.name}.before-{revision}"), path.read_bytes())
    except OSError as error:
        raise CacheError("disk_full", "no room for a copy of the index before its schema changes") from error


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (DBAPIError, sqlcipher.Error) as error:
        plain = error.orig if isinstance(error, DBAPIError) else error
        if "disk is full" in str(plain):
            raise CacheError("disk_full", "the index cannot grow") from error
        raise CacheError("cache_broken", f"the index: {type(plain).__name__}: {plain}") from error
