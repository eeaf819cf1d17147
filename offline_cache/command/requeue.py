"""``requeue``: put back into the queue what the office refused, or what an office that lost its store needs again."""

from __future__ import annotations

import argparse

from sqlalchemy import ColumnElement, Connection, and_, select, update

from offline_cache.api import CacheError
from offline_cache.command import Opened, Said, Words, opened
from offline_cache.facts import forget_left
from offline_cache.tables import Delivery, identities, submissions
from wire import canon
from wire.enrol import EnrolAnswer

NAME, HELP = "requeue", "queue again what the office refused, or what it lost"


class _Words(Words):
    numbers: list[str]
    above: int | None
    all_received: bool


def words(parser: argparse.ArgumentParser) -> None:
    """Which ones."""
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="refused ones by number (default: all refused)")
    lost = parser.add_mutually_exclusive_group()
    lost.add_argument(
        "--above", type=int, metavar="SEQ", help="received ones above this sequence, as far as still here"
    )
    lost.add_argument("--all-received", action="store_true", help="every received one that is still here")


def run(given: Words) -> Said:
    """The office answers each as it answers every PUT: what it has already costs one question.

    Raises CacheError (cache_broken for a number that was not refused), OSError.
    """
    chosen = _Words(**vars(given))
    with opened(given.data) as it:
        if chosen.all_received or chosen.above is not None:
            if chosen.numbers:
                raise CacheError("cache_broken", "numbers and received ones are two requests")
            count = _received(it, chosen.above or 0)
        else:
            count = _refused(it, chosen.numbers)
    return Said({"requeued": count})


def _refused(it: Opened, numbers: list[str]) -> int:
    which = submissions.c.state == Delivery.QUARANTINED.value
    with it.database.write() as connection:
        if numbers:
            known = set(connection.execute(select(submissions.c.number).where(which)).scalars())
            if strange := [number for number in numbers if number not in known]:
                raise CacheError("cache_broken", f"not among the refused: {', '.join(strange)}")
            which = and_(which, submissions.c.number.in_(numbers))
        return _queue(connection, which)


def _received(it: Opened, above: int) -> int:
    """Those of this terminal: another one's sequence says nothing here."""
    me = it.identities.current()
    if me is None:
        return 0
    with it.database.write() as connection:
        rows = connection.execute(select(identities.c.id, identities.c.answer)).all()
        mine = [row.id for row in rows if _terminal(row.answer) == me.terminal]
        received = submissions.c.state == Delivery.RECEIVED.value
        forget_left(connection)
        return _queue(connection, and_(received, submissions.c.identity.in_(mine), submissions.c.seq > above))


def _queue(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(update(submissions).where(which).values(state=Delivery.QUEUED.value, problem="")).rowcount


def _terminal(answer: bytes) -> str:
    try:
        return EnrolAnswer.read(answer).terminal
    except canon.CanonError:
        return ""
