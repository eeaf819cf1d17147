"""The change feed: every event of the district in order, and the heartbeat that carries it.

A cursor is the number of an event. A terminal whose cursor is none of ours (the office was restored from a backup,
which leaves out the numbers that may have been told since: ``gateway.restore``) is sent everything again: rows are
idempotent, and no row is missed.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway import condition, quota
from gateway.applications import is_stray
from gateway.auth import Claim
from gateway.problems import Refusal
from gateway.rooms import Office, iso, now
from gateway.tables import Event, Submission, Terminal
from wire.change import Change, ChangesPage, Reason, State
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.problem import Code

PAGE = 100
# States in which a resident still waits for the office: the terminal asks more often (sync-notes §3.7).
_WAITING = (State.RECEIVED.value, State.IN_REVIEW.value)


@dataclass(frozen=True, slots=True)
class Told:
    """A heartbeat, and who proved to have sent it."""

    claim: Claim
    heard: Heartbeat


def page(session: Session, after: int) -> ChangesPage:
    """The rows after a cursor, at most PAGE."""
    return _page(session, after, _newest(session))


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Event.no))) or 0


def _page(session: Session, after: int, newest: int) -> ChangesPage:
    if after == newest:
        return ChangesPage(cursor=after, more=False)
    if after and session.scalar(select(Event.no).where(Event.no == after)) is None:
        after = 0
    rows = session.execute(
        select(Event, Submission)
        .join(Submission, Submission.id == Event.submission_id)
        .where(Event.no > after)
        .order_by(Event.no)
        .limit(PAGE)
    ).all()
    changes = tuple(_change(event, submission, _first(session, submission)) for event, submission in rows)
    cursor = changes[-1].cursor if changes else after
    return ChangesPage(changes=changes, cursor=cursor, more=cursor < newest)


def beat(office: Office, told: Sequence[Told]) -> list[HeartbeatAnswer | Refusal]:
    """Keep what heartbeats say, all in one transaction, and answer each: the answers are true once this returns.

    A refusal (UNAUTHENTICATED, REVOKED, BUSY) keeps nothing of its own heartbeat and stops no other.
    """
    names = sorted({each.claim.terminal for each in told})
    stirred: set[str] = set()
    with office.database.write(ordered=False) as session:
        # In one order, so that no two processes wait for each other; of two for one terminal, one after the other.
        found = session.scalars(select(Terminal).where(Terminal.id.in_(names)).order_by(Terminal.id).with_for_update())
        rows, newest = {row.id: row for row in found}, _newest(session)
        waiting = set(
            session.scalars(
                select(Submission.terminal_id)
                .where(Submission.terminal_id.in_(names), Submission.state.in_(_WAITING))
                .distinct()
            )
        )
        kept = [_keep(office, session, rows.get(each.claim.terminal), each, newest, stirred) for each in told]
    if stirred:
        office.board.stale(*stirred)
    return [
        news if isinstance(news, Refusal) else _answer(office, rows[each.claim.terminal], news, waiting)
        for each, news in zip(told, kept, strict=True)
    ]


def _keep(
    office: Office, session: Session, row: Terminal | None, told: Told, newest: int, stirred: set[str]
) -> ChangesPage | Refusal:
    heard = told.heard
    if row is None or row.public_key != told.claim.key:
        return Refusal(Code.UNAUTHENTICATED, "its key is another one now")
    if row.revoked_at is not None:
        return Refusal(Code.REVOKED)
    try:
        quota.beat(row, office.settings.quota)
    except Refusal as refusal:
        return refusal
    was = condition.working(row, now(), office.settings.silent_s)
    row.heard_at, row.version = now(), heard.version
    row.queued, row.quarantined = heard.queued, heard.quarantined
    row.last_seq = max(row.last_seq, heard.last_seq)  # a new disk that has made nothing yet says 0
    row.disk_free, row.uptime_s = heard.disk_free, heard.uptime_s
    row.held, row.full, row.protection = heard.held, heard.full, heard.protection
    row.devices = [device.plain() for device in heard.devices]
    row.since = condition.since(row.since, heard, now())
    if condition.working(row, now(), office.settings.silent_s) != was:
        stirred.add(row.regency)
    return _page(session, heard.cursor, newest)


def _answer(office: Office, row: Terminal, news: ChangesPage, waiting: Container[str]) -> HeartbeatAnswer:
    settings = office.settings
    return HeartbeatAnswer(
        server_time=now(),
        have_seq=row.have_seq,
        changes=news.changes,
        cursor=news.cursor,
        more=news.more,
        places=office.board.soon(row.regency).version,
        keys=office.keys.sealing.version,
        next_s=settings.beat_waiting_s if row.id in waiting else settings.beat_idle_s,
    )


def _first(session: Session, submission: Submission) -> str:
    """The id of the application's first submission, "" where it is this one or where it does not belong to another."""
    return "" if submission.corrects is None or is_stray(session, submission) else submission.corrects


def _change(event: Event, submission: Submission, first: str) -> Change:
    return Change(
        cursor=event.no,
        submission_id=submission.id,
        number=submission.number,
        service=submission.service,
        tag=submission.tag,
        state=event.state,
        reasons=tuple(Reason(code=reason["code"], paper=reason["paper"]) for reason in event.reasons),
        first=first,
        missing=tuple(event.missing),
        at=iso(event.at),
    )
