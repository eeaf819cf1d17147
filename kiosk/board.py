"""The whole status for the window, from the visit and from what the terminal knows of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kiosk import view_errands
from kiosk.hands import Facts
from kiosk.roster import Roster
from kiosk.staff.porter import Sending
from kiosk.status import KioskStatus, LineView, LiveView, PlaceView, VisitView
from kiosk.view import visit_view
from kiosk.visit.state import Visit
from wire.service import offered


@dataclass(slots=True)
class Looks:
    """What a resident may set on any screen."""

    language: str
    text_step: int = 0
    contrast: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """``now``: monotonic seconds, ``wall``: local time. ``number``: what the idle screen goes on showing, or "".

    ``officer``: the officer was called. ``feeder``: the scanner takes sheets one by one. ``sending``: for staff.
    """

    facts: Facts
    sending: Sending
    roster: Roster
    looks: Looks
    languages: tuple[str, ...]
    visit: Visit | None
    live: LiveView | None
    number: str
    officer: bool
    feeder: bool
    now: float
    wall: dt.datetime


def status_of(scene: Scene, rev: int) -> KioskStatus:
    """What the window draws of ``scene``."""
    facts, visit, looks = scene.facts, scene.visit, scene.looks
    identity, line = facts.identity, facts.line
    devices = scene.roster.views()
    view: VisitView | None = None
    if visit is not None:
        view = visit_view(visit, scene.live, scene.now, feeder=scene.feeder)
        view = view_errands.add(
            view, visit, view_errands.Around(facts, devices, looks.language, scene.wall, scene.sending)
        )
    return KioskStatus(
        rev=rev,
        ready=facts.known,
        place=PlaceView(**identity.place.model_dump()) if identity else PlaceView(),
        code=identity.code if identity else "",
        language=looks.language,
        languages=scene.languages,
        text_step=looks.text_step,
        contrast=looks.contrast,
        line=LineView(
            online=line.online if line else False,
            reason=line.reason if line else "",
            queued=facts.queue.queued if facts.queue else 0,
        ),
        devices=devices,
        services=offered(),
        closed=facts.closed,
        officer_called=scene.officer,
        timeout_s=visit.warned if visit else 0,
        last_number=scene.number if visit is None else "",
        visit=view,
    )
