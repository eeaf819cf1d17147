"""An office made anew from a backup: into an empty place only, every hash and every receipt proved before it stands."""

from __future__ import annotations

import errno
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

from sqlcipher3 import dbapi2

from gateway import backup, config, verify
from gateway.backup import BackupError
from gateway.rooms import Office
from gateway.settings import Settings
from gateway.store import durable
from wire import ids

_PART = re.compile(r"store/[0-9a-f]{32}/[0-9a-f-]{36}/[0-9a-f]{64}\.age")


@dataclass(frozen=True, slots=True)
class Restored:
    """``made``: when the backup was made. ``keys``: they were in it. ``settings``: where gateway.toml now is, or "".

    ``left_out``: parts that are not as they were saved.
    """

    source: str
    made: str
    data: str
    files: int
    keys: bool
    settings: str
    report: verify.Report | None
    left_out: tuple[str, ...] = ()

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"{self.data}: {self.files} files of {self.source}, made {self.made}, every hash right"
        if self.report is not None:
            yield from self.report.lines()
        else:
            yield f"Without keys: put them into {self.data}/keys (0600), then run `gateway verify`, before it serves."
        yield from (f"LEFT OUT, NOT AS IT WAS SAVED: {name}" for name in self.left_out)
        if self.settings:
            yield f"settings: {self.settings}"
        yield "What came after the backup, terminals send again by themselves, if they have not purged it (7 days)."


def restore(source: Path, settings: Settings, file: Path | None = None, *, leave_out: bool = False) -> Restored:
    """Restore ``source`` (one backup, or the newest in a folder of them). ``file``: the settings file, where it is not
    in its usual place; one that is there stays. ``leave_out``: go without the parts that are damaged, or gone. Raises
    BackupError, OSError.
    """
    backup.only_embedded(settings, "restore")
    data = settings.data
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupError(f"{data} is not empty: a backup is restored into an empty place only")
    if not (source / backup.SUMS).is_file():
        source = (backup.newest(source) if source.is_dir() else None) or source
    sums, made = backup.read_sums(source), _note(source)
    data.parent.mkdir(parents=True, exist_ok=True)
    new = data.with_name(f".{data.name}.{secrets.token_hex(8)}")
    new.mkdir(mode=0o700)
    try:
        left_out: list[str] = []
        for name, sha256 in sums.items():
            if fault := _copied(source / name, new / name, sha256):
                if not leave_out or not _PART.fullmatch(name):
                    hint = " (--leave-out: all but the parts that are so)" if _PART.fullmatch(name) else ""
                    raise BackupError(f"{source}: {name} {fault}{hint}")
                left_out.append(name)
        with_keys = (new / "keys" / "receipt.key").is_file()
        report = _proved(replace(settings, data=new)) if with_keys else None
        if report is not None and any(fault.startswith("database") for fault in report.faults):
            raise BackupError(f"{source}: {report.faults[0]}")
        _number_on(new / backup.DATABASE)
        kept = _settings_file(new, file or config.usual(data))
        durable.appear(new, data)
    except BaseException:
        durable.remove_tree(new)
        raise
    files = len(sums) - len(left_out)
    return Restored(str(source), made, str(data), files, with_keys, kept, report, tuple(left_out))


def _copied(source: Path, to: Path, sha256: str) -> str:
    """Copy a file; why it is not what it was, or ""."""
    durable.make_folder(to.parent)
    try:
        if durable.copy(source, to) == sha256:
            return ""
    except FileNotFoundError:
        return _removed(to, "is not there")
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    return _removed(to, "is damaged")


def _removed(file: Path, why: str) -> str:
    durable.remove([file])
    return why


def _note(source: Path) -> str:
    """When it was made. Raises BackupError where the list of hashes is another than was written."""
    try:
        note = json.loads((source / backup.NOTE).read_bytes())
        told, made = note["sums"], note["made"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{source}: no whole backup: {backup.NOTE} cannot be read") from error
    if told != ids.sha256((source / backup.SUMS).read_bytes()):
        raise BackupError(f"{source}: {backup.SUMS} is damaged")
    return cast(str, made)


def _proved(settings: Settings) -> verify.Report:
    office = Office.open(settings)
    try:
        return verify.verify(office)
    finally:
        office.database.close()


def _number_on(file: Path) -> None:
    """Leave out the numbers of events that may have been told after the backup: a terminal that heard one of them is
    known by it (``gateway.changes.page``), however much has happened here since. They go on from the milliseconds since
    1970: after a second restore too that is beyond every number that was ever told.
    """
    connection = dbapi2.connect(str(file), isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'events'")
        connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'events', max(coalesce(max(no), 0), ?) FROM events",
            (time.time_ns() // 1_000_000,),
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _settings_file(new: Path, place: Path) -> str:
    """Put gateway.toml where it is looked for, unless one is there."""
    file = new / "gateway.toml"
    if not file.is_file():
        return ""
    if place.exists():
        durable.remove([file])
        return ""
    durable.copy(file, place)
    durable.sync_folder(place.parent)
    durable.remove([file])
    return str(place)
