"""The office's answers as they come: the newest row of the change feed for every submission of the district."""

from __future__ import annotations

import json

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache.database import Database
from offline_cache.facts import CURSOR, REQUEUED_AT, STARTED_OVER, fact, set_fact
from offline_cache.tables import feed
from wire.change import Change


class Feed:
    """The newest change of every submission of the district."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self) -> int:
        """How far the feed was read; 0 at first."""
        with self._database.read() as connection:
            return fact(connection, CURSOR) or 0

    def take(self, changes: tuple[Change, ...], cursor: int) -> bool:
        """Keep the rows and the new cursor in one commit. True when anything moved.

        Rows arrive in the office's order, so the later one holds. An office that was restored starts over with smaller
        cursors: what it said before then ranks below everything that it says now, and what it received before then is
        looked at again (L12), also where it lacks the same as before, or what a refused one would explain.
        """
        with self._database.write() as connection:
            before = fact(connection, CURSOR) or 0
            if (changes[0].cursor <= before) if changes else (cursor < before):
                set_fact(connection, REQUEUED_AT, STARTED_OVER)
                highest = connection.execute(select(func.max(feed.c.cursor))).scalar() or 0
                connection.execute(update(feed).values(cursor=feed.c.cursor - max(highest, 0)))
            for change in changes:
                row = {
                    "cursor": change.cursor,
                    "number": change.number[:40],
                    "service": change.service[:64],
                    "tag": change.tag[:64],
                    "state": change.state[:32],
                    "reasons": json.dumps([[reason.code, reason.paper] for reason in change.reasons]),
                    "at": change.at[:40],
                    "first": change.first,
                    "missing": json.dumps(change.missing),
                }
                connection.execute(
                    upsert(feed)
                    .values(submission_id=change.submission_id[:64], **row)
                    .on_conflict_do_update(index_elements=[feed.c.submission_id], set_=row)
                )
            moved = before != cursor
            if moved:
                set_fact(connection, CURSOR, cursor)
            return moved or bool(changes)
