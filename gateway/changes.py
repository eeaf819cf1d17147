"""The change feed: every event of the district in order, and the heartbeat that carries it.

A cursor is the number of an event. A terminal whose cursor is beyond the newest event (the office was restored from a
backup) is sent everything again: rows are idempotent, and no row is missed.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway import condition, quota
from gateway.applications import is_stray
from gateway.rooms import Office, iso, now
from gateway.tables import Event, Submission, Terminal
from wire.change import Change, ChangesPage, Reason, State
from wire.heartbeat import Heartbeat, HeartbeatAnswer

PAGE = 100
# States in which a resident still waits for the office: the terminal asks more often (sync-notes §3.7).
_WAITING = (State.RECEIVED.value, State.IN_REVIEW.value)


def page(session: Session, after: int) -> ChangesPage:
    """The rows after a cursor, at most PAGE."""
    newest = session.scalar(select(func.max(Event.no))) or 0
    if after > newest:
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


def beat(office: Office, terminal: Terminal, heard: Heartbeat) -> HeartbeatAnswer:
    """Keep what a heartbeat says and answer it. Raises Refusal (BUSY)."""
    with office.database.write(ordered=False) as session:
        row = session.get_one(Terminal, terminal.id, with_for_update=True)  # of two at once, one after the other
        quota.beat(row, office.settings.quota)
        was = condition.working(row, now(), office.settings.silent_s)
        row.heard_at, row.version = now(), heard.version
        row.queued, row.quarantined, row.last_seq = heard.queued, heard.quarantined, heard.last_seq
        row.disk_free, row.uptime_s = heard.disk_free, heard.uptime_s
        row.held, row.full, row.protection = heard.held, heard.full, heard.protection
        row.devices = [device.plain() for device in heard.devices]
        row.since = condition.since(row.since, heard, now())
        news = page(session, heard.cursor)
        waiting = session.scalar(
            select(Submission.id).where(Submission.terminal_id == row.id, Submission.state.in_(_WAITING)).limit(1)
        )
        have_seq = row.have_seq
    if condition.working(row, now(), office.settings.silent_s) != was:
        office.board.stale(row.regency)
    settings = office.settings
    return HeartbeatAnswer(
        server_time=now(),
        have_seq=have_seq,
        changes=news.changes,
        cursor=news.cursor,
        more=news.more,
        places=office.board.soon(row.regency).version,
        keys=office.keys.sealing.version,
        next_s=settings.beat_waiting_s if waiting else settings.beat_idle_s,
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
