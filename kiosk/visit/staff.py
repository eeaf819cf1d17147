"""The staff's pages: a PIN, the list of devices, one test at a time."""

from __future__ import annotations

from dataclasses import replace

from kiosk import intents
from kiosk.status import Step
from kiosk.visit.effects import CheckPin, Effect, RecordTrial, RunTrial, StopTrial
from kiosk.visit.errand import Rows, Trial
from kiosk.visit.events import Event, PinChecked, Said, TrialEnded, TrialMoved
from kiosk.visit.state import Visit
from wire.pin import LONGEST, SHORTEST
from wire.words import N_

STEPS = frozenset({Step.STAFF_PIN, Step.STAFF_HOME, Step.STAFF_TEST})
ROLES = ("printer", "camera", "scanner", "card", "code", "line", "queue")
"""What can be tested."""
_NOT_CHECKED = N_("The PIN could not be checked. Please try again.")
_NO_ANSWER = N_("No answer came. Please try again.")

_Moved = tuple[Visit, tuple[Effect, ...]]


def said(visit: Visit, event: Said) -> _Moved:
    """The visit after a word on one of ``STEPS``; ``errands`` has taken those that end it."""
    trial = visit.errand.trial
    match event.intent:
        case intents.Key() if visit.step is Step.STAFF_PIN and visit.lookup != "busy":
            return _typed(visit, event.intent.key), ()
        case intents.Next() if can_ask(visit):
            asked, pin = visit.asked + 1, visit.errand.pin
            waiting = replace(_with_pin(visit, ""), lookup="busy", asked=asked, waiting=event.at)
            return waiting, (CheckPin(visit.id, asked, pin),)
        case intents.Back() if visit.step is Step.STAFF_TEST:
            return replace(visit, step=Step.STAFF_HOME, errand=replace(visit.errand, trial=None)), ()
        case intents.TestDevice() if _can_test(visit, event.intent.role):
            number = visit.errand.tests + 1
            errand = replace(visit.errand, tests=number, trial=Trial(event.intent.role, number, event.at))
            run = RunTrial(visit.id, number, event.intent.role)
            return replace(visit, step=Step.STAFF_TEST, errand=errand), (run,)
        case intents.TestAnswer() if trial is not None and trial.state == "asking":
            mark = "ok" if event.intent.yes else "bad"
            said_so = (trial.ask, N_("Yes") if event.intent.yes else N_("No"), mark)
            return _ended(visit, trial, event.intent.yes, (*trial.results, said_so))
        case _:
            return visit, ()


def came(visit: Visit, event: PinChecked | TrialMoved | TrialEnded) -> _Moved:
    """The visit after an outcome; one of another PIN or test changes nothing."""
    trial = visit.errand.trial
    match event:
        case PinChecked() if visit.step is Step.STAFF_PIN and visit.lookup == "busy" and event.asked == visit.asked:
            return _checked(replace(visit, touched=event.at, warned=0), event), ()
        case TrialMoved() if trial is not None and running(visit) == event.asked:
            progress = max(trial.progress, min(event.progress, 1.0))
            return _with(visit, replace(trial, hint=event.hint, progress=progress, left_s=event.left_s)), ()
        case TrialEnded() if trial is not None and running(visit) == event.asked:
            visit = replace(visit, touched=event.at, warned=0)
            trial = replace(trial, image=event.image)
            if event.passed is not None:
                return _ended(visit, trial, event.passed, event.results)
            asking = replace(trial, state="asking", ask=event.ask, results=event.results, hint="", left_s=0)
            return _with(visit, asking), ()
        case _:
            return visit, ()


def follow(before: Visit | None, after: Visit | None, event: Event) -> tuple[Effect, ...]:
    """Stop the test that nobody waits for any more."""
    was = running(before) if before else 0
    still = running(after) if after else 0
    if before is None or not was or was == still or isinstance(event, TrialEnded):
        return ()
    return (StopTrial(before.id, was),)


def limit(visit: Visit, at: float, seconds: float) -> _Moved:
    """A test that took longer than ``seconds`` has failed."""
    trial = visit.errand.trial
    if trial is None or not running(visit) or at - trial.since <= seconds:
        return visit, ()
    return _ended(visit, trial, False, ((_NO_ANSWER, "", "bad"),))


def running(visit: Visit) -> int:
    """Number of the test that runs, or 0."""
    trial = visit.errand.trial
    return trial.asked if trial is not None and trial.state == "running" else 0


def can_ask(visit: Visit) -> bool:
    """True when the PIN is long enough to be asked about, and nothing stands against it."""
    free = visit.step is Step.STAFF_PIN and visit.lookup not in ("busy", "locked")
    return free and len(visit.errand.pin) >= SHORTEST


def _can_test(visit: Visit, role: str) -> bool:
    return visit.step in (Step.STAFF_HOME, Step.STAFF_TEST) and not running(visit) and role in ROLES


def _typed(visit: Visit, key: str) -> Visit:
    pin = visit.errand.pin
    if key == "clear":
        pin = ""
    elif key == "back":
        pin = pin[:-1]
    elif len(key) == 1 and key in "0123456789" and len(pin) < LONGEST:
        pin += key
    # A lock stands until its time is over; another verdict was about the digits as they were.
    return replace(_with_pin(visit, pin), lookup="locked" if visit.lookup == "locked" else "")


def _checked(visit: Visit, event: PinChecked) -> Visit:
    match event.result:
        case "right":
            return replace(visit, lookup="", step=Step.STAFF_HOME)
        case "locked":
            return replace(visit, lookup="locked", locked_until=event.at + event.lock_s)
        case "wrong" | "unset":
            return replace(visit, lookup=event.result)
        case _:
            return replace(visit, lookup="", complaint=_NOT_CHECKED)


def _ended(visit: Visit, trial: Trial, passed: bool, results: Rows) -> _Moved:
    state = "passed" if passed else "failed"
    ended = replace(trial, state=state, results=results, hint="", ask="", progress=1.0, left_s=0)
    return _with(visit, ended), (RecordTrial(trial.role, passed, results),)


def _with(visit: Visit, trial: Trial) -> Visit:
    return replace(visit, errand=replace(visit.errand, trial=trial))


def _with_pin(visit: Visit, pin: str) -> Visit:
    return replace(visit, errand=replace(visit.errand, pin=pin))
