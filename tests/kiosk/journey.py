"""A visit played on the reducer alone: words in, a fake world that answers the effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kiosk import intents
from kiosk.status import Step
from kiosk.visit import events, questions
from kiosk.visit.advance import advance
from kiosk.visit.effects import Effect
from kiosk.visit.state import Kind, Visit

TODAY = dt.date(2026, 11, 24)
NIK = "3279024107900001"
ANSWERS = {
    "name": "SITI CONTOH",
    "kk": "3279020102150004",
    "phone": "081234567890",
    "lost_date": "23112026",
    "address": "DUSUN CIKABUYUTAN RT 03 RW 07",
}
_BY_KIND = {"date": "23112026", "digits": "123456", "text": "CONTOH TULISAN"}


def judged(at: float, draft: str, shot: int, *, ok: bool = True, reason: str = "") -> events.PageJudged:
    """A verdict on picture ``shot``."""
    return events.PageJudged(at, draft, shot, ok, reason, b"page", "image/jpeg", b"thumb")


@dataclass
class Journey:
    """``visit`` after all that was said; ``done``: every effect so far, in order.

    On the way ``service`` is chosen, questions get their answer of ``choices`` or else the first, and the papers
    ``without`` are said not to be here.
    """

    kind: Kind = Kind.APPLY
    visit: Visit | None = None
    at: float = 1000.0
    sources: tuple[str, ...] = ("camera",)
    service: str = "KTP-HILANG"
    choices: dict[str, str] = field(default_factory=dict[str, str])
    without: tuple[str, ...] = ()
    done: list[Effect] = field(default_factory=list[Effect])

    def __post_init__(self) -> None:
        self.event(events.Begun(self.at, 1, self.kind, TODAY, self.sources))

    @property
    def now(self) -> Visit:
        """The visit, which must be there."""
        assert self.visit is not None
        return self.visit

    def event(self, event: events.Event) -> tuple[Effect, ...]:
        """Let ``event`` happen."""
        self.visit, effects = advance(self.visit, event)
        self.done += effects
        return effects

    def say(self, *words: intents.Intent) -> tuple[Effect, ...]:
        """Say words, one after the other; the effects of the last."""
        effects: tuple[Effect, ...] = ()
        for word in words:
            effects = self.event(events.Said(self.at, word))
        return effects

    def type(self, text: str) -> None:
        """Press one key a character."""
        self.say(*(intents.Key(key=character) for character in text))

    def wait(self, seconds: float) -> tuple[Effect, ...]:
        """Let time pass in ticks of a second."""
        found: list[Effect] = []
        for _ in range(round(seconds)):
            self.at += 1
            found += self.event(events.Tick(self.at))
        return tuple(found)

    def to(self, step: Step) -> Journey:
        """Go on in order until ``step``."""
        for reached, act in self._way():
            if self.now.step is step:
                break
            if self.now.step is reached:
                act()
        assert self.now.step is step
        return self

    def keep(self) -> None:
        """Take, judge, keep and seal the side that is next."""
        slot = self.now.target()
        assert slot is not None
        if not self.now.source:
            self.say(intents.ChooseSource(source="scanner"))
        self.say(intents.Shutter())
        self.event(judged(self.at, self.now.draft, self.now.shot))
        self.say(intents.Keep())
        self.event(events.PageSealed(self.at, self.now.draft, slot.paper, slot.page))

    def fill(self) -> None:
        """Answer the field that is asked."""
        pad = self.now.field()
        assert pad is not None
        if pad.kind == "choice":
            self.say(intents.Pick(option=pad.options[0][0]))
        else:
            self.type(ANSWERS.get(pad.id) or _BY_KIND[pad.kind])

    def answer(self) -> None:
        """Answer the question that is asked, if there is one."""
        question = questions.shown(self.now)
        if question is not None:
            chosen = self.choices.get(question.id, question.answers[0].id)
            self.say(intents.Answer(question=question.id, answer=chosen))

    def print(self, outcome: str, *faults: str, job: int | None = None) -> None:
        """Let a print job end, by default the newest."""
        receipt = self.now.receipt
        assert receipt is not None
        self.event(events.PrintOutcome(self.at, self.now.id, job or receipt.job, outcome, faults))

    def _way(self) -> Iterable[tuple[Step, Callable[[], object]]]:
        def form() -> None:
            while self.now.step is Step.FORM:
                self.fill()
                self.say(intents.Next())

        def requirements() -> None:
            while self.now.step is Step.REQUIREMENTS:
                self.answer()
                self.say(intents.Next())

        def scan() -> None:
            while self.now.step is Step.SCAN:
                slot = self.now.target()
                if slot is not None and slot.paper in self.without:
                    self.say(intents.NotHere(), intents.SendWithout(yes=True))
                else:
                    self.keep()

        def nik() -> None:
            self.type(NIK)
            self.say(intents.Next())

        def send() -> None:
            self.say(intents.Send())

        def sent() -> None:
            self.event(events.Submitted(self.at, self.now.draft, (self.now.completes or ("", "KMT-1-X"))[1]))
            self.print("done")

        yield Step.SERVICE, lambda: self.say(intents.ChooseService(code=self.service))
        yield Step.REQUIREMENTS, requirements
        yield Step.PRIVACY, lambda: self.say(intents.Next())
        yield Step.NIK, nik
        yield Step.FORM, form
        yield Step.SCAN, scan
        yield Step.REVIEW, send
        yield Step.SENDING, sent
        yield Step.DONE, lambda: None
