"""One application: its pages and words decrypted in memory for one officer, and the decision.

Pictures are sent no-store with the reader's name burnt in. Page, zoom and turn are query parameters: every view has an
address, and no script is needed.
"""

from __future__ import annotations

from typing import cast

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.office import case as cases
from gateway.office import decide, export, picture, words
from gateway.office.case import Case, View
from gateway.office.inbox import service_words
from gateway.office.packet import PacketError
from gateway.office.site import Forms, Site
from gateway.officers import SignedIn
from gateway.rooms import now
from wire.change import State
from wire.words import N_

_FIT_WIDTH, _FULL_WIDTH, _THUMB_WIDTH = 900, 1240, 200  # pixels; 1240 is A4 at 150 dpi


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


def _opened(
    site: Site,
    officer: SignedIn,
    request: Request,
    number: str,
    draft: Forms | None = None,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    before = Case.open(site, number)
    for row in (before.newest, *before.apart):
        decide.opened(site.office, officer.id, row.id)
    case = Case.open(site, number)  # again: the first reading has put it under review
    dossier, identity = case.dossier, site.office.keys.office
    view = View.asked(request, case.shown)
    at = draft.get("page", "") if draft is not None else ""
    if at.isascii() and at.isdigit() and len(at) < 6:
        view = View(max(1, min(int(at), len(case.shown))))
    form, damaged = case.form(identity)
    there = case.papers(form)
    manifest = dossier.packets[0].manifest
    name, form_code = service_words(dossier.service)
    values: dict[str, object] = {
        "number": dossier.number,
        "service": name,
        "form_code": form_code,
        "state": words.state(case.newest.state),
        "opened_at": site.clock.short(now()),
        "version": case.newest.event_no,
        "view": cases.view_values(case, view),
        "thumbs": cases.thumbs(case, view, there),
        "pages": len(case.shown),
        "language": words.say(cases.LANGUAGES.get(manifest.language, manifest.language)),
        "fields": cases.fields(form) if form else [],
        "papers": there,
        "there": sum(paper.there for paper in there),
        "wanted": sum(paper.wanted for paper in there),
        "lacks": [paper.name for paper in there if paper.missing],
        "headless": dossier.first is None,
        "another_nik": form is not None and dossier.another_nik(form, identity),
        "strays": len(dossier.apart),
        "completions": cases.completions(site, case),
        "history": cases.history(site, case),
        "damaged": damaged,
        "error": words.say(error),
        "ticked": bool(draft and draft.get("incomplete")),
        **cases.decision_values(case, there, draft or Forms()),
    }
    return site.page("application.html", {"section": "inbox", "officer": officer, **values}, status)


def _picture(site: Site, officer: SignedIn, request: Request, number: str, n: int) -> Response:
    sheets = Case.open(site, number).shown
    if not 1 <= n <= len(sheets):
        raise HTTPException(404)
    view = View.asked(request, sheets[n - 1 : n])
    sheet = (sheets[n - 1], *sheets[n - 1].earlier)[view.earlier]
    width = _FULL_WIDTH * view.zoom // 100 if view.zoom else _FIT_WIDTH
    if request.query_params.get("thumb"):
        width = _THUMB_WIDTH
    try:
        page = sheet.open(site.office.keys.office)
        shown = picture.render(page, width, view.turn, f"{officer.name} · {site.clock.short(now())}")
    except PacketError as error:
        raise HTTPException(404) from error
    return Response(shown, media_type="image/jpeg", headers={"cache-control": "no-store"})


def _download(site: Site, officer: SignedIn, number: str, kind: str) -> Response:
    case = Case.open(site, number)
    identity = site.office.keys.office
    try:
        if kind == "pdf":
            data, media_type = export.pdf(case.dossier, identity), "application/pdf"
        elif kind == "json":
            data, media_type = export.as_json(case.dossier, case.dossier.open_form(identity)), "application/json"
        else:
            raise HTTPException(404)
    except PacketError as error:
        raise HTTPException(404) from error
    decide.downloaded(site.office, officer.id, case.newest.id, kind)
    name = f"{case.dossier.number}.{kind}"
    return Response(data, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


def _decided(site: Site, officer: SignedIn, request: Request, number: str, form: Forms) -> Response:
    case = Case.open(site, number)
    known = [*(paper.id for paper in case.papers(case.form(site.office.keys.office)[0])), ""]
    reasons = [(form[f"reason.{paper}"], paper) for paper in known if form.get(f"reason.{paper}")]
    seen = form.get("version", "")
    try:
        if form.get("decision") not in {state.value for state, _, _ in cases.DECISIONS}:
            raise decide.DecisionError(N_("Choose a decision."))
        if not (seen.isascii() and seen.isdigit() and len(seen) < 19):
            raise decide.Stale(decide.STALE)
        state = State(cast(str, form.get("decision")))
        ticked = bool(form.get("incomplete"))
        decide.decide(site.office, officer.id, case.newest.id, int(seen), state, reasons, incomplete=ticked)
    except decide.Stale as error:
        return _opened(site, officer, request, number, form, str(error), 409)
    except decide.DecisionError as error:
        return _opened(site, officer, request, number, form, str(error), 422)
    return RedirectResponse(f"/applications/{case.dossier.number}", status_code=303)
