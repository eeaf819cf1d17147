"""Looking at what a terminal's folder holds, after it was opened once and closed again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from offline_cache.cache import open_keys
from offline_cache.database import Database
from offline_cache.tables import identities, submission_parts, submissions
from wire import manifest

WITH_PARTS = ("queued", "quarantined", "received")


@dataclass(frozen=True, slots=True)
class Row:
    """A submission as the index has it. ``parts``: names of its files, as the index has them."""

    submission_id: str
    number: str
    seq: int
    state: str
    manifest: bytes
    parts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """``files``: SHA-256 of the bytes by file name. ``next_seq``: 0 before enrolment."""

    rows: dict[str, Row]
    files: dict[str, str]
    next_seq: int
    integrity: list[str]

    def faults(self) -> list[str]:
        """What must never be, whatever happened before."""
        wrong = [f"index: {line}" for line in self.integrity]
        seqs = sorted(row.seq for row in self.rows.values())
        if seqs != list(range(1, len(seqs) + 1)) or (self.next_seq and self.next_seq != len(seqs) + 1):
            wrong.append(f"sequences {seqs}, next {self.next_seq}")
        if len({row.number for row in self.rows.values()}) != len(self.rows):
            wrong.append("a number twice")
        named: set[str] = set()
        for row in self.rows.values():
            wrong += self._faults_of(row)
            named |= row.parts
        wrong += [f"{name} is nobody's" for name in self.files.keys() - named]
        return wrong

    def _faults_of(self, row: Row) -> list[str]:
        wrong: list[str] = []
        wanted = {part.sha256 for part in manifest.unproved(row.manifest)[1].parts}
        if row.state in WITH_PARTS:
            if row.parts != wanted:
                wrong.append(f"{row.number}: the index names other parts than the manifest")
            for name in sorted(wanted):
                if name not in self.files:
                    wrong.append(f"{row.number} is {row.state}: a part is missing")
                elif self.files[name] != name:
                    wrong.append(f"{row.number} is {row.state}: a part is not whole")
        elif row.state == "purged" and wanted & self.files.keys():
            wrong.append(f"{row.number} is purged: a part is still here")
        return wrong


def look(data: Path) -> Found:
    """Read the index and the files. Nobody may hold the folder. Raises CacheError."""
    database = Database.open(data, open_keys(data).database)
    try:
        with database.read() as connection:
            checks = [
                str(row[0])
                for pragma in ("integrity_check", "cipher_integrity_check", "foreign_key_check")
                for row in connection.exec_driver_sql(f"PRAGMA {pragma}")
            ]
            parts: dict[str, set[str]] = {}
            for row in connection.execute(select(submission_parts)):
                parts.setdefault(row.submission_id, set()).add(row.sha256)
            rows = {
                row.submission_id: Row(
                    row.submission_id, row.number, row.seq, row.state, row.manifest,
                    frozenset(parts.get(row.submission_id, ())),
                )
                for row in connection.execute(select(submissions))
            }  # fmt: skip
            newest = connection.execute(select(identities.c.next_seq).order_by(identities.c.id.desc()).limit(1))
            next_seq = newest.scalar() or 0
    finally:
        database.close()
    folder = data / "parts"
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    return Found(rows, files, next_seq, [line for line in checks if line != "ok"])
