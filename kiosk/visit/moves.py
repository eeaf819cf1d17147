"""What the resident's words do to a visit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kiosk import intents, pads
from kiosk.pads import NIK
from kiosk.status import Step
from kiosk.visit import cards, completing, errands, papers, questions
from kiosk.visit.effects import (
    Abandon,
    Effect,
    How,
    JudgePage,
    Leave,
    Lookup,
    Prepare,
    PreparePage,
    PrintReceipt,
    ScanPage,
    SealPage,
    Settle,
    Submit,
)
from kiosk.visit.events import Said
from kiosk.visit.state import CAMERA, SCANNER, Kind, Parcel, Receipt, Visit
from wire.number import Number, NumberError
from wire.service import GROUPS, offered
from wire.words import N_

Moved = tuple[Visit | None, tuple[Effect, ...]]

NOT_STORED = N_("It is not stored yet. Please try again or call the staff.")

# Back, where it is simply the step before; the first step ends the visit, the others are below.
_BEFORE = {
    Step.PRIVACY: Step.REQUIREMENTS,
    Step.NIK: Step.PRIVACY,
}


def said(visit: Visit, event: Said) -> Moved:
    """The visit after a word. Any word shows that somebody is there and takes the time-out warning away."""
    if isinstance(event.intent, intents.Alive):
        return visit, ()
    warned = visit.warned > 0
    visit = replace(visit, touched=event.at, warned=0)
    if visit.step in errands.STEPS:
        return errands.said(visit, event)
    match event.intent:
        case intents.Cancel() | intents.End() if warned:
            return leave(visit, "done" if _finished(visit) else "cancelled")
        case intents.Cancel() if visit.step not in (Step.SENDING, Step.DONE):
            return leave(visit, "cancelled")
        case intents.End() if _finished(visit):
            return leave(visit, "done")
        case intents.Back() if not busy(visit):
            return _back(visit)
        case intents.Next() if not busy(visit):
            return _next(visit, event.at)
        case intents.ChooseService() if visit.step is Step.SERVICE:
            return _choose(visit, event.intent.code)
        case intents.ChooseGroup() if visit.step is Step.SERVICE and event.intent.group in GROUPS:
            return replace(visit, group=event.intent.group), ()
        case intents.Answer() if visit.step is Step.REQUIREMENTS:
            return questions.answer(visit, event.intent.question, event.intent.answer), ()
        case intents.Complete() if visit.step is Step.STATUS_RESULT:
            return completing.begin(visit), ()
        case intents.Pick():
            return _pick(visit, event.intent.option), ()
        case intents.Key() if not busy(visit):
            return _key(visit, event.intent.key), ()
        case intents.RememberCard():
            return cards.remember(visit, event.at)
        case intents.ForgetCard():
            return cards.forget(visit, event.at)
        case _:
            return _scan_and_send(visit, event)


def _scan_and_send(visit: Visit, event: Said) -> Moved:
    match event.intent:
        case intents.Shutter():
            return take(visit, event.at, None)
        case intents.ChooseSource():
            return _source(visit, event.intent.source), ()
        case intents.StopScan() if visit.scanning():
            return replace(visit, capturing=False), ()
        case intents.Keep() if visit.judged is not None and visit.judged.ok and not busy(visit):
            judged, slot = visit.judged, visit.judged.slot
            number = visit.completes[1] if visit.completes else ""
            nik = visit.answer(NIK.id).strip()
            seal = SealPage(visit.draft, slot.paper, slot.page, judged.image, judged.media_type, nik, number)
            return replace(visit, sealing=True, complaint=""), (seal,)
        case intents.Retake() if visit.judged is not None and not busy(visit):
            return replace(visit, judged=None, complaint=""), ()
        case intents.NotHere():
            return papers.not_here(visit), ()
        case intents.SendWithout():
            return papers.send_without(visit, event.intent.yes), ()
        case intents.Redo() if visit.step is Step.REVIEW:
            return papers.redo(visit, event.intent.paper, event.intent.page), ()
        case intents.Send() if can_send(visit):
            return _send(visit, event.at)
        case intents.Reprint() if visit.step is Step.DONE:
            return print_again(visit, event.at)
        case intents.ReceiptCame() if visit.receipt is not None and visit.receipt.asked:
            if not event.intent.yes:
                return print_again(visit, event.at)
            return replace(visit, receipt=replace(visit.receipt, state="done", came=True, asked=False, faults=())), ()
        case _:
            return visit, ()


def busy(visit: Visit) -> bool:
    """True while a piece of work runs that the resident must wait for."""
    return visit.sealing or visit.submitting or visit.lookup == "busy"


def can_send(visit: Visit) -> bool:
    """True when every side is kept or its paper left out, some side is kept, and nothing was sent yet."""
    whole = visit.step is Step.REVIEW and visit.target() is None and bool(visit.kept)
    return whole and not busy(visit) and not visit.number


def prepared(was: Visit | None, now: Visit | None) -> tuple[Effect, ...]:
    """What can be kept or sent now and could not before: it is prepared while the resident looks at it.

    Not with pages that are to be left out: those are removed only once it is sent.
    """
    if now is None:
        return ()
    judged = now.judged
    if judged is not None and judged.ok and (was is None or was.judged is not judged):
        return (PreparePage(now.draft, judged.image),)
    if not can_send(now) or now.dropped:
        return ()
    send = _outgoing(now)
    return () if was is not None and can_send(was) and _outgoing(was) == send else (Prepare(send),)


def can_back(visit: Visit) -> bool:
    """True until it is sent."""
    return visit.step not in (Step.SENDING, Step.DONE) and not busy(visit)


def checked(visit: Visit) -> pads.Check:
    """What can be said about the text of this step's pad; nothing where there is no pad."""
    field = visit.field()
    return pads.check(field, visit.answer(field.id), visit.today) if field else pads.Check()


def leave(visit: Visit, how: How) -> Moved:
    """End the visit. What was sent stays; what was not is removed."""
    if not visit.number:
        gone = (Abandon(visit.draft),) if visit.kind in (Kind.APPLY, Kind.NIK) or visit.completes else ()
        return None, (*gone, Leave(how, ""))
    if how == "timed_out" and not (visit.receipt and visit.receipt.came):
        return None, (Leave(how, visit.number),)
    return None, (Settle(visit.number), Leave(how, ""))


def take(visit: Visit, at: float, jpeg: bytes | None) -> Moved:
    """Take the side that is next, with what is in use. ``jpeg``: this picture of the camera, or None for the newest."""
    slot = visit.target()
    if visit.step is not Step.SCAN or visit.judged or visit.capturing or visit.asking_missing or slot is None:
        return visit, ()
    if visit.source != CAMERA and (visit.source != SCANNER or jpeg is not None):
        return visit, ()
    shot = visit.shot + 1
    waiting = replace(visit, shot=shot, capturing=True, progress=0.0, waiting=at, complaint="")
    if visit.source == SCANNER:
        return waiting, (ScanPage(visit.draft, shot, slot.paper, slot.page, slot.shape),)
    return waiting, (JudgePage(visit.draft, shot, slot.paper, slot.page, slot.shape, jpeg),)


def print_again(visit: Visit, at: float) -> Moved:
    """One more job of the receipt: SALINAN if paper may have come out before. Not while one is running."""
    old = visit.receipt
    if old is None or old.state == "printing":
        return visit, ()
    copies = old.copies + (1 if old.sent else 0)
    new = replace(old, state="printing", job=old.job + 1, copies=copies, faults=(), asked=False)
    return replace(visit, receipt=new, waiting=at), (job_of(visit, new),)


def job_of(visit: Visit, receipt: Receipt) -> PrintReceipt:
    """The print job of a receipt: the papers that are here, and those to come."""
    parcel = visit.parcel or packed(visit)
    return PrintReceipt(
        visit.id,
        visit.number,
        visit.service,
        parcel.pages,
        receipt.job,
        receipt.sent,
        missing=parcel.missing,
        completes=visit.completes is not None,
    )


def packed(visit: Visit) -> Parcel:
    """What goes when "Kirim" is pressed now."""
    counts = Counter(slot.paper for slot in visit.slots() if visit.kept_page(slot))
    return Parcel(tuple(counts.items()), visit.missing)


def to_nik(visit: Visit, number: str) -> Visit:
    """ "Cek status" with a number in hand: on to the second fact. A text that is no number changes nothing."""
    try:
        tidy = str(Number.parse(number))
    except NumberError:
        return visit
    return replace(_answered(visit, "number", tidy), step=Step.STATUS_NIK, lookup="", complaint="")


def without(visit: Visit, field_id: str) -> Visit:
    """The visit without the answer of a field."""
    return replace(visit, answers=tuple(pair for pair in visit.answers if pair[0] != field_id))


def _source(visit: Visit, source: str) -> Visit:
    """The pages with another device from now on; a page that was just taken, but not kept, is asked for again."""
    fits = visit.step is Step.SCAN and source in visit.sources and source != visit.source
    if not fits or visit.capturing or visit.asking_missing or busy(visit):
        return visit
    return replace(visit, source=source, judged=None, complaint="")


def _finished(visit: Visit) -> bool:
    if visit.step is Step.DONE:
        return visit.receipt is None or visit.receipt.state != "printing"
    return visit.step is Step.STATUS_RESULT


def _answered(visit: Visit, field_id: str, text: str) -> Visit:
    answers = dict(visit.answers) | {field_id: text}
    return replace(visit, answers=tuple(answers.items()))


def _key(visit: Visit, key: str) -> Visit:
    field = visit.field()
    if field is None:
        return visit
    visit = _answered(visit, field.id, pads.typed(field, visit.answer(field.id), key))
    # A lock stands until its time is over; another verdict was about the digits as they were.
    return replace(visit, complaint="", lookup="locked" if visit.lookup == "locked" else "")


def _pick(visit: Visit, option: str) -> Visit:
    field = visit.field()
    if field is None or option not in dict(field.options):
        return visit
    return replace(_answered(visit, field.id, option), complaint="")


def _send(visit: Visit, at: float) -> Moved:
    parcel = visit.parcel or packed(visit)
    sending = replace(visit, step=Step.SENDING, submitting=True, parcel=parcel, waiting=at, complaint="")
    return sending, (_outgoing(visit),)


def _outgoing(visit: Visit) -> Submit:
    """What goes is what the review shows: the answers to fields that are asked for, and the pages that are kept."""
    asked = {NIK.id, *(field.id for field in visit.fields())}
    return Submit(
        visit.draft,
        visit.service,
        tuple((key, text.strip()) for key, text in visit.answers if key in asked),
        answers=() if visit.completes else tuple(visit.given().items()),
        missing=(*visit.missing, *completing.unknown(visit)),
        completes=visit.completes,
        dropped=visit.dropped,
    )


def _choose(visit: Visit, code: str) -> Moved:
    if code not in offered():
        return visit, ()
    if visit.service in ("", code):
        return replace(visit, service=code, step=Step.REQUIREMENTS), ()
    nik = tuple(pair for pair in visit.answers if pair[0] == "nik")
    other = replace(visit, service=code, step=Step.REQUIREMENTS, answers=nik, kept=(), field_index=0, choices=())
    other = replace(other, question=0, missing=(), skipped=(), dropped=(), parcel=None)
    return replace(other, generation=visit.generation + 1), (Abandon(visit.draft),)


def _back(visit: Visit) -> Moved:
    visit = replace(visit, complaint="")
    match visit.step:
        case Step.SERVICE | Step.STATUS_NUMBER:
            return leave(visit, "cancelled")
        case Step.SENDING | Step.DONE:
            return visit, ()
        case Step.REQUIREMENTS if (before := questions.backward(visit)) is not None:
            return before, ()
        case Step.REQUIREMENTS if visit.kind is Kind.NIK:
            return leave(visit, "cancelled")
        case Step.REQUIREMENTS:
            return replace(visit, step=Step.SERVICE), ()
        case Step.FORM if visit.field_index:
            return replace(visit, field_index=visit.field_index - 1), ()
        case Step.FORM:
            return replace(visit, step=Step.NIK), ()
        case Step.SCAN if visit.judged is not None:
            return replace(visit, judged=None), ()
        case Step.SCAN if visit.asking_missing:
            return replace(visit, asking_missing=""), ()
        case Step.SCAN if visit.redo is not None:
            return replace(visit, step=Step.REVIEW, redo=None, capturing=False), ()
        case Step.SCAN | Step.REVIEW if visit.completes:
            return replace(visit, step=Step.STATUS_RESULT, capturing=False), ()
        case Step.SCAN | Step.REVIEW:
            return _to_last_question(replace(visit, capturing=False)), ()
        case Step.STATUS_NIK | Step.STATUS_RESULT:
            return completing.undo(visit)
        case _:
            return replace(visit, step=_BEFORE[visit.step]), ()


def _to_last_question(visit: Visit) -> Visit:
    count = len(visit.fields())
    return replace(visit, step=Step.FORM if count else Step.NIK, field_index=max(0, count - 1))


def _next(visit: Visit, at: float) -> Moved:
    if checked(visit).blocked:
        return visit, ()
    visit = replace(visit, complaint="")
    match visit.step:
        case Step.REQUIREMENTS if (next_question := questions.onward(visit)) is not None:
            return next_question, ()
        case Step.REQUIREMENTS:
            return replace(papers.fitted(visit), step=Step.PRIVACY), ()
        case Step.PRIVACY:
            return replace(visit, step=Step.NIK), ()
        case Step.NIK if visit.fields():
            return replace(visit, step=Step.FORM, field_index=0), ()
        case Step.NIK:
            return _to_papers(visit), ()
        case Step.FORM if visit.field_index + 1 < len(visit.fields()):
            return replace(visit, field_index=visit.field_index + 1), ()
        case Step.FORM:
            return _to_papers(visit), ()
        case Step.STATUS_NUMBER:
            return to_nik(visit, visit.answer("number")), ()
        case Step.STATUS_NIK if visit.lookup != "locked":
            asked = visit.asked + 1
            waiting = replace(visit, lookup="busy", asked=asked, waiting=at)
            return waiting, (Lookup(visit.id, asked, visit.answer("number"), visit.answer("nik")),)
        case _:
            return visit, ()


def _to_papers(visit: Visit) -> Visit:
    return replace(visit, step=Step.SCAN if visit.target() else Step.REVIEW)
