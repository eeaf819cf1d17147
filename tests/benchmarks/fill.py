"""Fill a closed, enrolled cache with queued submissions, as rows that a terminal would have made: no part files."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from offline_cache.database import Database
from offline_cache.keys import Keys
from wire import ids

_PARTS = 6
_MANIFEST = 1800
_STEP = 25_000


def fill(data: Path, count: int) -> None:
    """Add ``count`` submissions of the identity in force, after those that are there."""
    database = Database.open(data, Keys.load(data).database)
    try:
        with database.read() as connection:
            row, seq = connection.exec_driver_sql("SELECT max(id), next_seq FROM identities").one()
        for begin in range(seq, seq + count, _STEP):
            with database.write() as connection:
                connection.exec_driver_sql("PRAGMA cache_size = -400000")  # KiB: random hashes touch every page
                seqs = range(begin, min(begin + _STEP, seq + count))
                made = [(ids.uuid7(), number) for number in seqs]
                connection.exec_driver_sql(
                    "INSERT INTO submissions (submission_id, draft, identity, number, seq, service, tag, manifest,"
                    " manifest_sha256, state, problem, made_at, boot_id, made_boot_s, settled, missing)"
                    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    [_row(one, row, number) for one, number in made],
                )
                connection.exec_driver_sql(
                    "INSERT INTO submission_parts (sha256, submission_id, bytes) VALUES (?,?,?)",
                    [(secrets.token_hex(32), one, 150_000) for one, _ in made for _ in range(_PARTS)],
                )
                connection.exec_driver_sql("UPDATE identities SET next_seq = ? WHERE id = ?", (seqs[-1] + 1, row))
    finally:
        database.close()


def _row(submission_id: str, identity: int, seq: int) -> tuple[object, ...]:
    secret = (secrets.token_bytes(_MANIFEST), secrets.token_hex(32))
    head = (submission_id, secrets.token_hex(16), identity, f"KMT-{seq}-X", seq, "KTP-HILANG", "A" * 43)
    return (*head, *secret, "queued", "", 1e9 + seq, "b" * 36, 1.0, True, json.dumps([]))
