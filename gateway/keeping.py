"""The commands backup, restore and verify: what they print, and 1 where something is not as it was signed.

A backup that is not this command's to make ends with SERVED: the nightly unit takes that for nothing to do.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from gateway import backup, restore, verify
from gateway.rooms import Office
from gateway.settings import Settings

SERVED = 3
"""Exit status of ``backup`` where a server keeps the database (SuccessExitStatus= of adm-backup.service)."""


def make_backup(settings: Settings, to: Path, *, keys: bool, keep: int, file: Path | None, as_json: bool) -> int:
    """Raises BackupError, OSError, DatabaseError."""
    try:
        made = backup.backup(settings, to, keys=keys, keep=keep, file=file)
    except backup.ServedError as error:
        print(f"gateway: no backup is made here: {error}", file=sys.stderr)
        return SERVED
    _say(made.plain(), made.lines(), as_json)
    return 1 if made.missing else 0


def make_anew(source: Path, settings: Settings, *, file: Path | None, leave_out: bool, as_json: bool) -> int:
    """Raises BackupError, OSError, DatabaseError."""
    done = restore.restore(source, settings, file, leave_out=leave_out)
    _say(done.plain(), done.lines(), as_json)
    return 1 if done.left_out or (done.report is not None and done.report.faults) else 0


def prove(settings: Settings, as_json: bool) -> int:
    """Raises DatabaseError, StoreError."""
    if not settings.data.is_dir():
        raise ValueError(f"{settings.data}: there is no data directory")
    office = Office.open(settings)
    try:
        report = verify.verify(office)
    finally:
        office.database.close()
    _say(report.plain(), report.lines(), as_json)
    return 1 if report.faults else 0


def _say(plain: dict[str, object], lines: Iterable[str], as_json: bool) -> None:
    if as_json:
        json.dump(plain, sys.stdout, indent=1)
        print()
    else:
        print("\n".join(lines))
