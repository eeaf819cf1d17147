"""What the courier reads and writes in the index: what has not been acknowledged, and which answers were taken."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import func, select

from offline_cache.database import Database
from offline_cache.facts import LEFT, fact, set_fact
from offline_cache.tables import Delivery, submission_parts, submissions
from wire.courier import File, Packet

_WAITING = (Delivery.QUEUED.value, Delivery.QUARANTINED.value)
_TAKEN = "resi-"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission without a receipt. ``identity``: row of the identity it was made under."""

    identity: int
    packet: Packet


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission as the index knows it."""

    identity: int
    state: Delivery
    manifest: bytes
    receipt: bytes | None

    @property
    def waits(self) -> bool:
        """True while the office has not acknowledged it."""
        return self.state.value in _WAITING


class CourierQueue:
    """Small questions to the index, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> list[Waiting]:
        """All that is queued or quarantined, oldest first."""
        waits = submissions.c.state.in_(_WAITING)
        with self._database.read() as connection:
            rows = connection.execute(
                select(
                    submissions.c.submission_id,
                    submissions.c.identity,
                    submissions.c.manifest_sha256,
                    func.length(submissions.c.manifest).label("size"),
                )
                .where(waits)
                .order_by(submissions.c.identity, submissions.c.seq)
            ).all()
            parts: dict[str, list[File]] = {}
            for part in connection.execute(
                select(submission_parts)
                .join(submissions, submissions.c.submission_id == submission_parts.c.submission_id)
                .where(waits)
                .order_by(submission_parts.c.bytes)
            ):
                parts.setdefault(part.submission_id, []).append(File(sha256=part.sha256, bytes=part.bytes))
        return [
            Waiting(
                row.identity,
                Packet(
                    submission_id=row.submission_id,
                    manifest_sha256=row.manifest_sha256,
                    manifest_bytes=row.size,
                    parts=tuple(parts.get(row.submission_id, ())),
                ),
            )
            for row in rows
        ]

    def kept(self, submission_id: str) -> Kept | None:
        """The submission of that id, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(submissions).where(submissions.c.submission_id == submission_id)).first()
        return None if row is None else Kept(row.identity, Delivery(row.state), row.manifest, row.receipt)

    def taken(self, sha256: str) -> bool:
        """Whether the answer of that hash was taken already."""
        with self._database.read() as connection:
            return fact(connection, _mark(sha256)) is not None

    def note_taken(self, sha256: str) -> None:
        """Remember an answer that was taken."""
        with self._database.write() as connection:
            set_fact(connection, _mark(sha256), int(time.time()))

    def left(self, export: str) -> bool:
        """Whether the export of that id left after the last time that anything was queued again."""
        with self._database.read() as connection:
            return fact(connection, _leaving(export)) is not None

    def note_leaving(self, export: str) -> None:
        """Remember an export, before anything of it is on a stick."""
        with self._database.write() as connection:
            set_fact(connection, _leaving(export), int(time.time()))


def _leaving(export: str) -> str:
    return LEFT + export.replace("-", "")[len(LEFT) - 32 :]


def _mark(sha256: str) -> str:
    return _TAKEN + sha256[: 32 - len(_TAKEN)]
