"""What the tests of errands share: the status of a journey, and made-up facts of a terminal."""

from __future__ import annotations

import datetime as dt

from kiosk.board import Looks, Scene, status_of
from kiosk.hands import Facts
from kiosk.roster import Roster
from kiosk.staff.porter import Sending
from kiosk.status import KioskStatus, VisitView
from kiosk.visit import effects
from offline_cache.api import LineState, QueueState, TrialRecord
from tests.kiosk.journey import Journey

PIN = "271828"
WALL = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
FACTS = Facts(
    known=True,
    queue=QueueState(3, 0, 9, 12_000_000_000, False, "2026-11-24T01:00:00+00:00"),
    line=LineState(False, "no_link"),
    pin_set=True,
    trials=(TrialRecord("line", "2026-11-23T01:00:00+00:00", False),),
)
ROWS = (("A page was found", "Yes", "ok"),)


def status(journey: Journey, facts: Facts = FACTS, language: str = "id", sending: Sending | None = None) -> KioskStatus:
    sending = sending or Sending()
    scene = Scene(
        facts,
        sending,
        Roster(()),
        Looks(language),
        ("id", "en"),
        journey.visit,
        None,
        "",
        False,
        False,
        journey.at,
        WALL,
    )
    return status_of(scene, 0)


def view(journey: Journey, facts: Facts = FACTS, language: str = "id", sending: Sending | None = None) -> VisitView:
    shown = status(journey, facts, language, sending).visit
    assert shown is not None
    return shown


def kinds(found: tuple[effects.Effect, ...]) -> list[str]:
    """The names of the effects; the look each second how sending stands is not among them."""
    return [type(effect).__name__ for effect in found if not isinstance(effect, effects.LookAtSending)]
