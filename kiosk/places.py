"""The locations screen from the office's list: what is open now, how far it is, nearest first.

Hours are local time and ``now`` is given, so that a test can choose it; a wrong clock shows a wrong "open" and no more.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter

from kiosk.status import PlacesView, SpotView
from wire.places import Places, Spot, Working, distance_m, hours_lines, open_now

PAGE = 8
"""Terminals on one page."""


def places_view(
    places: Places | None,
    as_of: str,
    *,
    here: str,
    works: Working,
    now: dt.datetime,
    language: str,
    group: str = "",
    page: int = 0,
) -> PlacesView:
    """The page of the chosen district.

    ``here``: code of this terminal; ``works``: how it works by its own devices and line, whatever the office last
    heard. ``group``: a district of the list, else this terminal's own one, else the first. ``page``: counts round.
    """
    spots = places.spots if places is not None else ()
    if not spots:
        return PlacesView(as_of=as_of)
    own = next((spot for spot in spots if spot.code == here), None)
    counts = Counter(spot.district for spot in spots)
    groups = tuple((name, counts[name]) for name in sorted(counts))
    if group not in counts:
        group = own.district if own is not None else groups[0][0]
    shown = sorted((spot for spot in spots if spot.district == group), key=lambda spot: _order(spot, own))
    pages = math.ceil(len(shown) / PAGE)
    page %= pages
    views = tuple(_view(spot, own, works, now, language) for spot in shown[page * PAGE : (page + 1) * PAGE])
    return PlacesView(as_of=as_of, groups=groups, group=group, spots=views, page=page, pages=pages)


def _order(spot: Spot, own: Spot | None) -> tuple[float, str, str]:
    """This terminal, then the nearest; those of unknown place by name at the end."""
    if own is None:
        return 0.0, spot.village, spot.code
    far = distance_m(own, spot)
    return -1.0 if spot.code == own.code else math.inf if far is None else far, spot.village, spot.code


def _view(spot: Spot, own: Spot | None, works: Working, now: dt.datetime, language: str) -> SpotView:
    here = own is not None and spot.code == own.code
    far = distance_m(own, spot) if own is not None else None
    state, until = _state(spot, works if here else spot.working, now)
    return SpotView(
        code=spot.code,
        village=spot.village,
        district=spot.district,
        office=spot.office,
        address=spot.address,
        state=state,
        until=until,
        reason=spot.closed_reason if state == "closed" else "",
        distance_m=-1 if far is None else far,
        here=here,
        hours=hours_lines(spot.opening, language),
    )


def _state(spot: Spot, working: Working, now: dt.datetime) -> tuple[str, str]:
    """State and ``until`` as in ``SpotView``. One of unknown hours, or that is out of order, is never called open."""
    if spot.closed_until and now.date().isoformat() <= spot.closed_until:
        return "closed", spot.closed_until
    if spot.opening and not open_now(spot, now):
        return "shut", ""
    if working == "down":
        return "closed", ""
    if working == "unknown" or not spot.opening:
        return "unknown", ""
    return "open" if working == "works" else "later", _closes(spot, now)


def _closes(spot: Spot, now: dt.datetime) -> str:
    """When it closes, of the hours that run now."""
    time = now.strftime("%H:%M")
    running = (each for each in spot.opening if now.weekday() in each.days and each.opens <= time < each.closes)
    return max((each.closes for each in running), default="")
