"""The staff's pages about sending: the overview with its switch, what the office refused, and the USB courier.

What runs there (a copy to a stick above all) belongs to the terminal and not to the visit: the pages may be left, and
whoever comes back finds it as it then stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kiosk import intents
from kiosk.status import Step
from kiosk.visit.effects import (
    Effect,
    ForgetCourier,
    HoldSending,
    LookAtSending,
    RunCourier,
    SendAgain,
    TryLine,
)
from kiosk.visit.events import Event, Said, SendingFailed, Tick
from kiosk.visit.state import Visit
from wire import faults
from wire.words import N_

STEPS = frozenset({Step.STAFF_SEND, Step.STAFF_REFUSED, Step.STAFF_COURIER})
_WATCHED = STEPS | {Step.STAFF_HOME}
_PAGES = {"send": Step.STAFF_SEND, "refused": Step.STAFF_REFUSED, "courier": Step.STAFF_COURIER}
_MORE: dict[Step, Literal["refused", "stick"]] = {Step.STAFF_REFUSED: "refused", Step.STAFF_COURIER: "stick"}
_FAILED = N_("It did not work. Please try again.")

_Moved = tuple[Visit, tuple[Effect, ...]]


def said(visit: Visit, event: Said) -> _Moved:
    """The visit after a word on one of ``STEPS``, or after one that leads there; ``errands`` took those that end it."""
    match event.intent:
        case intents.OpenStaff() if _leads(visit.step, event.intent.page):
            return replace(visit, step=_PAGES[event.intent.page], errand=replace(visit.errand, page=0)), ()
        case intents.Back() if visit.step is Step.STAFF_SEND:
            return replace(visit, step=Step.STAFF_HOME), ()
        case intents.Back() if visit.step in STEPS:
            left = (ForgetCourier(),) if visit.step is Step.STAFF_COURIER else ()
            return replace(visit, step=Step.STAFF_SEND), left
        case intents.Hold() if visit.step is Step.STAFF_SEND:
            return visit, (HoldSending(visit.id, event.intent.on),)
        case intents.TryLine() if visit.step is Step.STAFF_SEND:
            return visit, (TryLine(visit.id),)
        case intents.SendAgain() if visit.step is Step.STAFF_REFUSED:
            return visit, (SendAgain(visit.id),)
        case intents.TurnPage() if visit.step is Step.STAFF_REFUSED:
            return replace(visit, errand=replace(visit.errand, page=visit.errand.page + event.intent.by)), ()
        case intents.Courier() if visit.step is Step.STAFF_COURIER:
            return visit, (RunCourier(event.intent.act),)
        case _:
            return visit, ()


def came(visit: Visit, event: SendingFailed) -> Visit:
    """The visit after something that staff asked for did not work."""
    if visit.step not in STEPS:
        return visit
    return replace(visit, complaint=faults.staff_words(event.fault) or _FAILED, touched=event.at, warned=0)


def follow(before: Visit | None, after: Visit | None, event: Event) -> tuple[Effect, ...]:
    """Look how sending stands when such a page opens, and each second while it is there."""
    if after is None or after.step not in _WATCHED:
        return ()
    opened = before is None or before.step is not after.step
    return (LookAtSending(_MORE.get(after.step, "")),) if opened or isinstance(event, Tick) else ()


def _leads(step: Step, page: str) -> bool:
    return step is (Step.STAFF_HOME if page == "send" else Step.STAFF_SEND)
