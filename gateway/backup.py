"""A backup of an office that keeps everything on its own disk, made while the gateway serves.

``<to>/<UTC time>/`` holds ``gateway.db`` (one state of it), ``store/`` as it stands in the data directory, ``keys/``,
``profiles/``, ``gateway.toml``, the hashes of all of these (``SHA256SUMS``, as sha256sum checks them) and
``backup.json``. It appears whole or not at all. The database comes first: whatever it has received by then has its
files already. What an earlier backup beside it holds is linked, not copied; a part is read, and its hash proved, once.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlcipher3 import dbapi2

from gateway import config
from gateway.database import Database
from gateway.rooms import iso, now
from gateway.settings import Settings
from gateway.store import LocalStore, Place, durable
from gateway.store.port import MANIFEST
from wire import ids
from wire.version import VERSION

SUMS, NOTE, DATABASE = "SHA256SUMS", "backup.json", "gateway.db"
NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_NEW = ".new-"
ROUND = 14
"""Of the linked parts one in so many is read again, another one each time: what rots is copied anew, not linked on."""


class BackupError(ValueError):
    """It cannot be made, or not be restored; the message says why."""


class ServedError(BackupError):
    """A server keeps the database: it is saved by what that brings, and what goes with it in the same breath."""


@dataclass(slots=True)
class Made:
    """``copied`` and ``linked``: files of the store. ``missing``: parts of received submissions that are not there, or
    not as they were signed: the backup is whole but for them. ``turn``: counts the backups beside each other.
    """

    folder: str
    made: str
    version: str = VERSION
    submissions: int = 0
    received: int = 0
    cursor: int = 0
    copied: int = 0
    linked: int = 0
    bytes: int = 0
    keys: bool = True
    turn: int = 0
    missing: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"{self.folder}: {self.received} of {self.submissions} submissions received"
        yield f"{self.copied} files copied, {self.linked} linked to the backup before, {self.bytes:,} bytes in all"
        yield (
            "It holds the office's private keys: whoever has it can open every application. Keep it locked."
            if self.keys
            else "Without the keys: keep those elsewhere, nothing can be opened without them."
        )
        yield from (f"NOT WHOLE IN THE STORE: {each}" for each in self.missing)
        yield from (f"{each} removed" for each in self.removed)


def backup(settings: Settings, to: Path, *, keys: bool = True, keep: int = 14, file: Path | None = None) -> Made:
    """Make one, keep the newest ``keep``. ``file``: the settings file. Raises BackupError, OSError, DatabaseError."""
    only_embedded(settings, "backup")
    if keep < 1:
        raise BackupError("at least one backup must be kept")
    if not settings.database_file.exists():
        raise BackupError(f"{settings.data}: there is no gateway's database")
    if to.absolute().is_relative_to(settings.data.absolute()):
        raise BackupError("the folder of the backups lies in the data directory: it would be lost with it")
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(to):
        for left in to.glob(f"{_NEW}*"):
            durable.remove_tree(left)
        before = newest(to)
        place = to / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        while place.exists():
            time.sleep(0.1)
            place = to / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        made = Made(str(place), iso(now()), keys=keys)
        new = to / f"{_NEW}{secrets.token_hex(8)}"
        new.mkdir(mode=0o700)
        try:
            _Copy(settings, new, before, made).run(file)
            durable.appear(new, place)
        except BaseException:
            durable.remove_tree(new)
            raise
        for old in sorted(each for each in to.iterdir() if NAME.fullmatch(each.name))[:-keep]:
            durable.remove_tree(old)
            made.removed.append(old.name)
    return made


def only_embedded(settings: Settings, act: str) -> None:
    """Raises BackupError where a server keeps the database (ServedError) or the parts."""
    if settings.database.url or settings.store.bucket:
        parts = "the bucket" if settings.store.bucket else str(settings.store_folder)
        raise (ServedError if settings.database.url else BackupError)(
            f"{act} is for an office that keeps everything on its own disk. The database server is saved by pg_dump or "
            "by archiving its log, the bucket by its versioning or replication; save the database first, then "
            f"{parts}, and {settings.keys} apart. `gateway verify` proves what came back."
        )


def newest(to: Path) -> Path | None:
    """The newest backup in a folder of them."""
    return max((each for each in to.iterdir() if NAME.fullmatch(each.name)), default=None)


@contextmanager
def _alone(to: Path) -> Generator[None]:
    with (to / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another backup is being made in {to}") from None
        yield


@dataclass(slots=True)
class _Copy:
    settings: Settings
    new: Path
    before: Path | None
    made: Made
    sums: dict[str, str] = field(default_factory=dict[str, str])
    known: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, file: Path | None) -> None:
        """Fill the folder."""
        if self.before is not None:
            try:
                self.known = read_sums(self.before)
                self.made.turn = int(json.loads((self.before / NOTE).read_bytes()).get("turn", 0)) + 1
            except (OSError, ValueError, AttributeError, TypeError):
                # It is of no use any more; that is no reason to make none. (A BackupError is a ValueError.)
                self.before, self.known = None, {}
        self._snapshot()
        self._store()
        if self.made.keys:
            self._folder(self.settings.keys, "keys")
        self._folder(self.settings.profiles, "profiles")
        file = file or config.usual(self.settings.data)
        if file.is_file():
            self._copy(file, "gateway.toml")
        listed = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(self.sums.items())).encode()
        note = json.dumps({**self.made.plain(), "sums": ids.sha256(listed)}, indent=1).encode()
        for name, data in ((SUMS, listed), (NOTE, note)):
            durable.put(self.new / name, data)
            durable.sync_file(self.new / name)

    def _snapshot(self) -> None:
        database = Database(self.settings)
        try:
            with database.read() as session:
                session.execute(text("SELECT 1"))
            connection = dbapi2.connect(str(self.settings.database_file), timeout=30.0, isolation_level=None)
            try:
                connection.execute("VACUUM INTO ?", (str(self.new / DATABASE),))
            finally:
                connection.close()
        finally:
            database.close()
        (self.new / DATABASE).chmod(0o600)
        durable.sync_file(self.new / DATABASE)
        self.sums[DATABASE] = _hash(self.new / DATABASE)
        self.made.bytes += (self.new / DATABASE).stat().st_size

    def _store(self) -> None:
        store = LocalStore(self.settings.store_folder)
        snapshot = dbapi2.connect(f"file:{self.new / DATABASE}?mode=ro&immutable=1", uri=True)
        try:
            self.made.cursor = snapshot.execute("SELECT coalesce(max(no), 0) FROM events").fetchone()[0]
            rows = snapshot.execute(
                "SELECT id, terminal_id, number, manifest, receipt IS NOT NULL, withdrawn_at IS NOT NULL"
                " FROM submissions ORDER BY id"
            )
            for submission, terminal, number, manifest, received, withdrawn in rows:
                place = Place(terminal, submission)
                self.made.submissions += 1
                self.made.received += bool(received)
                self._manifest(place, bytes(manifest))
                if not withdrawn:
                    parts = snapshot.execute("SELECT sha256 FROM parts WHERE submission_id = ?", (submission,))
                    for (sha256,) in parts.fetchall():
                        if not self._part(store, place, sha256) and received and not self._withdrawn(submission):
                            self.made.missing.append(f"{number}: part {sha256[:12]}")
        finally:
            snapshot.close()

    def _withdrawn(self, submission: str) -> bool:
        """Whether it was withdrawn since the snapshot."""
        connection = dbapi2.connect(str(self.settings.database_file), timeout=30.0, isolation_level=None)
        try:
            asked = "SELECT withdrawn_at FROM submissions WHERE id = ?"
            return connection.execute(asked, (submission,)).fetchone()[0] is not None
        finally:
            connection.close()

    def _manifest(self, place: Place, data: bytes) -> None:
        """From its row: that is what was signed for."""
        name = f"store/{place.terminal}/{place.submission}/{MANIFEST}"
        path = self._made(name)
        if self.known.get(name) != (sha256 := ids.sha256(data)) or not self._link(name, len(data), sha256):
            durable.put(path, data)
            durable.sync_file(path)
            self.made.copied += 1
        self.sums[name] = sha256
        self.made.bytes += len(data)

    def _part(self, store: LocalStore, place: Place, sha256: str) -> bool:
        """Whether the store's part is whole. Where it is not, what the earlier backup has of it is kept."""
        source = store.folder(place) / f"{sha256}.age"
        name = f"store/{place.terminal}/{place.submission}/{sha256}.age"
        path, linked = self._made(name), self.known.get(name) == sha256
        try:
            size = source.stat().st_size
            whole = linked and self._link(name, size, sha256 if self._due(sha256) else "")
            if not whole:
                whole = durable.copy(source, path) == sha256
                self.made.copied += whole
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EIO):
                raise
            whole = False
        if not whole:
            durable.remove([path])
            if not (linked and self._link(name, None, sha256)):
                return False
        self.sums[name] = sha256
        self.made.bytes += path.stat().st_size
        return whole

    def _due(self, sha256: str) -> bool:
        """Whether a linked part is read again this time."""
        return int(sha256[:8], 16) % ROUND == self.made.turn % ROUND

    def _link(self, name: str, size: int | None, sha256: str) -> bool:
        """The earlier backup's file once more, if it is there and has that size and that hash, where they are given."""
        assert self.before is not None
        old = self.before / name
        try:
            if (size is not None and old.stat().st_size != size) or (sha256 and _hash(old) != sha256):
                return False
            os.link(old, self.new / name)
        except OSError:  # gone, or a file system without links
            return False
        self.made.linked += 1
        return True

    def _folder(self, folder: Path, name: str) -> None:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                self._copy(path, f"{name}/{path.relative_to(folder)}")

    def _copy(self, path: Path, name: str) -> None:
        self.sums[name] = durable.copy(path, self._made(name))

    def _made(self, name: str) -> Path:
        path = self.new / name
        durable.make_folder(path.parent)
        return path


def read_sums(folder: Path) -> dict[str, str]:
    """File to hash. Raises BackupError."""
    sums: dict[str, str] = {}
    try:
        for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
            sha256, _, name = line.partition("  ")
            parts = Path(name).parts
            if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not parts or ".." in parts or Path(name).is_absolute():
                raise BackupError(f"{folder}: {SUMS} is not of a backup")
            sums[name] = sha256
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{folder}: no whole backup: {SUMS} cannot be read") from error
    return sums


def _hash(path: Path) -> str:
    return ids.sha256(path.read_bytes())
