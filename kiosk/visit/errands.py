"""Visits that are no application: the list of requirements, the locations, and the way into the staff's pages."""

from __future__ import annotations

from dataclasses import replace

from kiosk import intents
from kiosk.status import Step
from kiosk.visit import questions, sending, staff
from kiosk.visit.delays import Delays
from kiosk.visit.effects import Effect, How, Leave, PrintSlip
from kiosk.visit.errand import Errand
from kiosk.visit.events import PinChecked, Said, SendingFailed, SlipOutcome, TrialEnded, TrialMoved
from kiosk.visit.state import Kind, Visit
from wire.service import offered

MOST_SLIPS = 3
"""Slips that one visit may print: paper is for receipts."""
STEPS = frozenset({Step.BROWSE, Step.BROWSE_SERVICE, Step.LOCATIONS}) | staff.STEPS | sending.STEPS
FIRST = {Kind.BROWSE: Step.BROWSE, Kind.LOCATIONS: Step.LOCATIONS, Kind.STAFF: Step.STAFF_PIN}
_LISTS = (Step.BROWSE, Step.LOCATIONS)

_Moved = tuple[Visit | None, tuple[Effect, ...]]


def said(visit: Visit, event: Said) -> _Moved:
    """The visit after a word on one of ``STEPS``."""
    visit = replace(visit, complaint="")
    errand = visit.errand
    match event.intent:
        case intents.Cancel():
            return _leave("cancelled")
        case intents.End():
            return _leave("done")
        case intents.Back() if visit.step in (*_LISTS, Step.STAFF_PIN, Step.STAFF_HOME):
            return _leave("done")
        case intents.ChooseGroup() if visit.step in _LISTS:
            return replace(visit, group=event.intent.group, errand=replace(errand, page=0)), ()
        case intents.TurnPage() if visit.step in _LISTS:
            return replace(visit, errand=replace(errand, page=errand.page + event.intent.by)), ()
        case intents.ChooseService() if visit.step is Step.BROWSE and event.intent.code in offered():
            fresh = replace(visit, service=event.intent.code, step=Step.BROWSE_SERVICE, choices=(), question=0)
            return _unprinted(fresh), ()
        case _ if visit.step is Step.BROWSE_SERVICE:
            return _papers(visit, event)
        case _ if visit.step in sending.STEPS or isinstance(event.intent, intents.OpenStaff):
            return sending.said(visit, event)
        case _ if visit.step in staff.STEPS:
            return staff.said(visit, event)
        case _:
            return visit, ()


def came(
    visit: Visit, event: SlipOutcome | PinChecked | TrialMoved | TrialEnded | SendingFailed
) -> tuple[Visit, tuple[Effect, ...]]:
    """The visit after an outcome. A slip that is confirmed late was printed all the same."""
    if event.visit != visit.id:
        return visit, ()
    if isinstance(event, SendingFailed):
        return sending.came(visit, event), ()
    if not isinstance(event, SlipOutcome):
        return staff.came(visit, event)
    errand = visit.errand
    if event.job != errand.slips or errand.slip not in ("printing", "failed"):
        return visit, ()
    state = "done" if event.outcome == "done" else "failed"
    return replace(visit, touched=event.at, errand=replace(errand, slip=state)), ()


def limit(visit: Visit, at: float, delays: Delays) -> tuple[Visit, tuple[Effect, ...]]:
    """End the waits of an errand that took too long."""
    errand = visit.errand
    if errand.slip == "printing" and at - errand.slip_since > delays.print:
        return replace(visit, errand=replace(errand, slip="failed")), ()
    return staff.limit(visit, at, delays.trial)


def can_print(visit: Visit) -> bool:
    """True when the list is complete and may be printed (once more)."""
    errand, service = visit.errand, visit.chosen
    ready = visit.step is Step.BROWSE_SERVICE and service is not None and service.answered(visit.given())
    return ready and errand.slip != "printing" and bool(slips_left(visit))


def slips_left(visit: Visit) -> int:
    """Slips that the visit may still print."""
    return max(0, MOST_SLIPS - visit.errand.slips)


def _papers(visit: Visit, event: Said) -> _Moved:
    """The requirements of one service: its questions, the slip, and on to its application."""
    errand = visit.errand
    match event.intent:
        case intents.Back():
            return questions.backward(visit) or _unprinted(replace(visit, step=Step.BROWSE)), ()
        case intents.Answer():
            answered = questions.answer(visit, event.intent.question, event.intent.answer)
            return (_unprinted(answered) if answered.given() != visit.given() else visit), ()
        case intents.Next():
            return questions.onward(visit) or visit, ()
        case intents.PrintSlip() if can_print(visit):
            job = errand.slips + 1
            printing = replace(errand, slip="printing", slips=job, slip_since=event.at)
            answers = tuple(visit.given().items())
            return replace(visit, errand=printing), (PrintSlip(visit.id, job, visit.service, answers),)
        case intents.Apply():
            return _applied(visit), ()
        case _:
            return visit, ()


def _applied(visit: Visit) -> Visit:
    """The application of the service that was looked at: past its questions when all have their answers."""
    asked, given = visit.questions(), visit.given()
    unsaid = next((index for index, question in enumerate(asked) if question.id not in given), None)
    last = max(0, len(asked) - 1)
    step = Step.PRIVACY if unsaid is None else Step.REQUIREMENTS
    question = last if unsaid is None else unsaid
    return replace(visit, kind=Kind.APPLY, step=step, question=question, errand=Errand())


def _unprinted(visit: Visit) -> Visit:
    """What was printed was another list."""
    return replace(visit, errand=replace(visit.errand, slip=""))


def _leave(how: How) -> _Moved:
    return None, (Leave(how, ""),)
