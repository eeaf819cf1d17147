""" "Cek status": a number and a second fact open the newest state of an application, wherever it was made.

An application is every submission with its number: the first one and those that complete it. Its newest state is the
feed's row with the highest cursor over all of them. A submission of ours that the feed does not know yet is newer than
that row: the application is then "queued" (or "received", once we hold the receipt), and lacks what that one lacks, so
that a paper that was brought is not asked for again while the office's older row still stands. One that the office
refused for good (quarantined) hides nothing that the office says.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache import clock
from offline_cache.api import Lookup, Trail
from offline_cache.database import Database
from offline_cache.identity import Identities
from offline_cache.tables import Delivery, attempts, feed, submissions
from offline_cache.tries import Tries
from wire import tag
from wire.change import State
from wire.number import Number, NumberError

_Rows = Sequence[Row[Any]]

_NO_STATUS_KEY = bytes(32)
_WAITING = (Delivery.QUEUED.value, Delivery.QUARANTINED.value)


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
            if left := self._locked(number):
                return Lookup("locked", lock_s=left)
            me = self._identities.current()
            given = tag.make(number, nik, me.status_key if me else _NO_STATUS_KEY)
            with self._database.write() as connection:
                own, told = _rows(connection, number)
                if not own and not told:
                    return Lookup("missing")
                own, told = (_with(given, own), _with(given, told))
                if own or told:
                    connection.execute(delete(attempts).where(attempts.c.number == number))
                    return Lookup("found", _trail(number, own, told))
                locked = _count_wrong(connection, number)
            return Lookup("locked", lock_s=locked) if locked else Lookup("wrong")

    def _locked(self, number: str) -> int:
        with self._database.read() as connection:
            kept = _tries(connection, number)
        if (now := kept.now()) != kept:
            with self._database.write() as connection:
                _keep(connection, number, now)
        return now.left()


def _tries(connection: Connection, number: str) -> Tries:
    row = connection.execute(select(attempts).where(attempts.c.number == number)).first()
    return Tries() if row is None else Tries(row.wrong, row.locked_until, row.lock_s)


def _count_wrong(connection: Connection, number: str) -> int:
    now = _tries(connection, number).one_more()
    _keep(connection, number, now)
    return int(now.lock_s)


def _keep(connection: Connection, number: str, now: Tries) -> None:
    values = {"wrong": now.wrong, "locked_until": now.locked_until, "lock_s": now.lock_s}
    connection.execute(
        upsert(attempts)
        .values(number=number, **values)
        .on_conflict_do_update(index_elements=[attempts.c.number], set_=values)
    )


def _rows(connection: Connection, number: str) -> tuple[_Rows, _Rows]:
    """Our submissions of a number and the office's word on it, each newest first."""
    own = (
        select(submissions)
        .where(submissions.c.number == number)
        .order_by(submissions.c.identity.desc(), submissions.c.seq.desc())
    )
    told = select(feed).where(feed.c.number == number).order_by(feed.c.cursor.desc())
    return connection.execute(own).all(), connection.execute(told).all()


def _with(given: str, rows: _Rows) -> _Rows:
    """Those of the application that the second fact opens: what claims its number with another opens nothing."""
    return [row for row in rows if tag.same(given, row.tag)]


def _trail(number: str, own: _Rows, told: _Rows) -> Trail:
    newest = _not_told(own, told)
    if newest is not None:
        waiting = newest.state in _WAITING
        return Trail(
            number=number,
            service=newest.service,
            state="queued" if waiting else State.RECEIVED.value,
            reasons=(),
            at=clock.iso(newest.made_at if waiting else newest.received_at),
            here=True,
            first=newest.corrects or newest.submission_id,
            missing=_texts(newest.missing),
        )
    newest = told[0]
    reasons = cast(list[list[str]], json.loads(newest.reasons))
    return Trail(
        number=number,
        service=newest.service,
        state=newest.state if newest.state in {state.value for state in State} else State.IN_REVIEW.value,
        reasons=tuple((code, paper) for code, paper in reasons),
        at=newest.at,
        here=bool(own),
        first=newest.first or newest.submission_id,
        missing=_still(_texts(newest.missing), own, told),
    )


def _still(missing: tuple[str, ...], own: _Rows, told: _Rows) -> tuple[str, ...]:
    """What the office misses, without what an older completion of ours, overtaken on its way, still brings there."""
    known = {row.submission_id for row in told}
    behind = [row for row in own if row.submission_id not in known and _under_way(row)]
    return tuple(paper for paper in missing if all(paper in _texts(row.missing) for row in behind))


def _under_way(row: Row[Any]) -> bool:
    """True for a completion that will get to the office, or has just got there."""
    return row.corrects is not None and row.state != Delivery.QUARANTINED.value


def _not_told(own: _Rows, told: _Rows) -> Row[Any] | None:
    """Our newest submission of the application, when the office's feed does not speak of it yet, or None.

    Beside an answer of the office only what will get there counts: what completes the application, and what the office
    forgot (it started over: cursor 0 and less) and is sent again.
    """
    cursors = {row.submission_id: row.cursor for row in told}
    for row in own:
        cursor = cursors.get(row.submission_id)
        if cursor is not None and cursor > 0:
            return None
        forgotten = cursor is not None and row.state == Delivery.QUEUED.value
        if not told or forgotten or (cursor is None and _under_way(row)):
            return row
    return None


def _texts(stored: str) -> tuple[str, ...]:
    return tuple(cast(list[str], json.loads(stored)))
