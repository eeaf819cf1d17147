"""The export page: choose a destination, see what would be made and what would be lost, take it."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.office import decide, hand_over, words
from gateway.office.case import Case
from gateway.office.hand_over import HandOverError
from gateway.office.inbox import service_words
from gateway.office.packet import PacketError
from gateway.office.site import Site
from gateway.officers import SignedIn
from gateway.profiles.plan import Plan
from gateway.profiles.profile import Profile, ProfileError, profiles
from wire.words import N_


def add(app: FastAPI, site: Site) -> None:
    """Add the export's pages."""
    base = "/applications/{number}/export"

    @app.get(base, include_in_schema=False)
    async def choose(request: Request, number: str, profile: str = "") -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_chosen, site, officer, number, profile)

    @app.get(base + "/{profile}", include_in_schema=False)
    async def take(request: Request, number: str, profile: str) -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_taken, site, officer, number, profile)


def _chosen(site: Site, officer: SignedIn, number: str, profile: str) -> Response:
    case = Case.open(site, number)
    known, error = _profiles(site)
    chosen = known.get(profile)
    made: Plan | None = None
    if chosen is not None:
        try:
            made = hand_over.planned(case.dossier, site.office.keys.office, chosen)
        except (HandOverError, PacketError) as fault:
            error = str(fault)
    name, form_code = service_words(case.dossier.service)
    values: dict[str, object] = {
        "number": case.dossier.number,
        "service": name,
        "form_code": form_code,
        "state": words.state(case.newest.state),
        "lacks": [paper.name for paper in case.papers(None) if paper.missing],
        "profiles": [
            {
                "id": each.id,
                "title": each.title,
                "limits": hand_over.limits(each),
                "source": f"{each.source}, {each.date}" if each.date else each.source,
                "chosen": each is chosen,
            }
            for each in known.values()
        ],
        "chosen": chosen.id if chosen else "",
        "error": error,
        "made": _made_values(made) if made else None,
    }
    return site.page("export.html", {"section": "inbox", "officer": officer, **values}, 422 if error else 200)


def _profiles(site: Site) -> tuple[dict[str, Profile], str]:
    """The profiles, and what is wrong with the office's own; then only those of the program stand."""
    try:
        return profiles(site.office.settings.profiles), ""
    except ProfileError as error:
        return profiles(), words.say(N_("The office's own profiles cannot be used:")) + " " + str(error)


def _made_values(made: Plan) -> dict[str, object]:
    return {
        "files": [
            {"name": file.name, "size": hand_over.size(len(file.data)), "pages": ", ".join(map(str, file.pages))}
            for file in made.files
        ],
        "total": hand_over.size(sum(len(file.data) for file in made.files)),
        "lost": [hand_over.lost(given) for given in made.given_up],
        "zipped": len(made.files) > 1,
    }


def _taken(site: Site, officer: SignedIn, number: str, profile: str) -> Response:
    case = Case.open(site, number)
    chosen = _profiles(site)[0].get(profile)
    if chosen is None:
        raise HTTPException(404)
    try:
        made = hand_over.planned(case.dossier, site.office.keys.office, chosen)
    except (HandOverError, PacketError):
        return _chosen(site, officer, number, profile)
    decide.downloaded(site.office, officer.id, case.newest.id, hand_over.summary(made))
    name, media_type, data = hand_over.packed(made, case.dossier.missing)
    return Response(data, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
