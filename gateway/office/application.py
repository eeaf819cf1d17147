"""One application: its pages and words decrypted in memory for one officer, and the decision.

Pictures are sent no-store with the reader's name burnt in. Page, zoom and turn are query parameters: every view has an
address, and no script is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.office import decide, export, picture, words
from gateway.office.inbox import papers, service_words
from gateway.office.packet import Packet, PacketError
from gateway.office.site import Forms, Site
from gateway.officers import SignedIn
from gateway.rooms import now
from gateway.store import Place
from gateway.tables import Event, Officer, Submission, Terminal
from wire import service
from wire.change import REASONS, State
from wire.form import Form
from wire.words import N_, translator

_FIT_WIDTH, _FULL_WIDTH, _THUMB_WIDTH = 900, 1240, 200  # pixels; 1240 is A4 at 150 dpi
_ZOOMS = (0, 50, 75, 100, 150, 200)  # per cent of _FULL_WIDTH; 0 fits the window
_LANGUAGES = {"id": N_("Indonesian"), "su": N_("Sundanese"), "jv": N_("Javanese"), "en": N_("English")}
_DECISIONS = (
    (State.NEEDS_CORRECTION, N_("Needs correction"), "edit_note"),
    (State.APPROVED, N_("Approve"), "task_alt"),
    (State.READY, N_("Ready for collection"), "storefront"),
)
_DIGITS = {"kk", "phone", "date"}


@dataclass(frozen=True, slots=True)
class _View:
    """Which page, how large (0 fits), how turned."""

    page: int
    zoom: int
    turn: int

    @classmethod
    def asked(cls, request: Request, pages: int) -> _View:
        def number(name: str) -> int:
            text = request.query_params.get(name, "")
            return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

        zoom, turn = number("zoom"), number("turn")
        return cls(
            page=max(1, min(number("page") or 1, pages)),
            zoom=zoom if zoom in _ZOOMS else 0,
            turn=turn if turn in (0, 90, 180, 270) else 0,
        )

    def href(self, **changed: int) -> str:
        values = {"page": self.page, "zoom": self.zoom, "turn": self.turn, **changed}
        return "?" + urlencode({name: value for name, value in values.items() if value})

    def step(self, by: int) -> int:
        """The next zoom up or down; from "fits", the full size."""
        at = _ZOOMS.index(self.zoom or 100)
        return _ZOOMS[max(1, min(at + by, len(_ZOOMS) - 1))]


@dataclass(frozen=True, slots=True)
class _Found:
    row: Submission
    terminal: Terminal
    packet: Packet


def add(app: FastAPI, site: Site) -> None:
    """Add the application's pages."""
    base = "/applications/{number}"

    @app.get(base, include_in_schema=False)
    async def read(request: Request, number: str) -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_opened, site, officer, request, number)

    @app.get(base + "/pages/{n}.jpg", include_in_schema=False)
    async def page(request: Request, number: str, n: int) -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_picture, site, officer, request, number, n)

    @app.get(base + "/application.{kind}", include_in_schema=False)
    async def download(request: Request, number: str, kind: str) -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_download, site, officer, number, kind)

    @app.post(base + "/preview", include_in_schema=False)
    async def preview(request: Request, number: str) -> Response:
        officer, form = await site.posted(request)
        return await run_in_threadpool(_opened, site, officer, request, number, form)

    @app.post(base + "/decision", include_in_schema=False)
    async def decision(request: Request, number: str) -> Response:
        officer, form = await site.posted(request)
        return await run_in_threadpool(_decided, site, officer, request, number, form)


def _find(site: Site, number: str) -> _Found:
    """The newest received submission of a number. Raises HTTPException (404)."""
    with site.office.database.read() as session:
        found = session.execute(
            select(Submission, Terminal)
            .join(Terminal, Terminal.id == Submission.terminal_id)
            .where(Submission.number == number[:20], Submission.received_at.is_not(None))
            .order_by(Submission.server_seq.desc())
            .limit(1)
        ).first()
    if found is None:
        raise HTTPException(404)
    row, terminal = found[0], found[1]
    return _Found(row, terminal, Packet.read(site.office.store.folder(Place(row.terminal_id, row.id))))


def _opened(
    site: Site,
    officer: SignedIn,
    request: Request,
    number: str,
    draft: Forms | None = None,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    decide.opened(site.office, officer.id, _find(site, number).row.id)
    found = _find(site, number)  # again: the first reading has put it under review
    manifest = found.packet.manifest
    titles = export.page_titles(found.packet, export.short_names(manifest.service))
    view = _View.asked(request, len(titles))
    if draft is not None and draft.get("page", "").isdigit():
        view = _View(max(1, min(int(draft["page"]), len(titles))), 0, 0)
    form, damaged = _form(site, found)
    there = papers(manifest)
    name, form_code = service_words(found.row.service)
    address = f"/applications/{found.row.number}"
    values: dict[str, object] = {
        "number": found.row.number,
        "service": name,
        "form_code": form_code,
        "state": words.state(found.row.state),
        "opened_at": site.clock.short(now()),
        "version": found.row.event_no,
        "view": _view_values(view, address, titles),
        "thumbs": [
            {"title": title, "href": view.href(page=index, turn=0), "image": f"{address}/pages/{index}.jpg?thumb=1"}
            for index, title in enumerate(titles, 1)
        ],
        "language": words.say(_LANGUAGES.get(manifest.language, manifest.language)),
        "fields": _fields(form) if form else [],
        "papers": there,
        "there": sum(paper.there for paper in there),
        "history": _history(site, found),
        "damaged": damaged,
        "error": words.say(error),
        **_decision_values(found, draft or Forms()),
    }
    return site.page("application.html", {"section": "inbox", "officer": officer, **values}, status)


def _form(site: Site, found: _Found) -> tuple[Form | None, str]:
    try:
        return found.packet.open_form(site.office.keys.office), ""
    except PacketError as error:
        return None, str(error)


def _view_values(view: _View, address: str, titles: list[str]) -> dict[str, object]:
    picture_words = urlencode({"zoom": view.zoom, "turn": view.turn})
    return {
        "page": view.page,
        "title": titles[view.page - 1] if titles else "",
        "zoom": view.zoom or 100,
        "fitted": view.zoom == 0,
        "image": f"{address}/pages/{view.page}.jpg?{picture_words}",
        "smaller": view.href(zoom=view.step(-1)),
        "larger": view.href(zoom=view.step(1)),
        "full": view.href(zoom=100),
        "fit": view.href(zoom=0),
        "left": view.href(turn=(view.turn - 90) % 360),
        "right": view.href(turn=(view.turn + 90) % 360),
        "before": view.href(page=max(1, view.page - 1), turn=0),
        "next": view.href(page=min(len(titles), view.page + 1), turn=0),
    }


def _fields(form: Form) -> list[dict[str, object]]:
    say = translator(words.LANGUAGE, "wire")
    known = service.catalogue().get(form.service)
    asked = {field.id: field for field in known.fields} if known else {}
    shown: list[dict[str, object]] = [{"label": "NIK", "value": form.nik, "digits": True}]
    for name in [*asked, *(name for name in form.fields if name not in asked)]:
        field, value = asked.get(name), form.fields.get(name, "–")
        kind = field.kind if field else "text"
        if kind == "date" and len(value) == 8 and value.isdigit():
            value = f"{value[:2]}-{value[2:4]}-{value[4:]}"
        shown.append({"label": say(field.label) if field else name, "value": value, "digits": kind in _DIGITS})
    return shown


def _history(site: Site, found: _Found) -> list[dict[str, object]]:
    with site.office.database.read() as session:
        events = session.execute(
            select(Event, Officer.name)
            .outerjoin(Officer, Officer.id == Event.officer_id)
            .where(Event.submission_id == found.row.id)
            .order_by(Event.no)
        ).all()
    sent = found.packet.manifest.clock.wall
    steps: list[dict[str, object]] = [
        {"word": words.say(N_("Sent")), "when": site.clock.wall(sent), "who": found.terminal.village, "open": False}
    ]
    for event, name in events[-4:]:
        word = words.say(N_("Received, receipt")) if event.state == State.RECEIVED else words.state(event.state).word
        who = name or (found.terminal.office if event.state == State.RECEIVED else "")
        steps.append({"word": word, "when": site.clock.short(event.at), "who": who, "open": False})
    if decide.NEXT[State(found.row.state or State.RECEIVED)]:
        steps.append({"word": words.say(N_("Decision")), "when": words.say(N_("not yet")), "who": "", "open": True})
    return steps


def _decision_values(found: _Found, draft: Forms) -> dict[str, object]:
    allowed = decide.NEXT[State(found.row.state or State.RECEIVED)]
    choices = [
        {"value": state.value, "word": words.say(word), "icon": icon, "reads": words.state(state.value).reads}
        for state, word, icon in _DECISIONS
        if state in allowed
    ]
    chosen = draft.get("decision") or (choices[0]["value"] if choices else "")
    rows = [(paper.id, paper.name) for paper in papers(found.packet.manifest)]
    rows.append(("", words.say(N_("In general"))))
    say = translator(words.LANGUAGE, "wire")
    picked = {paper: draft.get(f"reason.{paper}", "") for paper, _ in rows}
    return {
        "choices": choices,
        "chosen": chosen,
        "reasons": [(code, say(text)) for code, text in REASONS.items()],
        "reason_papers": [{"id": paper, "name": name, "chosen": picked[paper]} for paper, name in rows],
        "will_read": [
            {"paper": name if paper else "", "words": say(REASONS[picked[paper]])}
            for paper, name in rows
            if picked[paper] in REASONS
        ],
    }


def _picture(site: Site, officer: SignedIn, request: Request, number: str, n: int) -> Response:
    found = _find(site, number)
    if not 1 <= n <= len(found.packet.pages):
        raise HTTPException(404)
    view = _View.asked(request, len(found.packet.pages))
    width = _FULL_WIDTH * view.zoom // 100 if view.zoom else _FIT_WIDTH
    if request.query_params.get("thumb"):
        width = _THUMB_WIDTH
    try:
        page = found.packet.open_page(n - 1, site.office.keys.office)
        shown = picture.render(page, width, view.turn, f"{officer.name} · {site.clock.short(now())}")
    except PacketError as error:
        raise HTTPException(404) from error
    return Response(shown, media_type="image/jpeg", headers={"cache-control": "no-store"})


def _download(site: Site, officer: SignedIn, number: str, kind: str) -> Response:
    found = _find(site, number)
    identity = site.office.keys.office
    try:
        if kind == "pdf":
            data, media_type = export.pdf(found.packet, identity), "application/pdf"
        elif kind == "json":
            data, media_type = export.as_json(found.packet, found.packet.open_form(identity)), "application/json"
        else:
            raise HTTPException(404)
    except PacketError as error:
        raise HTTPException(404) from error
    decide.downloaded(site.office, officer.id, found.row.id, kind)
    name = f"{found.row.number}.{kind}"
    return Response(data, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


def _decided(site: Site, officer: SignedIn, request: Request, number: str, form: Forms) -> Response:
    found = _find(site, number)
    reasons = [
        (form[f"reason.{paper}"], paper)
        for paper in [*(paper.id for paper in papers(found.packet.manifest)), ""]
        if form.get(f"reason.{paper}")
    ]
    seen = form.get("version", "")
    try:
        if form.get("decision") not in {state.value for state, _, _ in _DECISIONS}:
            raise decide.DecisionError(N_("Choose a decision."))
        if not (seen.isascii() and seen.isdigit() and len(seen) < 19):
            raise decide.Stale(N_("Somebody decided in the meantime. Read the newest state first."))
        state = State(cast(str, form.get("decision")))
        decide.decide(site.office, officer.id, found.row.id, int(seen), state, reasons)
    except decide.Stale as error:
        return _opened(site, officer, request, number, form, str(error), 409)
    except decide.DecisionError as error:
        return _opened(site, officer, request, number, form, str(error), 422)
    return RedirectResponse(f"/applications/{found.row.number}", status_code=303)
