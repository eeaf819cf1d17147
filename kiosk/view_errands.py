"""What the window draws of visits that are no application: requirements, locations, the staff's pages."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field

from kiosk import slip, view_sending
from kiosk.hands import Facts
from kiosk.places import places_view
from kiosk.staff import office
from kiosk.staff.porter import Sending
from kiosk.status import DeviceView, PlacesView, Step, VisitView
from kiosk.status_staff import DeviceTestView, StaffView, TrialView
from kiosk.visit import errands, sending, staff
from kiosk.visit.errand import Trial
from kiosk.visit.state import Visit
from wire import faults
from wire.places import Working
from wire.version import VERSION
from wire.words import N_

BULLET = "•"
_PHASES = {
    "starting": N_("Starting"),
    "ready": N_("Ready"),
    "busy": N_("Busy"),
    "needs_attention": N_("Needs a person"),
    "offline": N_("Off"),
    "unknown": N_("Does not answer"),
    "broken": N_("Out of order"),
}
_LINE_DOWN = N_("No line to the office")
_REFUSED = N_("The office refused something")


@dataclass(frozen=True, slots=True)
class Around:
    """What the terminal knows beside the visit. ``devices``: the most urgent first. ``wall``: local time."""

    facts: Facts
    devices: tuple[DeviceView, ...]
    language: str
    wall: dt.datetime
    sending: Sending = field(default_factory=Sending)


def add(view: VisitView, visit: Visit, around: Around) -> VisitView:
    """``view`` with the parts of an errand."""
    errand = visit.errand
    match visit.step:
        case Step.BROWSE_SERVICE if visit.chosen is not None:
            given = visit.given()
            ready = visit.chosen.answered(given)
            listed = slip.text(visit.chosen, given, around.language) if ready else ""
            more = view.question + 1 < len(view.questions) and view.can_next
            slips = {"slip": errand.slip, "slips_left": errands.slips_left(visit), "slip_text": listed}
            return view.model_copy(update={**slips, "can_next": more})
        case Step.LOCATIONS:
            places = _places(visit, around)
            return view.model_copy(update={"places": places, "group": places.group})
        case Step.STAFF_PIN:
            pad = {"field": "pin", "text": BULLET * len(errand.pin), "can_next": staff.can_ask(visit)}
            return view.model_copy(update={**pad, "staff": _staff(visit, around)})
        case _ if visit.step in staff.STEPS | sending.STEPS:
            return view.model_copy(update={"staff": _staff(visit, around)})
        case _:
            return view


def _places(visit: Visit, around: Around) -> PlacesView:
    facts = around.facts
    places, as_of = facts.places or (None, "")
    return places_view(
        places,
        as_of,
        here=facts.identity.code if facts.identity else "",
        works=_works(around),
        now=around.wall,
        language=around.language,
        group=visit.group,
        page=visit.errand.page,
    )


def _works(around: Around) -> Working:
    """How this terminal works by what it sees of itself."""
    online = around.facts.line is not None and around.facts.line.online
    printer = next((device for device in around.devices if device.role == "printer"), None)
    return "works" if online and printer is not None and printer.usable else "limited"


def _staff(visit: Visit, around: Around) -> StaffView:
    """Nothing of the terminal is told before the PIN."""
    facts, errand = around.facts, visit.errand
    if visit.step is Step.STAFF_PIN:
        unset = facts.known and not facts.fault and not facts.pin_set
        return StaffView(pin="unset" if unset else visit.lookup if visit.lookup in ("wrong", "locked", "unset") else "")
    return StaffView(
        devices=_devices(around) if visit.step is Step.STAFF_HOME else (),
        trial=_trial(errand.trial) if errand.trial and visit.step is Step.STAFF_TEST else None,
        queued=facts.queue.queued if facts.queue else 0,
        quarantined=facts.queue.quarantined if facts.queue else 0,
        disk_free=facts.queue.disk_free if facts.queue else 0,
        oldest=facts.queue.oldest if facts.queue else "",
        synced=facts.line.synced if facts.line else "",
        fault=view_sending.queue_fault(facts),
        held=view_sending.held(facts, around.sending),
        sending=view_sending.sending_view(visit, facts, around.sending) if visit.step in sending.STEPS else None,
        version=VERSION,
    )


def _devices(around: Around) -> tuple[DeviceTestView, ...]:
    """Every device, the line and the queue; those that need a person first."""
    rows = [*around.devices, _line(around.facts), _queue(around.facts)]
    tests = {test.role: test for test in around.facts.trials}
    views: list[DeviceTestView] = []
    for row in rows:
        test = tests.get(row.role)
        views.append(
            DeviceTestView(
                role=row.role,
                phase=row.phase,
                faults=row.faults,
                words=_words(row, around.facts),
                tested=test.at if test else "",
                passed=test.passed if test else None,
                testable=row.role in staff.ROLES,
            )
        )
    return tuple(sorted(views, key=lambda view: view.phase in ("ready", "busy")))


def _line(facts: Facts) -> DeviceView:
    return DeviceView(role="line", phase="ready" if facts.line and facts.line.online else "offline")


def _queue(facts: Facts) -> DeviceView:
    if facts.fault or facts.queue is None:
        return DeviceView(role="queue", phase="broken", faults=(facts.fault,) if facts.fault else ())
    full = ("disk_full",) if facts.queue.full else ()
    needs = bool(full or facts.queue.quarantined)
    return DeviceView(role="queue", phase="needs_attention" if needs else "ready", faults=full)


def _words(row: DeviceView, facts: Facts) -> str:
    if known := [words for code in row.faults if (words := faults.staff_words(code))]:
        return known[0]
    if row.role == "line" and row.phase == "offline":
        return office.REASONS.get(facts.line.reason if facts.line else "", _LINE_DOWN)
    if row.role == "queue" and row.phase == "needs_attention":
        return _REFUSED
    return _PHASES.get(row.phase, "")


def _trial(trial: Trial) -> TrialView:
    return TrialView(
        role=trial.role,
        state=trial.state,
        hint=trial.hint,
        ask=trial.ask,
        results=trial.results,
        image=base64.b64encode(trial.image).decode(),
        progress=trial.progress,
        left_s=trial.left_s,
    )
