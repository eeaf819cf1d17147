"""The inbox: queues and the list, one row an application. It holds no name and no NIK: those are in the sealed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI, Request
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from gateway import applications
from gateway.office import papers, words
from gateway.office.site import Site
from gateway.officers import SignedIn
from gateway.rooms import Office
from gateway.tables import Event, Officer, Submission, Terminal
from wire import service
from wire.change import State
from wire.manifest import unproved
from wire.number import Number, NumberError
from wire.words import N_

PAGE = 50
_OPEN = (State.RECEIVED, State.IN_REVIEW, State.NEEDS_CORRECTION, State.APPROVED)


@dataclass(frozen=True, slots=True)
class _Queue:
    name: str
    word: str
    icon: str
    states: tuple[State, ...]
    ruled: bool = False


_QUEUES = (
    _Queue("open", N_("All open"), "inbox", _OPEN),
    _Queue("new", N_("New"), "mail", (State.RECEIVED,)),
    _Queue("review", N_("In review"), "visibility", (State.IN_REVIEW,)),
    _Queue("waiting", N_("Waits for the resident"), "hourglass_top", (State.NEEDS_CORRECTION,)),
    _Queue("approved", N_("Approved"), "task_alt", (State.APPROVED,)),
    _Queue("ready", N_("Ready for collection"), "storefront", (State.READY,), ruled=True),
)


def service_words(code: str) -> tuple[str, str]:
    """A service's name and form in Indonesian; an unknown one shows its code."""
    known = service.catalogue().get(code)
    return (words.say(known.name), ", ".join(known.forms)) if known else (code, "")


def add(app: FastAPI, site: Site) -> None:
    """Add the inbox page."""

    @app.get("/inbox", include_in_schema=False)
    async def inbox(request: Request, queue: str = "open", only: str = "", q: str = "", after: int = 0) -> Response:
        officer = await site.officer(request)
        if q:
            found = await run_in_threadpool(_find, site.office, q)
            if found:
                return RedirectResponse(f"/applications/{found}", status_code=303)
        shown = await run_in_threadpool(_list, site, queue, only == "incomplete", max(0, min(after, 2**62)))
        return site.page("inbox.html", {"section": "inbox", "officer": officer, "q": q, "missed": q, **shown})


def _find(office: Office, text: str) -> str | None:
    try:
        number = str(Number.parse(text))
    except NumberError:
        return None
    with office.database.read() as session:
        return session.scalar(
            select(Submission.number).where(Submission.number == number, Submission.received_at.is_not(None)).limit(1)
        )


def _leads() -> ColumnElement[bool]:
    """One submission a number: the first one, or the earliest received while that is on its way."""
    other = aliased(Submission)
    # The sums keep SQLite from the indexes of what they add: the number finds the few rows that matter.
    before = exists().where(
        other.number == Submission.number,
        other.state.is_not(None),
        or_(func.coalesce(other.corrects, "") == "", other.server_seq + 0 < Submission.server_seq),
    )
    return and_(Submission.state.is_not(None), or_(Submission.corrects.is_(None), ~before))


def _stray() -> ColumnElement[bool]:
    """Something came under this number that does not belong to the application, and nobody has read it.

    What stands for a number itself (its first one is not here) has a state of its own, and needs no second mark.
    """
    other = aliased(Submission)
    unread = select(other.number).where(
        other.state == State.RECEIVED.value, other.held, other.corrects.is_not(None), other.received_at.is_not(None)
    )
    return Submission.number.in_(unread)


def _in(queue: _Queue) -> ColumnElement[bool]:
    states = Submission.state.in_([state.value for state in queue.states])
    return or_(states, _stray()) if queue is _QUEUES[0] else states


def _list(site: Site, name: str, incomplete: bool, after: int) -> dict[str, object]:
    chosen = next((queue for queue in _QUEUES if queue.name == name), _QUEUES[0])
    lacks = func.json_array_length(Event.missing) > 0
    base = select(Submission, Terminal, Event).join(Terminal, Terminal.id == Submission.terminal_id)
    base = base.join(Event, Event.no == Submission.event_no).where(_leads())
    with site.office.database.read() as session:
        tally = session.execute(
            select(Submission.state, _stray().label("stray"), func.count(), func.sum(case((lacks, 1), else_=0)))
            .join(Event, Event.no == Submission.event_no)
            .where(_leads())
            .group_by(Submission.state, "stray")
        ).all()
        coming = session.scalar(select(func.count()).select_from(Submission).where(Submission.received_at.is_(None)))
        wanted = base.where(_in(chosen), lacks) if incomplete else base.where(_in(chosen))
        rows = session.execute(
            wanted.where(Submission.server_seq > after).order_by(Submission.server_seq).limit(PAGE + 1)
        ).all()
        shown = [_row(site, session, row[0], row[1], row[2]) for row in rows[:PAGE]]

    def inside(queue: _Queue) -> Iterator[tuple[int, int]]:
        for state, stray, count, lacking in tally:
            if state in {each.value for each in queue.states} or (stray and queue is _QUEUES[0]):
                yield count, lacking

    counts = {queue.name: sum(count for count, _ in inside(queue)) for queue in _QUEUES}
    lacking = sum(lacking for _, lacking in inside(chosen))
    queues = [
        {
            "name": queue.name,
            "word": words.say(queue.word),
            "icon": queue.icon,
            "ruled": queue.ruled,
            "count": counts[queue.name],
        }
        for queue in _QUEUES
    ]
    return {
        "queues": queues,
        "queue": next(queue for queue in queues if queue["name"] == chosen.name),
        "incomplete": incomplete,
        "lacking": lacking,
        "coming": coming or 0,
        "rows": shown,
        "first": shown[0]["number"] if shown else "",
        "after": rows[PAGE - 1][0].server_seq if len(rows) > PAGE else 0,
    }


def _row(site: Site, session: Session, row: Submission, terminal: Terminal, last: Event) -> dict[str, object]:
    joined, apart = applications.of_number(session, row.number)
    ids = [each.id for each in joined]
    officer = session.scalar(
        select(Officer.name)
        .join(Event, Event.officer_id == Officer.id)
        .where(Event.submission_id.in_(ids))
        .order_by(Event.no.desc())
        .limit(1)
    )
    newest = next((each for each in joined if each.id == last.submission_id), row)
    name, form = service_words(row.service)
    held = [each for each in joined if each.held and not applications.is_stray(session, each)]
    locked = any(not site.office.keys.opens(unproved(each.manifest)[1].office_key) for each in held)
    there = papers.listed(row.service, _pages(joined), last.missing)
    return {
        "order": row.server_seq,
        "number": row.number,
        "service": name,
        "form": form,
        "held": bool(held) and not locked,
        "locked": locked,
        "stray": bool(apart) or any(applications.is_stray(session, each) for each in joined),
        # A completion came after somebody read or decided: it wants to be read again.
        "completed": last.state == State.RECEIVED and newest.corrects is not None and officer is not None,
        "headless": all(each.corrects is not None for each in joined),
        "village": words.bare(terminal.village),
        "district": terminal.district,
        "state": words.state(row.state),
        "arrived": site.clock.short(newest.received_at),
        "papers": there,
        "there": sum(paper.there for paper in there),
        "lacks": [paper.short for paper in there if paper.missing],
        "officer": officer or "",
        "initials": SignedIn(0, officer, "", "").initials if officer else "",
    }


def _pages(joined: list[Submission]) -> list[str]:
    """One paper id a page of the merged application."""
    seen: dict[tuple[str, int], None] = {}
    for row in joined:
        seen.update(dict.fromkeys(applications.pages_of(row)))
    return [paper for paper, _ in seen]
