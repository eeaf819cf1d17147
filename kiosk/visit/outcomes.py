"""What came of the visit's effects. An outcome of another visit, draft, picture or question changes nothing."""

from __future__ import annotations

from dataclasses import replace

from kiosk.status import Step
from kiosk.visit import cards, completing, errands, moves, papers
from kiosk.visit.events import (
    CaptureFailed,
    CardAnswered,
    CardLies,
    CodeSeen,
    Event,
    LookupDone,
    LookupFailed,
    PageFired,
    PageJudged,
    PageSealed,
    PinChecked,
    PrintOutcome,
    ScanMoved,
    SealFailed,
    SendingFailed,
    SlipOutcome,
    SubmitFailed,
    Submitted,
    TrialEnded,
    TrialMoved,
)
from kiosk.visit.moves import NOT_STORED, Moved
from kiosk.visit.state import Judged, Kept, Receipt, Visit
from wire import faults


def came(visit: Visit, event: Event) -> Moved:
    """The visit after an outcome."""
    match event:
        case PageFired() if event.draft == visit.draft:
            return moves.take(visit, event.at, event.jpeg)
        case ScanMoved() if (event.draft, event.shot) == visit.scanning():
            return replace(visit, progress=max(visit.progress, min(event.share, 1.0))), ()
        case PageJudged() | CaptureFailed() if (event.draft, event.shot) == (visit.draft, visit.shot):
            return _judged(visit, event), ()
        case PageSealed() if event.draft == visit.draft:
            return _sealed(visit, event), ()
        case SealFailed() if event.draft == visit.draft and visit.sealing:
            return replace(visit, sealing=False, complaint=_words(event.fault) or NOT_STORED), ()
        case Submitted() if event.draft == visit.draft and not visit.number:
            return _submitted(visit, event)
        case SubmitFailed() if event.draft == visit.draft and visit.submitting:
            complaint = _words(event.fault) or NOT_STORED
            back = replace(visit, submitting=False, parcel=None, step=Step.REVIEW)
            return replace(back, touched=event.at, complaint=complaint), ()
        case SubmitFailed() if event.draft == visit.draft and not visit.number:
            return replace(visit, parcel=None), ()  # it was not waited for any more: nothing of it is stored
        case PrintOutcome() if event.visit == visit.id:
            return printed(visit, event.at, event.job, event.outcome, event.faults), ()
        case LookupDone() | LookupFailed() if (event.visit, event.asked) == (visit.id, visit.asked):
            return _looked_up(visit, event), ()
        case CodeSeen() if event.visit == visit.id and visit.step is Step.STATUS_NUMBER:
            seen = moves.to_nik(visit, event.text)
            return (replace(seen, touched=event.at, warned=0) if seen is not visit else visit), ()
        case CardLies():
            return cards.lies(visit, event.card), ()
        case SlipOutcome() | PinChecked() | TrialMoved() | TrialEnded() | SendingFailed():
            return errands.came(visit, event)
        case CardAnswered():
            return cards.answered(visit, event), ()
        case _:
            return visit, ()


def printed(visit: Visit, at: float, job: int, outcome: str, why: tuple[str, ...]) -> Visit:
    """The visit after a print job ended. A job that is confirmed late closes the question about an earlier one too."""
    old = visit.receipt
    if old is None:
        return visit
    came_out = old.came or outcome == "done"
    now = replace(old, came=came_out, sent=old.sent or outcome in ("done", "doubtful"))
    if job == old.job:
        state = {"done": "done", "doubtful": "doubtful", "none": "none"}.get(outcome, "failed")
        state = "done" if came_out else state
        now = replace(now, state=state, asked=state == "doubtful", faults=() if came_out else why)
        ended = old.state == "printing"
        return replace(visit, receipt=now, step=Step.DONE, touched=at if ended else visit.touched)
    if came_out and old.state != "printing":
        now = replace(now, state="done", asked=False, faults=())
    return replace(visit, receipt=now)


def _judged(visit: Visit, event: PageJudged | CaptureFailed) -> Visit:
    slot = visit.target()
    if not visit.capturing or slot is None:
        return visit
    visit = replace(visit, capturing=False, touched=event.at, warned=0)
    if isinstance(event, CaptureFailed):
        return replace(visit, complaint=_words(event.fault))
    return replace(visit, judged=Judged(slot, event.ok, event.reason, event.image, event.media_type, event.thumb))


def _sealed(visit: Visit, event: PageSealed) -> Visit:
    judged = visit.judged
    if not visit.sealing or judged is None or (judged.slot.paper, judged.slot.page) != (event.paper, event.page):
        return visit
    others = tuple(k for k in visit.kept if (k.paper, k.page) != (event.paper, event.page))
    kept = (*others, Kept(event.paper, event.page, judged.thumb))
    visit = papers.here(replace(visit, kept=kept), event.paper, event.page)
    visit = replace(visit, judged=None, sealing=False, redo=None, touched=event.at, complaint="")
    return visit if visit.target() else replace(visit, step=Step.REVIEW)


def _submitted(visit: Visit, event: Submitted) -> Moved:
    # It may come after its limit, when the resident was already told to try again: it is sent all the same.
    receipt = Receipt()
    visit = replace(
        visit,
        step=Step.SENDING,
        number=event.number,
        submitting=False,
        capturing=False,
        sealing=False,
        judged=None,
        redo=None,
        asking_missing="",
        complaint="",
        receipt=receipt,
        waiting=event.at,
        touched=event.at,
        warned=0,
    )
    return visit, (moves.job_of(visit, receipt),)


def _looked_up(visit: Visit, event: LookupDone | LookupFailed) -> Visit:
    if visit.lookup != "busy":
        return visit
    visit = replace(visit, touched=event.at, warned=0)
    if isinstance(event, LookupFailed):
        return replace(visit, lookup="", complaint=_words(event.fault))
    answer = event.answer
    match answer.result:
        case "found" if answer.trail is not None:
            more = completing.todo(answer.trail)  # what is added is sealed with the NIK just typed
            visit = visit if more else moves.without(visit, "nik")
            return replace(visit, step=Step.STATUS_RESULT, lookup="", trail=answer.trail)
        case "locked":
            return replace(moves.without(visit, "nik"), lookup="locked", locked_until=event.at + answer.lock_s)
        case "wrong":
            return replace(moves.without(visit, "nik"), lookup="wrong")
        case _:
            return replace(visit, lookup="missing")


def _words(fault: str) -> str:
    entry = faults.catalogue().get(fault)
    return entry.resident if entry else ""
