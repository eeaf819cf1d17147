"""The terminals: which one needs a person, where it stands, and a new one's enrolment code."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import segno
from fastapi import FastAPI, Request
from markupsafe import Markup
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway import enrol
from gateway.office import draw, look, words
from gateway.office.look import Look
from gateway.office.site import Forms, Site
from gateway.rooms import now
from gateway.tables import Terminal
from wire.words import N_

FIRST = 25  # rows of a group before its link to all of them
PAGE = 100
# Group: icon and words; in order of urgency.
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
class _Asked:
    """What of the list is asked for. ``show``: a group, or "ok", whole; "" is the overview. ``pick``: a terminal."""

    show: str = ""
    page: int = 0
    pick: str = ""
    find: str = ""
    regency: str = ""

    def href(self, **changed: object) -> str:
        values = {"show": self.show, "find": self.find, "regency": self.regency, **changed}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/terminals?{query}" if query else "/terminals"


def add(app: FastAPI, site: Site) -> None:
    """Add the terminals' page."""

    @app.get("/terminals", include_in_schema=False)
    async def terminals(
        request: Request, show: str = "", page: int = 0, pick: str = "", find: str = "", regency: str = ""
    ) -> Response:
        officer = await site.officer(request)
        asked = _Asked(show, max(0, min(page, 10_000)), pick[:3], find[:120].strip(), regency[:120])
        shown = await run_in_threadpool(_list, site, asked)
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
        try:
            code = await run_in_threadpool(new_code, site, request, new, officer.id)
            values = {**_form_values(Forms()), **code_values(new.code, code)}
            status = 200
        except ValueError:
            values = _form_values(form, N_("Fill in every line. The code is three capital letters."))
            status = 422
        shown = await run_in_threadpool(_list, site, _Asked(regency=new.regency))
        return site.page("terminals.html", {"officer": officer, **shown, **values}, status)


def new_code(site: Site, request: Request, new: enrol.NewTerminal, officer: int) -> str:
    """Make or renew a terminal; returns its enrolment code. Raises ValueError."""
    return enrol.add_terminal(site.office, new, enrol.known_url(site.office) or str(request.base_url), officer)


def code_values(made: str, code: str) -> dict[str, object]:
    """What the card of a fresh enrolment code needs."""
    drawn = segno.make_qr(code, error="m").svg_inline(border=4, omitsize=True, dark="#13231F", light="#FFFFFF")
    return {"code": code, "made": made, "qr": Markup(drawn)}


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


def _list(site: Site, asked: _Asked) -> dict[str, object]:
    at = now()
    with site.office.database.read() as session:
        regencies = session.execute(
            select(Terminal.regency, func.count()).group_by(Terminal.regency).order_by(Terminal.regency)
        ).all()
        names = [row[0] for row in regencies]
        regency = next((name for name in (asked.regency, site.regency(), *names) if name in names), "")
        rows = session.scalars(select(Terminal).where(Terminal.regency == regency).order_by(Terminal.code)).all()
    asked = _Asked(asked.show, asked.page, asked.pick, asked.find, regency if len(names) > 1 else "")
    silent_s = site.office.settings.silent_s
    looks = [(row, look.look(row, site.clock, at, silent_s)) for row in rows]
    counts = {mark: sum(each.mark == mark for _, each in looks) for mark in look.MARKS}
    need = sum(each.group == "need" for _, each in looks)
    if asked.find:
        wanted = asked.find.casefold()
        looks = [each for each in looks if wanted in f"{each[0].village} {each[0].district} {each[0].code}".casefold()]
    looks.sort(key=lambda each: (each[1].rank, each[0].district, each[0].village))
    picked = next((each for each in looks if each[0].code == asked.pick), None)
    if picked is None:
        picked = next((each for each in looks if each[1].group == "need"), None)
    here = asked.href()
    pins = [_pin(site, *each) for each in looks]
    return {
        "groups": _groups(site, asked, looks, picked[0].code if picked else ""),
        "show": asked.show,
        "overview": asked.href(show="", page=0),
        "find": asked.find,
        "regencies": names if len(names) > 1 else [],
        "chosen_regency": regency,
        "need": need,
        "all": len(rows),
        "now": site.clock.near(at),
        "legend": [
            {"mark": mark, "word": words.say(word), "count": counts[mark]}
            for mark, word in look.MARKS.items()
            if counts[mark] or mark not in ("closed", "half")
        ],
        "map": draw.picture(draw.FLEET, site.map, pins, _code(picked)),
        "small": draw.picture(draw.SMALL, site.map, pins, _code(picked)),
        "map_href": f"{here}{'&' if '?' in here else '?'}pick=",
        "picked": _row(site, *picked) if picked else None,
        "totals": {
            "queued": sum(row.queued for row in rows),
            "quarantined": sum(row.quarantined for row in rows),
        },
        "section": "terminals",
    }


def _code(picked: tuple[Terminal, Look] | None) -> str:
    return picked[0].code if picked else ""


def _pin(site: Site, terminal: Terminal, seen: Look) -> draw.Pin:
    at = draw.place(terminal.lng, terminal.lat, terminal.region, site.map)
    return draw.Pin(terminal.code, words.bare(terminal.village), seen.mark, seen.word, seen.rank, at)


def _groups(site: Site, asked: _Asked, looks: list[tuple[Terminal, Look]], picked: str) -> list[dict[str, object]]:
    """The groups as sections: in the overview each with its first rows and the good ones as one line."""
    groups: list[dict[str, object]] = []
    for name, (icon, word) in _GROUPS.items():
        mine = [each for each in looks if each[1].group == name]
        good = [each for each in mine if each[1].mark == "ok"]
        asked_for = asked.show == name or (asked.show == "ok" and name == "rest")
        if not mine or (asked.show and not asked_for):
            continue
        if asked_for:
            listed = good if asked.show == "ok" else mine
            shown = listed[asked.page * PAGE : (asked.page + 1) * PAGE]
            more = asked.href(page=asked.page + 1) if len(listed) > (asked.page + 1) * PAGE else ""
        else:
            listed = [each for each in mine if each[1].mark != "ok" or asked.find]
            shown = listed[:FIRST]
            more = asked.href(show=name) if len(listed) > FIRST else ""
        groups.append(
            {
                "name": name,
                "icon": icon,
                "word": words.say(word),
                "count": len(mine),
                "rows": [{**_row(site, *each), "picked": each[0].code == picked} for each in shown],
                "more": more,
                "good": 0 if asked_for or asked.find else len(good),
                "good_href": asked.href(show="ok"),
            }
        )
    return groups


def _row(site: Site, terminal: Terminal, seen: Look) -> dict[str, object]:
    heard = site.clock.near(terminal.heard_at) if terminal.heard_at else ""
    return {
        "village": words.bare(terminal.village),
        "district": words.bare(terminal.district),
        "office": terminal.office,
        "code": terminal.code,
        "group": seen.group,
        "mark": seen.mark,
        "mark_word": seen.word,
        "act": seen.act,
        "detail": seen.detail,
        "heard": heard,
        "queued": terminal.queued,
    }
