"""One terminal: what to do, its devices and since when, its place and hours, a new code, and taking its access away."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from fastapi import FastAPI, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway import condition, enrol, terminals
from gateway.office import draw, hours, look, words
from gateway.office.fleet import code_values, new_code
from gateway.office.site import Forms, Site
from gateway.officers import SignedIn
from gateway.places import opening_of
from gateway.rooms import now
from gateway.tables import Audit, Import, Officer, Submission, Terminal
from wire.guard import Protection
from wire.places import hours_lines
from wire.words import N_

_CODE = re.compile(r"[A-Z]{3}")
_GIB = 1024**3
_DAYS = 30
_ROLES = {
    "printer": ("print", N_("Receipt printer")),
    "scanner": ("scanner", N_("Scanner")),
    "camera": ("photo_camera", N_("Document camera")),
    "card": ("contactless", N_("Card reader")),
    "code": ("qr_code_scanner", N_("Code scanner")),
    "capture": ("fact_check", N_("Page check")),
    "board": ("developer_board", N_("Lamp and buttons")),
    "queue": ("send", N_("Send queue")),
}
_PHASES = {
    "starting": N_("Starting"),
    "ready": N_("Ready"),
    "busy": N_("At work"),
    "needs_attention": N_("Needs a person"),
    "offline": N_("Does not answer"),
    "broken": N_("Out of order"),
}
_GUARDS = {
    Protection.TPM.value: N_("Security chip (TPM)"),
    Protection.HOST.value: N_("The machine's own key"),
    Protection.FILE.value: N_("Only a file"),
}
_ACTS = {
    "terminal_code": N_("New enrolment code"),
    "terminal_place": N_("Place changed"),
    "terminal_hours": N_("Hours changed"),
    "terminal_closed": N_("Closed for a time"),
    "terminal_opened": N_("Opened again"),
    "terminal_revoked": N_("Access taken away"),
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was posted and refused: which form, its values, and why (a msgid)."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    error: str = ""


def add(app: FastAPI, site: Site) -> None:
    """Add a terminal's pages."""
    base = "/terminals/{code}"

    @app.get(base, include_in_schema=False)
    async def read(request: Request, code: str) -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_page, site, officer, code)

    async def change(request: Request, code: str, name: str, act: Callable[[SignedIn, Forms], None]) -> Response:
        officer, form = await site.posted(request)
        _known(code)

        def done() -> Response:
            try:
                act(officer, form)
            except (terminals.TerminalError, hours.HoursError) as error:
                return _page(site, officer, code, _Typed(name, form, str(error)), status=422)
            return RedirectResponse(f"/terminals/{code}", status_code=303)

        return await run_in_threadpool(done)

    @app.post(base + "/place", include_in_schema=False)
    async def place(request: Request, code: str) -> Response:
        def act(officer: SignedIn, form: Forms) -> None:
            terminals.set_place(site.office, code, officer.id, form)

        return await change(request, code, "place", act)

    @app.post(base + "/hours", include_in_schema=False)
    async def opening(request: Request, code: str) -> Response:
        def act(officer: SignedIn, form: Forms) -> None:
            terminals.set_hours(site.office, code, officer.id, hours.read(form))

        return await change(request, code, "hours", act)

    @app.post(base + "/closed", include_in_schema=False)
    async def closed(request: Request, code: str) -> Response:
        def act(officer: SignedIn, form: Forms) -> None:
            if form.get("act") == "open":
                terminals.reopen(site.office, code, officer.id)
            else:
                today = site.clock.local(now()).date()
                until, reason = form.get("until", ""), form.get("reason", "")
                terminals.close(site.office, code, officer.id, until, reason, today)

        return await change(request, code, "closed", act)

    @app.post(base + "/code", include_in_schema=False)
    async def code_again(request: Request, code: str) -> Response:
        officer, _ = await site.posted(request)

        def made() -> Response:
            row = _terminal(site, code)
            lines = tuple((line[0], line[1]) for line in row.hours)
            new = enrol.NewTerminal(code, row.village, row.district, row.regency, row.office, row.phone, lines)
            return _page(site, officer, code, fresh=new_code(site, request, new, officer.id))

        return await run_in_threadpool(made)

    @app.get(base + "/revoke", include_in_schema=False)
    async def ask(request: Request, code: str) -> Response:
        officer = await site.officer(request)
        row = await run_in_threadpool(_terminal, site, code)
        values: dict[str, object] = {"code": code, "village": words.bare(row.village), "queued": row.queued}
        return site.page("revoke.html", {"section": "terminals", "officer": officer, **values})

    @app.post(base + "/revoke", include_in_schema=False)
    async def revoke(request: Request, code: str) -> Response:
        officer, _ = await site.posted(request)
        await run_in_threadpool(_terminal, site, code)
        await run_in_threadpool(enrol.revoke, site.office, code, officer.id)
        return RedirectResponse(f"/terminals/{code}", status_code=303)


def _known(code: str) -> None:
    """Raises HTTPException (404) for what is no terminal's code."""
    if not _CODE.fullmatch(code):
        raise HTTPException(404)


def _terminal(site: Site, code: str) -> Terminal:
    _known(code)
    with site.office.database.read() as session:
        return _find(session, code)


def _find(session: Session, code: str) -> Terminal:
    row = session.scalar(select(Terminal).where(Terminal.code == code))
    if row is None:
        raise HTTPException(404)
    return row


def _page(
    site: Site, officer: SignedIn, code: str, typed: _Typed | None = None, fresh: str = "", status: int = 200
) -> HTMLResponse:
    _known(code)
    typed = typed or _Typed()
    at = now()
    with site.office.database.read() as session:
        row = _find(session, code)
        history = _history(site, session, row)
        days = _per_day(site, session, row, at)
        courier = _courier(site, session, row)
    seen = look.look(row, site.clock, at, site.office.settings.silent_s)
    opening = opening_of(row)
    pin = draw.Pin(
        row.code,
        words.bare(row.village),
        seen.mark,
        seen.word,
        seen.rank,
        draw.place(row.lng, row.lat, row.region, site.map),
    )
    values: dict[str, object] = {
        "terminal": row,
        "village": words.bare(row.village),
        "look": seen,
        "heard": site.clock.near(row.heard_at) if row.heard_at else "",
        "enrolled": site.clock.short(row.enrolled_at),
        "free": row.disk_free // _GIB,
        "uptime": row.uptime_s // 86400,
        "sends": _sends(row),
        "guard": words.say(_GUARDS[row.protection]) if row.protection in _GUARDS else "",
        "only_file": row.protection == Protection.FILE.value,
        "courier": courier,
        "devices": _devices(site, row, at),
        "history": history,
        "days": days,
        "map": draw.picture(draw.SMALL, site.map, [pin], row.code),
        "regions": [(area.code, area.name) for area in site.map.areas] if site.map else [],
        "hours": hours_lines(opening),
        "hour_rows": hours.form_rows(opening, typed.values if typed.form == "hours" else None),
        "closed": look.closed(row, site.clock, at),
        "closed_until": site.clock.day(row.closed_until),
        "today": site.clock.local(at).date().isoformat(),
        "place": _place(row, typed.values if typed.form == "place" else None),
        "typed": {name: typed.values.get(name, "") if typed.form == "closed" else "" for name in ("until", "reason")},
        "wrong": typed.form,
        "error": words.say(typed.error),
        **(code_values(code, fresh) if fresh else {"code": "", "made": "", "qr": ""}),
    }
    return site.page("terminal.html", {"section": "terminals", "officer": officer, **values}, status)


def _sends(row: Terminal) -> str:
    """Why its queue does not leave though the line is up, or that it does."""
    if row.heard_at is None:
        return "—"
    return words.say(look.HELD.get(row.held, N_("By itself")))


def _courier(site: Site, session: Session, row: Terminal) -> str:
    """The newest volume that came from it by USB: when, and what was in it; "" where none came."""
    last = session.scalar(
        select(Import).where(Import.terminal_id == row.id).order_by(Import.imported_at.desc()).limit(1)
    )
    if last is None:
        return ""
    text = words.say(N_("{when}: {received} taken in, {refused} refused"))
    return text.format(when=site.clock.near(last.imported_at), received=last.received, refused=last.refused)


def _place(row: Terminal, typed: Mapping[str, str] | None) -> dict[str, str]:
    """What stands in the place's form."""
    if typed is not None:
        return {name: typed.get(name, "") for name in (*terminals.PLACE, "region", "lat", "lng")}
    values = {name: str(getattr(row, name)) for name in terminals.PLACE}
    return {**values, "region": row.region, "lat": _degrees(row.lat), "lng": _degrees(row.lng)}


def _degrees(value: int | None) -> str:
    return "" if value is None else f"{'-' if value < 0 else ''}{abs(value) // 1_000_000}.{abs(value) % 1_000_000:06}"


def _devices(site: Site, row: Terminal, at: int) -> list[dict[str, object]]:
    faults = look.faults_of(row)
    silent = condition.silent(row, at, site.office.settings.silent_s)
    unknown = words.say(N_("Not known"))
    shown: list[dict[str, object]] = []
    for device in row.devices:
        role, phase = str(device.get("role")), str(device.get("phase"))
        icon, name = _ROLES.get(role, ("devices", role))
        mine = [fault for fault in faults if fault.role == role]
        sound = condition.sound(device)
        if silent or (sound == "dark" and not mine):
            mark, word = "silent", words.say(_PHASES[phase]) if phase == "starting" else unknown
        elif mine:
            mark, word = "need" if mine[0].severe else "watch", mine[0].says
        else:
            mark = "ok" if sound == "good" else "watch"
            word = words.say(_PHASES[phase]) if phase in _PHASES else unknown
        tested, passed = str(device.get("tested") or ""), device.get("passed")
        shown.append(
            {
                "icon": icon,
                "name": words.say(name),
                "mark": mark,
                "word": word,
                "more": len(mine) - 1 if mine else 0,
                "since": site.clock.near(mine[0].since) if mine and mine[0].since else "",
                "tested": site.clock.wall(tested) if tested else "",
                "passed": passed,
            }
        )
    order = ["need", "watch", "silent", "ok"]
    return sorted(shown, key=lambda each: order.index(str(each["mark"])))


def _history(site: Site, session: Session, row: Terminal) -> list[dict[str, object]]:
    acts = session.execute(
        select(Audit, Officer.name)
        .outerjoin(Officer, Officer.id == Audit.officer_id)
        .where(Audit.act.in_(_ACTS), Audit.detail == row.code)
        .order_by(Audit.no.desc())
        .limit(8)
    ).all()
    return [
        {
            "at": site.clock.near(act.at),
            "who": name or words.say(N_("Command line")),
            "what": words.say(_ACTS[act.act]),
        }
        for act, name in acts
    ]


def _per_day(site: Site, session: Session, row: Terminal, at: int) -> dict[str, object]:
    """Applications received from it in the last 30 days, as bars: x in units of 10, height of 100."""
    today = site.clock.local(at).date()
    received = session.scalars(
        select(Submission.received_at).where(
            Submission.terminal_id == row.id,
            Submission.received_at > at - _DAYS * 86400,
            Submission.corrects.is_(None),
        )
    ).all()
    counts = Counter(site.clock.local(cast(int, each)).date() for each in received)
    dates = [today - dt.timedelta(days=ago) for ago in range(_DAYS - 1, -1, -1)]
    most = max([4, *counts.values()])
    return {
        "sum": sum(counts.values()),
        "most": most,
        "bars": [
            {"x": n * 10, "h": round(counts[date] * 100 / most, 1)} for n, date in enumerate(dates) if counts[date]
        ],
        "first": site.clock.day(dates[0].isoformat()),
        "last": site.clock.day(today.isoformat()),
    }
