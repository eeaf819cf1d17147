"""The inbox: queues and the list. It holds no name and no NIK: those are in the sealed form alone."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from gateway.office import words
from gateway.office.export import paper_names
from gateway.office.site import Site
from gateway.officers import SignedIn
from gateway.rooms import Office
from gateway.tables import Event, Officer, Submission, Terminal
from wire import service
from wire.change import State
from wire.manifest import Manifest, unproved
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


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper of the service. ``first``: its first page, counted from 1; 0 when it is missing."""

    id: str
    name: str
    pages: int
    first: int

    @property
    def there(self) -> bool:
        """True when at least one page of it came."""
        return self.pages > 0

    @property
    def href(self) -> str:
        """The address of its first page."""
        return f"?page={self.first}"


def papers(manifest: Manifest) -> list[PaperView]:
    """The service's papers, and those that the manifest names beside them."""
    pages = [part.paper for part in manifest.parts if part.role == "page"]
    names = paper_names(manifest.service)
    known = [*names, *sorted({paper for paper in pages if paper not in names})]
    return [
        PaperView(paper, names.get(paper, paper), pages.count(paper), pages.index(paper) + 1 if paper in pages else 0)
        for paper in known
    ]


def service_words(code: str) -> tuple[str, str]:
    """A service's name and form in Indonesian; an unknown one shows its code."""
    known = service.catalogue().get(code)
    return (words.say(known.name), ", ".join(known.forms)) if known else (code, "")


def add(app: FastAPI, site: Site) -> None:
    """Add the inbox page."""

    @app.get("/inbox", include_in_schema=False)
    async def inbox(request: Request, queue: str = "open", q: str = "", after: int = 0) -> Response:
        officer = await site.officer(request)
        if q:
            found = await run_in_threadpool(_find, site.office, q)
            if found:
                return RedirectResponse(f"/applications/{found}", status_code=303)
        shown = await run_in_threadpool(_list, site, queue, max(0, min(after, 2**62)))
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


def _list(site: Site, name: str, after: int) -> dict[str, object]:
    chosen = next((queue for queue in _QUEUES if queue.name == name), _QUEUES[0])
    with site.office.database.read() as session:
        counts: dict[str, int] = dict(
            session.execute(
                select(Submission.state, func.count()).where(Submission.state.is_not(None)).group_by(Submission.state)
            ).all()
        )  # pyright: ignore[reportAssignmentType]  # rows of two columns are pairs; no state is None here
        coming = session.scalar(select(func.count()).select_from(Submission).where(Submission.received_at.is_(None)))
        rows = session.execute(
            select(Submission, Terminal)
            .join(Terminal, Terminal.id == Submission.terminal_id)
            .where(Submission.state.in_([state.value for state in chosen.states]), Submission.server_seq > after)
            .order_by(Submission.server_seq)
            .limit(PAGE + 1)
        ).all()
        shown = [_row(site, session, row[0], row[1]) for row in rows[:PAGE]]
    queues = [
        {
            "name": queue.name,
            "word": words.say(queue.word),
            "icon": queue.icon,
            "ruled": queue.ruled,
            "count": sum(counts.get(state.value, 0) for state in queue.states),
        }
        for queue in _QUEUES
    ]
    return {
        "queues": queues,
        "queue": next(queue for queue in queues if queue["name"] == chosen.name),
        "coming": coming or 0,
        "rows": shown,
        "first": shown[0]["number"] if shown else "",
        "after": rows[PAGE - 1][0].server_seq if len(rows) > PAGE else 0,
    }


def _row(site: Site, session: Session, row: Submission, terminal: Terminal) -> dict[str, object]:
    _, manifest = unproved(row.manifest)
    name, form = service_words(row.service)
    there = papers(manifest)
    officer = session.scalar(
        select(Officer.name)
        .join(Event, Event.officer_id == Officer.id)
        .where(Event.submission_id == row.id)
        .order_by(Event.no.desc())
        .limit(1)
    )
    return {
        "order": row.server_seq,
        "number": row.number,
        "service": name,
        "form": form,
        "held": row.held,
        "corrects": manifest.corrects is not None,
        "village": words.bare(terminal.village),
        "district": terminal.district,
        "state": words.state(row.state),
        "arrived": site.clock.short(row.received_at),
        "papers": there,
        "there": sum(paper.there for paper in there),
        "officer": officer or "",
        "initials": SignedIn(0, officer, "", "").initials if officer else "",
    }
