"""Deciding: the officer's act, appended to the application's history if nothing happened since it was read."""

from __future__ import annotations

from gateway import applications
from gateway.intake import add_event
from gateway.rooms import Office, now
from gateway.tables import Audit, Event, Submission
from wire.change import REASONS, State
from wire.events import log
from wire.words import N_

_OPEN = frozenset({State.NEEDS_CORRECTION, State.APPROVED})
# From each state, what an officer may decide.
NEXT: dict[State, frozenset[State]] = {
    State.RECEIVED: _OPEN,
    State.IN_REVIEW: _OPEN,
    State.NEEDS_CORRECTION: _OPEN,
    State.APPROVED: frozenset({State.NEEDS_CORRECTION, State.READY}),
    State.READY: frozenset(),
    State.REJECTED: frozenset(),
    State.ISSUED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
_SAME_READING_S = 600
STALE = N_("Something happened in the meantime. Read the newest state first.")


class DecisionError(ValueError):
    """The decision cannot be taken so; the message is a msgid for the page."""


class Stale(DecisionError):
    """Something happened since the page was made."""


def opened(office: Office, officer: int, submission_id: str) -> None:
    """Note that an officer reads a submission; the first reading puts its application under review."""
    at = now()
    with office.database.write() as session:
        row = session.get_one(Submission, submission_id)
        last = (
            session.query(Audit)
            .filter_by(officer_id=officer, submission_id=submission_id, act="opened")
            .order_by(Audit.no.desc())
            .first()
        )
        fresh = last is None or last.at < at - _SAME_READING_S
        if fresh:
            session.add(Audit(at=at, officer_id=officer, act="opened", submission_id=submission_id))
        if row.state == State.RECEIVED:
            add_event(session, row, State.IN_REVIEW, officer=officer)
    if fresh:
        log("gateway_opened", submission_id=submission_id, officer=str(officer))


def downloaded(office: Office, officer: int, submission_id: str, what: str) -> None:
    """Note that an officer took a copy away."""
    with office.database.write() as session:
        session.add(Audit(at=now(), officer_id=officer, act="downloaded", submission_id=submission_id, detail=what))


def decide(
    office: Office,
    officer: int,
    submission_id: str,
    seen: int,
    state: State,
    reasons: list[tuple[str, str]],
    *,
    incomplete: bool = False,
) -> Event:
    """Append a decision to the application whose newest submission is ``submission_id``.

    ``seen``: number of the last event on the officer's page. ``reasons``: (code, paper id). ``incomplete``: approve
    although papers are missing. Raises Stale and DecisionError; nothing is written then.
    """
    if state is State.NEEDS_CORRECTION and not reasons:
        raise DecisionError(N_("Choose at least one reason."))
    if any(code not in REASONS for code, _ in reasons):
        raise DecisionError(N_("That reason is not in the list."))
    kept = [{"code": code, "paper": paper} for code, paper in reasons] if state is State.NEEDS_CORRECTION else []
    with office.database.write() as session:
        row = session.get_one(Submission, submission_id)
        if row.event_no != seen:
            raise Stale(STALE)
        joined = applications.members(session, row)
        if joined[0].corrects is not None:
            raise DecisionError(N_("The first submission is still on its way. Decide once it is here."))
        if row.state is None or state not in NEXT[State(row.state)]:
            raise DecisionError(N_("That decision does not follow from the present state."))
        if state is State.APPROVED and not incomplete and applications.lacking(session, joined):
            raise DecisionError(N_("Papers are missing. Tick that you approve all the same."))
        event = add_event(session, row, state, kept, officer)
        session.add(Audit(at=now(), officer_id=officer, act="decided", submission_id=submission_id, detail=state.value))
    log("gateway_decided", submission_id=submission_id, officer=str(officer), state=state.value)
    return event
