"""The visit as the window may see it: ``Visit`` in, ``VisitView`` out."""

from __future__ import annotations

import base64
import math

from kiosk import pads
from kiosk.pads import NIK, of_form
from kiosk.status import (
    CardView,
    JudgedView,
    LiveView,
    PaperView,
    QuestionView,
    ReceiptView,
    SlotView,
    Step,
    TrailView,
    VisitView,
)
from kiosk.visit import cards, completing, moves, papers, questions
from kiosk.visit.state import Sight, Visit
from wire.service import catalogue, offered
from wire.words import N_

_WITH_SLOTS = (Step.SCAN, Step.REVIEW)
_WITH_QUESTIONS = (Step.REQUIREMENTS, Step.BROWSE_SERVICE)
_WITH_GROUP = (Step.SERVICE, Step.BROWSE)
_NOTHING = N_("Scan at least one paper before you send.")


def visit_view(visit: Visit, live: LiveView | None, now: float, *, feeder: bool = False) -> VisitView:
    """What the window draws of ``visit``. ``live``: the camera's newest view; ``now``: monotonic seconds.

    ``feeder``: the scanner takes sheets one by one.
    """
    field = visit.field()
    check = moves.checked(visit)
    card = cards.view(visit)
    return VisitView(
        kind=visit.kind,
        step=visit.step,
        service=visit.service,
        field=field.id if field else "",
        field_index=visit.field_index if visit.step is Step.FORM else 0,
        field_count=len(visit.fields()),
        text=visit.answer(field.id) if field else "",
        warning=check.warning,
        blocked=visit.complaint or check.blocked or (_NOTHING if visit.step is Step.REVIEW and not visit.kept else ""),
        answers=_answers(visit) if visit.step is Step.REVIEW else (),
        slots=_slots(visit) if visit.step in _WITH_SLOTS else (),
        live=live if visit.sight() in (Sight.PAGE, Sight.CODE) else None,
        capturing=visit.capturing,
        sources=visit.sources,
        source=visit.source,
        feeder=feeder,
        progress=visit.progress if visit.scanning() else 0.0,
        card=CardView(state=card) if card else None,
        judged=_judged(visit),
        number=_number(visit),
        receipt=_receipt(visit),
        lookup=visit.lookup,
        lock_s=max(0, math.ceil(visit.locked_until - now)) if visit.lookup == "locked" else 0,
        trail=_trail(visit),
        questions=_questions(visit) if visit.step in _WITH_QUESTIONS else (),
        question=min(visit.question, max(0, len(visit.questions()) - 1)),
        papers=_papers(visit) if visit.step in (*_WITH_QUESTIONS, *_WITH_SLOTS) else (),
        group=(visit.group or _first_group()) if visit.step in _WITH_GROUP else "",
        options=field.options if field else (),
        asking_missing=visit.asking_missing,
        can_skip=papers.can_skip(visit),
        missing=visit.parcel.missing if visit.parcel and visit.number else visit.missing,
        completes=visit.completes is not None,
        can_back=moves.can_back(visit),
        can_next=_can_next(visit, check),
        busy=moves.busy(visit) or visit.step is Step.SENDING,
    )


def _can_next(visit: Visit, check: pads.Check) -> bool:
    if moves.busy(visit) or check.blocked or visit.lookup == "locked":
        return False
    match visit.step:
        case Step.REVIEW:
            return moves.can_send(visit)
        case Step.REQUIREMENTS | Step.BROWSE_SERVICE:
            return questions.answered(visit)
        case _:
            return visit.field() is not None or visit.step is Step.PRIVACY


def _number(visit: Visit) -> str:
    """The number that was allotted, else that of the application which this step is about."""
    if visit.completes and visit.step in _WITH_SLOTS:
        return visit.completes[1]
    return visit.answer("number") if visit.step is Step.STATUS_NIK else visit.number


def _answers(visit: Visit) -> tuple[tuple[str, str], ...]:
    if visit.completes:
        return ()
    fields = (NIK, *(of_form(field) for field in visit.fields()))
    return tuple((field.id, pads.shown(field, visit.answer(field.id).strip())) for field in fields)


def _slots(visit: Visit) -> tuple[SlotView, ...]:
    target = visit.target()
    views: list[SlotView] = []
    for slot in visit.slots():
        kept = visit.kept_page(slot)
        state = "now" if slot == target else "done" if kept else _ahead(visit, slot.paper)
        thumb = _b64(kept.thumb) if kept else ""
        views.append(SlotView(paper=slot.paper, page=slot.page, pages=slot.pages, state=state, thumb=thumb))
    return tuple(views)


def _ahead(visit: Visit, paper: str) -> str:
    return "missing" if paper in visit.missing else "skipped" if paper in visit.skipped else "next"


def _questions(visit: Visit) -> tuple[QuestionView, ...]:
    given = visit.given()
    return tuple(
        QuestionView(
            id=question.id,
            ask=question.ask,
            answers=tuple((answer.id, answer.label) for answer in question.answers),
            chosen=given.get(question.id, ""),
        )
        for question in visit.questions()
    )


def _papers(visit: Visit) -> tuple[PaperView, ...]:
    service, given = visit.chosen, visit.given()
    return tuple(
        PaperView(
            id=paper.id,
            name=paper.name,
            short=paper.short,
            where=paper.where,
            pages=paper.pages,
            need=paper.need,
            because=service.because(paper, given) if service else "",
        )
        for paper in visit.papers()
    )


def _first_group() -> str:
    return next((catalogue()[code].group for code in offered()), "")


def _judged(visit: Visit) -> JudgedView | None:
    judged = visit.judged
    return JudgedView(ok=judged.ok, reason=judged.reason, image=_b64(judged.thumb)) if judged else None


def _receipt(visit: Visit) -> ReceiptView | None:
    receipt = visit.receipt
    if receipt is None:
        return None
    return ReceiptView(state=receipt.state, faults=receipt.faults, copies=receipt.copies, asked=receipt.asked)


def _trail(visit: Visit) -> TrailView | None:
    trail = visit.trail
    if trail is None:
        return None
    return TrailView(
        number=trail.number,
        service=trail.service,
        state=trail.state,
        reasons=trail.reasons,
        missing=completing.missing(trail),
        todo=completing.todo(trail),
        at=trail.at,
        here=trail.here,
    )


def _b64(image: bytes) -> str:
    return base64.b64encode(image).decode()
