"""What the index says of what waits: one submission, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from offline_cache.tables import submission_parts


@dataclass(frozen=True, slots=True)
class Queued:
    """A submission that the office has not acknowledged. ``parts``: (sha256, bytes), the form first."""

    submission_id: str
    number: str
    seq: int
    manifest: bytes
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """``last_seq``: 0 where there is none. ``oldest``: seconds since 1970 when the oldest queued one was made."""

    queued: int
    quarantined: int
    last_seq: int
    oldest: float | None


def queued(connection: Connection, row: Row[tuple[object, ...]]) -> Queued:
    """The submission of a row of ``submissions``."""
    return Queued(row.submission_id, row.number, row.seq, row.manifest, _parts_of(connection, row.submission_id))


def _parts_of(connection: Connection, submission_id: str) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        select(submission_parts.c.sha256, submission_parts.c.bytes)
        .where(submission_parts.c.submission_id == submission_id)
        .order_by(submission_parts.c.bytes)
    )
    return tuple((row.sha256, row.bytes) for row in rows)
