"""The terminals: which one needs a person, and a new one's enrolment code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import segno
from fastapi import FastAPI, Request
from markupsafe import Markup
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway import enrol
from gateway.office import words
from gateway.office.site import Forms, Site
from gateway.rooms import now
from gateway.tables import Terminal
from wire import faults
from wire.words import N_

_GIB = 1024**3
# Group: mark, icon and words; in order of urgency.
_GROUPS = {
    "need": ("engineering", N_("Needs a person")),
    "watch": ("visibility", N_("Watch")),
    "rest": ("task_alt", N_("The others")),
}
_FORM = (
    ("code", N_("Terminal code"), 3, N_("Three capital letters. They begin every number, as in KMT-1-B.")),
    ("village", N_("Village"), 120, ""),
    ("district", N_("District"), 120, ""),
    ("regency", N_("Regency or city"), 120, ""),
    ("office", N_("Registry office"), 120, ""),
    ("phone", N_("The office's telephone"), 40, ""),
)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a terminal stands. ``act``: the one thing to do."""

    group: str
    mark: str
    mark_word: str
    act: str
    detail: str


def add(app: FastAPI, site: Site) -> None:
    """Add the terminals' page."""

    @app.get("/terminals", include_in_schema=False)
    async def terminals(request: Request) -> Response:
        officer = await site.officer(request)
        shown = await run_in_threadpool(_list, site)
        return site.page("terminals.html", {"officer": officer, **_form_values(Forms()), **shown})

    @app.post("/terminals", include_in_schema=False)
    async def register(request: Request) -> Response:
        officer, form = await site.posted(request)
        given = {name: " ".join(form.get(name, "").split()) for name, _, _, _ in _FORM}
        new = enrol.NewTerminal(
            code=given["code"].upper(),
            village=given["village"],
            district=given["district"],
            regency=given["regency"],
            office=given["office"],
            phone=given["phone"],
        )
        url = await run_in_threadpool(enrol.known_url, site.office)
        try:
            code = await run_in_threadpool(
                enrol.add_terminal, site.office, new, url or str(request.base_url), officer.id
            )
            values = _code_values(new.code, code)
            status = 200
        except ValueError:
            values = _form_values(form, N_("Fill in every line. The code is three capital letters."))
            status = 422
        shown = await run_in_threadpool(_list, site)
        return site.page("terminals.html", {"officer": officer, **values, **shown}, status)


def _form_values(form: Forms, error: str = "") -> dict[str, object]:
    fields = [
        {
            "name": name,
            "label": words.say(label),
            "value": form.get(name, ""),
            "max": most,
            "hint": words.say(hint),
            "required": name != "phone",
        }
        for name, label, most, hint in _FORM
    ]
    return {"form": fields, "error": words.say(error), "code": "", "made": "", "qr": ""}


def _code_values(made: str, code: str) -> dict[str, object]:
    drawn = segno.make_qr(code, error="m").svg_inline(scale=4, border=4, dark="#13231F", light="#FFFFFF")
    return {**_form_values(Forms()), "code": code, "made": made, "qr": Markup(drawn)}


def _list(site: Site) -> dict[str, object]:
    with site.office.database.read() as session:
        terminals = list(session.scalars(select(Terminal).order_by(Terminal.code)))
    looks = [(terminal, _look(site, terminal)) for terminal in terminals]
    groups = [
        {
            "name": name,
            "icon": icon,
            "word": words.say(word),
            "rows": [_row(site, terminal, look) for terminal, look in looks if look.group == name],
        }
        for name, (icon, word) in _GROUPS.items()
    ]
    return {
        "groups": [group for group in groups if group["rows"]],
        "need": sum(look.group == "need" for _, look in looks),
        "all": len(looks),
        "now": site.clock.short(now()),
        "section": "terminals",
    }


def _row(site: Site, terminal: Terminal, look: _Look) -> dict[str, object]:
    return {
        "village": words.bare(terminal.village),
        "district": words.bare(terminal.district),
        "code": terminal.code,
        "mark": look.mark,
        "mark_word": words.say(look.mark_word),
        "act": look.act,
        "detail": look.detail,
        "heard": site.clock.short(terminal.heard_at),
    }


def _look(site: Site, terminal: Terminal) -> _Look:
    say = words.say
    queue = say(N_("{queued} waiting, {free} GB free, version {version}")).format(
        queued=terminal.queued, free=terminal.disk_free // _GIB, version=terminal.version or "–"
    )
    if terminal.public_key is None:
        text = say(N_("Its code was not used yet."))
        return _Look("watch", "half", N_("Not enrolled"), say(N_("Enrol it with its code")), text)
    if terminal.revoked_at is not None:
        text = say(N_("Nothing is taken from it."))
        return _Look("rest", "closed", N_("Revoked"), say(N_("Revoked")), text)
    if terminal.heard_at is None or terminal.heard_at < now() - site.office.settings.silent_s:
        text = say(N_("Not heard since {when}")).format(when=site.clock.short(terminal.heard_at))
        if terminal.heard_at is None:
            text = say(N_("Enrolled, but not heard yet"))
        return _Look("need", "silent", N_("Silent"), say(N_("Call the village: power, network?")), text)
    if terminal.quarantined:
        return _Look("need", "need", N_("Fault"), say(N_("Look at what was refused")), queue)
    known = faults.catalogue()
    codes = {code for device in terminal.devices for code in cast(list[str], device.get("faults", []))}
    for code in faults.by_urgency(codes):
        if code in known:
            severe = known[code].severity == "error"
            look = ("need", "need", N_("Fault")) if severe else ("watch", "watch", N_("Watch"))
            return _Look(*look, say(known[code].staff), queue)
    if terminal.queued:
        return _Look("watch", "watch", N_("Watch"), say(N_("Wait: it sends by itself")), queue)
    return _Look("rest", "ok", N_("Good"), say(N_("Nothing to do")), queue)
