"""The questions before the list of papers: one at a time, forward only with an answer, back at any time."""

from __future__ import annotations

from dataclasses import replace

from kiosk.visit.state import Visit
from wire.service import Question


def shown(visit: Visit) -> Question | None:
    """The question on the screen; None where the service asks nothing."""
    asked = visit.questions()
    return asked[min(visit.question, len(asked) - 1)] if asked else None


def answered(visit: Visit) -> bool:
    """True when the shown question, if there is one, has its answer."""
    question = shown(visit)
    return question is None or question.id in visit.given()


def answer(visit: Visit, question: str, answer: str) -> Visit:
    """The visit with this answer to the shown question; others are not answered from afar."""
    now = shown(visit)
    if now is None or now.id != question or now.answer(answer) is None:
        return visit
    return replace(visit, choices=tuple((dict(visit.choices) | {question: answer}).items()), complaint="")


def onward(visit: Visit) -> Visit | None:
    """The visit at its next question, the same visit while this one waits for its answer; None: none is left."""
    if not answered(visit):
        return visit
    return replace(visit, question=visit.question + 1) if visit.question + 1 < len(visit.questions()) else None


def backward(visit: Visit) -> Visit | None:
    """The visit at the question before; None: this is the first."""
    at = min(visit.question, len(visit.questions()) - 1)
    return replace(visit, question=at - 1) if at > 0 else None
