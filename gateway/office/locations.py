"""The public page of locations, and the same as GeoJSON: no sign-in, no script, nothing about anybody.

Of a terminal's state only works, limited, down or unknown is told, and as of when. Anyone may keep an answer for a
minute.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.office import draw, hours, words
from gateway.office.site import Site
from gateway.places import Listing
from gateway.rooms import now as seconds
from wire.places import Spot, Working, hours_lines, open_now
from wire.words import N_

PAGE = 30
_KEPT = "public, max-age=60"
# Mark, tone of the pill, and words; of a closed or broken terminal residents read the same.
_WORKING: dict[Working, tuple[str, str, str]] = {
    "works": ("ok", "ok", N_("All services work")),
    "limited": ("watch", "warn", N_("A part does not work")),
    "down": ("closed", "idle", N_("Out of order for now")),
    "unknown": ("silent", "idle", N_("No word from it yet")),
}
_LEGEND = (
    ("ok", N_("Works")),
    ("watch", N_("Partly")),
    ("closed", N_("Closed")),
    ("silent", N_("Not known")),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is looked for. ``open``: those open now alone."""

    q: str
    open: bool
    page: int
    regency: str

    def href(self, **changed: object) -> str:
        values = {"q": self.q, "open": int(self.open), "regency": self.regency, **changed}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/lokasi?{query}" if query else "/lokasi"


def add(app: FastAPI, site: Site) -> None:
    """Add the public page and its data."""

    @app.get("/lokasi", include_in_schema=False)
    async def locations(q: str = "", open: str = "", page: int = 0, regency: str = "") -> Response:
        asked = _Asked(" ".join(q.split())[:60], open == "1", max(0, min(page, 10_000)), regency[:120])
        response = site.page("locations.html", await run_in_threadpool(_page, site, asked))
        response.headers["cache-control"] = _KEPT
        return response

    @app.get("/lokasi.geojson", include_in_schema=False)
    async def data(request: Request, regency: str = "") -> Response:
        listing, now = await run_in_threadpool(_listing, site, regency[:120])
        tag = f'"{listing.version}-{now:%Y%m%d%H%M}"'  # "open now" changes with the minute
        headers = {"ETag": tag, "Cache-Control": _KEPT, "Access-Control-Allow-Origin": "*"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        collection = {
            "type": "FeatureCollection",
            "as_of": listing.places.as_of,
            "features": [_feature(site, listing, spot, now) for spot in listing.places.spots],
        }
        body = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
        return Response(body, media_type="application/geo+json", headers=headers)


def _listing(site: Site, regency: str) -> tuple[Listing, dt.datetime]:
    board = site.office.board
    names = board.regencies()
    listing = board.of(next((name for name in (regency, site.regency(), *names) if name in names), ""))
    return listing, site.clock.local(seconds())


def _feature(site: Site, listing: Listing, spot: Spot, now: dt.datetime) -> dict[str, object]:
    at = draw.place(spot.lng, spot.lat, listing.regions.get(spot.code, ""), site.map)
    return {
        "type": "Feature",
        "id": spot.code,
        "geometry": {"type": "Point", "coordinates": list(at)} if at else None,
        "properties": {
            "code": spot.code,
            "village": spot.village,
            "district": spot.district,
            "office": spot.office,
            "address": spot.address,
            "opening": [each.plain() for each in spot.opening],
            "closed_until": spot.closed_until,
            "closed_reason": spot.closed_reason,
            "open_now": open_now(spot, now),
            "working": spot.working,
            "as_of": spot.heard or listing.places.as_of,
        },
    }


def _page(site: Site, asked: _Asked) -> dict[str, object]:
    regencies = site.office.board.regencies()
    listing, now = _listing(site, asked.regency)
    several = len(regencies) > 1
    asked = _Asked(asked.q, asked.open, asked.page, asked.regency if several and asked.regency in regencies else "")
    spots = listing.places.spots
    wanted = asked.q.casefold()
    found = [
        spot
        for spot in spots
        if wanted in f"{spot.village} {spot.district} {spot.office} {spot.code}".casefold()
        and (not asked.open or open_now(spot, now))
    ]
    marks = [_mark(spot, now) for spot in spots]
    pins = [
        draw.Pin(
            spot.code,
            words.bare(spot.village),
            mark,
            words.say(dict(_LEGEND)[mark]),
            9 if mark == "ok" else 0,
            draw.place(spot.lng, spot.lat, listing.regions.get(spot.code, ""), site.map),
        )
        for spot, mark in zip(spots, marks, strict=True)
    ]
    chosen = found[0].code if wanted and len(found) == 1 else ""
    first = asked.page * PAGE
    return {
        "asked": asked,
        "regency": asked.regency or site.regency(),
        "regencies": regencies if several else [],
        "open_count": sum(open_now(spot, now) for spot in spots),
        "all": len(spots),
        "found": len(found),
        "now": now.strftime("%H.%M"),
        "as_of": site.clock.near(listing.made_at),
        "legend": [{"mark": mark, "word": words.say(word), "count": marks.count(mark)} for mark, word in _LEGEND],
        "small": draw.picture(draw.SMALL, site.map, pins, chosen),
        "wide": draw.picture(draw.WIDE, site.map, pins, chosen),
        "spots": [_card(site, listing, spot, now) for spot in found[first : first + PAGE]],
        "before": asked.href(page=asked.page - 1) if asked.page else "",
        "next": asked.href(page=asked.page + 1) if len(found) > first + PAGE else "",
        "data": "/lokasi.geojson" + (f"?{urlencode({'regency': asked.regency})}" if asked.regency else ""),
    }


def _closed(spot: Spot, now: dt.datetime) -> bool:
    return bool(spot.closed_until) and now.date().isoformat() <= spot.closed_until


def _mark(spot: Spot, now: dt.datetime) -> str:
    return "closed" if _closed(spot, now) else _WORKING[spot.working][0]


def _card(site: Site, listing: Listing, spot: Spot, now: dt.datetime) -> dict[str, object]:
    mark, tone, says = _WORKING[spot.working]
    closed = _closed(spot, now)
    until, next_time = hours.until(spot, now), hours.opens_next(spot, now)
    at = draw.place(spot.lng, spot.lat, listing.regions.get(spot.code, ""), None)
    heard = site.clock.wall(spot.heard) if spot.heard else ""
    return {
        "code": spot.code,
        "name": spot.village,
        "district": spot.district,
        "address": spot.address,
        "closed": site.clock.day(spot.closed_until) if closed else "",
        "reason": spot.closed_reason if closed else "",
        "until": until,
        "next": next_time,
        "timed": bool(spot.opening),
        "mark": mark,
        "tone": tone,
        "says": words.say(says),
        "heard": heard,
        "hours": hours_lines(spot.opening),
        "route": f"geo:{at[1]:.6f},{at[0]:.6f}" if at else "",
    }
