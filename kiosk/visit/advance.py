"""The visit as a pure function: ``advance(visit, event) -> (visit, effects)``.

It reads no clock, opens nothing and never raises: a word or an outcome that does not fit the step is ignored.
"""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.status import Step
from kiosk.visit import cards, errands, moves, outcomes, sending, staff
from kiosk.visit.delays import DELAYS, Delays
from kiosk.visit.effects import Effect, SetCamera, StopScan
from kiosk.visit.events import Begun, CaptureFailed, Event, PageJudged, Said, Tick
from kiosk.visit.moves import NOT_STORED, Moved, leave
from kiosk.visit.state import NIK_REPAIR, Kind, Sight, Visit
from wire.service import offered
from wire.words import N_

_FIRST = {Kind.APPLY: Step.SERVICE, Kind.NIK: Step.REQUIREMENTS, Kind.STATUS: Step.STATUS_NUMBER} | errands.FIRST
_NO_ANSWER = N_("No answer came. Please try again.")


def advance(visit: Visit | None, event: Event, delays: Delays = DELAYS) -> Moved:
    """The visit after ``event`` (None: there is none), and what is to be done, in order."""
    after, effects = _after(visit, event, delays)
    if after is not None:
        after, asking = cards.follow(visit, after, event.at)
        effects = (*effects, *asking)
    was, scan = (v.scanning() if v else None for v in (visit, after))
    if was is not None and was != scan and not isinstance(event, PageJudged | CaptureFailed):
        effects = (StopScan(*was), *effects)
    effects = (*staff.follow(visit, after, event), *effects, *sending.follow(visit, after, event))
    effects = (*effects, *moves.prepared(visit, after))
    before, sight = (v.sight() if v else Sight.OFF for v in (visit, after))
    if sight is not before:
        effects = (SetCamera(sight), *effects)
    return after, effects


def _after(visit: Visit | None, event: Event, delays: Delays) -> Moved:
    match event:
        case Begun() if visit is None:
            return _begun(event), ()
        case _ if visit is None:
            return None, ()
        case Begun():
            return visit, ()
        case Said():
            return moves.said(visit, event)
        case Tick():
            return _time(visit, event.at, delays)
        case _:
            return outcomes.came(visit, event)


def _begun(event: Begun) -> Visit | None:
    """The new visit; None: NIK repair, where this district does not offer it."""
    if event.kind is Kind.NIK and NIK_REPAIR not in offered():
        return None
    only = event.sources[0] if len(event.sources) == 1 else ""
    step, service = _FIRST[event.kind], NIK_REPAIR if event.kind is Kind.NIK else ""
    return Visit(event.id, event.kind, step, event.today, event.at, service=service, sources=event.sources, source=only)


def _time(visit: Visit, at: float, delays: Delays) -> Moved:
    visit, effects = _limits(visit, at, delays)
    printing = visit.receipt is not None and visit.receipt.state == "printing"
    if visit.step is Step.SENDING or printing or visit.scanning() or staff.running(visit):
        return replace(visit, touched=at), effects  # the kiosk works, not the resident: its own limits count
    quiet = at - visit.touched
    patience = delays.done if visit.step is Step.DONE else delays.idle
    left = patience + delays.warning - quiet
    if left <= 0:
        after, leaving = leave(visit, "timed_out")
        return after, (*effects, *leaving)
    return replace(visit, warned=math.ceil(left) if quiet >= patience else 0), effects


def _limits(visit: Visit, at: float, delays: Delays) -> tuple[Visit, tuple[Effect, ...]]:
    """End the waits that took too long. What comes later still counts where it may."""
    took = at - visit.waiting
    if visit.capturing and took > (delays.scan if visit.scanning() else delays.capture):
        return replace(visit, capturing=False, complaint=_NO_ANSWER), ()
    if visit.submitting and took > delays.submit:
        return replace(visit, submitting=False, step=Step.REVIEW, complaint=NOT_STORED, touched=at), ()
    if visit.lookup == "busy" and took > delays.lookup:
        return replace(visit, lookup="", asked=visit.asked + 1, complaint=_NO_ANSWER), ()
    if visit.lookup == "locked" and at >= visit.locked_until:
        return replace(visit, lookup=""), ()
    if visit.receipt and visit.receipt.state == "printing" and took > delays.print:
        return outcomes.printed(visit, at, visit.receipt.job, "doubtful", ()), ()
    visit, ended = errands.limit(visit, at, delays)
    return cards.limit(visit, at, delays.card), ended
