"""The office's answers, and "Cek status": a number and a second fact open the newest of them."""

from __future__ import annotations

import json
import threading
import time
from typing import cast

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache import clock
from offline_cache.api import Lookup, Trail
from offline_cache.database import Database
from offline_cache.facts import CURSOR, fact, set_fact
from offline_cache.identity import Identities
from offline_cache.tables import Delivery, attempts, feed, submissions
from wire import tag
from wire.change import Change, State
from wire.number import Number, NumberError

FREE_TRIES = 5
FIRST_LOCK_S = 15.0
LONGEST_LOCK_S = 24 * 3600.0
_NO_STATUS_KEY = bytes(32)


class Feed:
    """The newest change of every application of the district."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self) -> int:
        """How far the feed was read; 0 at first."""
        with self._database.read() as connection:
            return fact(connection, CURSOR) or 0

    def take(self, changes: tuple[Change, ...], cursor: int) -> bool:
        """Keep the rows and the new cursor in one commit. True when anything moved.

        Rows arrive in the office's order, so the later one holds, also when the office starts over after a restore.
        """
        with self._database.write() as connection:
            for change in changes:
                row = {
                    "cursor": change.cursor,
                    "number": change.number[:40],
                    "service": change.service[:64],
                    "tag": change.tag[:64],
                    "state": change.state[:32],
                    "reasons": json.dumps([[reason.code, reason.paper] for reason in change.reasons]),
                    "at": change.at[:40],
                }
                connection.execute(
                    upsert(feed)
                    .values(submission_id=change.submission_id[:64], **row)
                    .on_conflict_do_update(index_elements=[feed.c.submission_id], set_=row)
                )
            moved = fact(connection, CURSOR) != cursor
            if moved:
                set_fact(connection, CURSOR, cursor)
            return moved or bool(changes)


class StatusDesk:
    """Answers "Cek status", one question at a time, and counts wrong second facts over restarts."""

    def __init__(self, database: Database, identities: Identities) -> None:
        self._database = database
        self._identities = identities
        self._guard = threading.Lock()

    def lookup(self, number: str, nik: str) -> Lookup:
        """See ``api.Cache.lookup``. A text that is no number is "missing", and takes as long."""
        try:
            number = str(Number.parse(number))
        except NumberError:
            number = ""
        with self._guard:
            left = self._lock_left(number)
            if left:
                return Lookup("locked", lock_s=left)
            me = self._identities.current()
            given = tag.make(number, nik, me.status_key if me else _NO_STATUS_KEY)
            with self._database.write() as connection:
                tags, trail = _trail(connection, number)
                if trail is None:
                    return Lookup("missing")
                if any(tag.same(given, known) for known in tags):
                    connection.execute(delete(attempts).where(attempts.c.number == number))
                    return Lookup("found", trail)
                locked = _count_wrong(connection, number)
            return Lookup("locked", lock_s=locked) if locked else Lookup("wrong")

    def _lock_left(self, number: str) -> int:
        with self._database.read() as connection:
            row = connection.execute(select(attempts).where(attempts.c.number == number)).first()
        if row is None:
            return 0
        # A clock that was set back must not make a lock longer than it was meant to be.
        return _whole(min(row.locked_until - time.time(), row.lock_s))


def _whole(seconds: float) -> int:
    return 0 if seconds <= 0 else int(seconds) + 1


def _count_wrong(connection: Connection, number: str) -> int:
    row = connection.execute(select(attempts).where(attempts.c.number == number)).first()
    wrong = 1 if row is None else row.wrong + 1
    lock_s = 0.0 if wrong < FREE_TRIES else min(FIRST_LOCK_S * 2 ** min(wrong - FREE_TRIES, 20), LONGEST_LOCK_S)
    values = {"wrong": wrong, "locked_until": time.time() + lock_s, "lock_s": lock_s}
    connection.execute(
        upsert(attempts)
        .values(number=number, **values)
        .on_conflict_do_update(index_elements=[attempts.c.number], set_=values)
    )
    return int(lock_s)


def _trail(connection: Connection, number: str) -> tuple[list[str], Trail | None]:
    own = connection.execute(
        select(submissions).where(submissions.c.number == number).order_by(submissions.c.seq.desc())
    ).all()
    told = connection.execute(select(feed).where(feed.c.number == number).order_by(feed.c.cursor.desc())).all()
    tags = [row.tag for row in (*own, *told)]
    if told:
        newest = told[0]
        reasons = cast(list[list[str]], json.loads(newest.reasons))
        return tags, Trail(
            number=number,
            service=newest.service,
            state=newest.state if newest.state in {state.value for state in State} else State.IN_REVIEW.value,
            reasons=tuple((code, paper) for code, paper in reasons),
            at=newest.at,
            here=bool(own),
        )
    if own:
        newest = own[0]
        waiting = newest.state in (Delivery.QUEUED.value, Delivery.QUARANTINED.value)
        return tags, Trail(
            number=number,
            service=newest.service,
            state="queued" if waiting else State.RECEIVED.value,
            reasons=(),
            at=clock.iso(newest.made_at if waiting else newest.received_at),
            here=True,
        )
    return tags, None
