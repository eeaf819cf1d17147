"""What an office lost that was restored from a backup, found by what it says of itself, and queued again (L12)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, update

from offline_cache.database import Database
from offline_cache.facts import NOT_YET, REQUEUED_AT, STARTED_OVER, fact, forget_left, set_fact
from offline_cache.identity import Enrolled, rows_of
from offline_cache.tables import Delivery, feed, identities, submissions


class Requeue:
    """Puts back into the queue what was received and is not at the office any more. What was purged is gone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def above(self, have_seq: int, me: Enrolled, *, told_all: bool) -> int:
        """The office holds no more than ``have_seq``: queue again what we hold above it. How many.

        An older submission that is still on its way explains the gap; then nothing is queued again, unless the office
        was restored (``Feed.take``): a refused one would hide for ever what it lost. An answer that was acted upon
        already may be that of an office restored to the same state once more, which looks by its ``have_seq`` and by
        its cursor as it did then: where the feed was read to its end (``told_all``), what it does not tell of is lost,
        since for every receipt there is a row, written in the same commit. What is still missing then is not here.
        """
        with self._database.write() as connection:
            rows = rows_of(connection, me.terminal)
            gap = min(_firsts(connection, rows), default=None)
            if gap is None:
                gap = connection.execute(select(identities.c.next_seq).where(identities.c.id == me.row)).scalar_one()
            before = fact(connection, REQUEUED_AT)
            if have_seq >= gap - 1 and before != STARTED_OVER:
                set_fact(connection, REQUEUED_AT, NOT_YET)
                return 0
            above = submissions.c.seq > have_seq
            if before == have_seq:
                again = _again(connection, rows, above & ~exists(_told())) if told_all else 0
            else:
                set_fact(connection, REQUEUED_AT, have_seq)
                again = _again(connection, rows, above)
            if again or before != have_seq:
                forget_left(connection)
            return again


def _told() -> Select[tuple[str]]:
    """The feed's row of a submission, if the office as it is now told one."""
    return select(feed.c.submission_id).where(feed.c.submission_id == submissions.c.submission_id, feed.c.cursor > 0)


def _again(connection: Connection, rows: list[int], lost: ColumnElement[bool]) -> int:
    received = submissions.c.state == Delivery.RECEIVED.value
    return connection.execute(
        update(submissions).where(received, submissions.c.identity.in_(rows), lost).values(state=Delivery.QUEUED.value)
    ).rowcount


def _firsts(connection: Connection, rows: list[int]) -> list[int]:
    """The lowest sequences of those identities that the office has not acknowledged, by identity and state."""
    lowest = select(func.min(submissions.c.seq))
    found = [
        connection.execute(lowest.where(submissions.c.state == state.value, submissions.c.identity == row)).scalar()
        for row in rows
        for state in (Delivery.QUEUED, Delivery.QUARANTINED)
    ]
    return [seq for seq in found if seq is not None]
