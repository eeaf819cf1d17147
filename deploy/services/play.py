"""Every way through every service, played on the visit itself as a resident would: what the window shows in, words out.

No window, no device, no disk: a visit is a pure function (``kiosk.visit.advance``), and the world here says yes to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk import intents
from kiosk.ladder import screen_for
from kiosk.status import DeviceView, KioskStatus, Step, VisitView
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.advance import advance
from kiosk.visit.effects import Effect, Submit
from kiosk.visit.events import Event
from kiosk.visit.state import NIK_REPAIR, Kind, Visit
from wire import service
from wire.service import Service

TODAY = dt.date(2026, 11, 24)
NIK = "3279024107900001"
_TYPED = {"kk": "3279020102150004", "phone": "081234567890", "date": "23112026", "text": "CONTOH TULISAN"}
_MOST_WORDS = 2000
_READY = (DeviceView(role="camera", phase="ready"), DeviceView(role="printer", phase="ready"))

World = Callable[[Effect], Event | None]
"""What comes of an effect; None: nothing."""


class StuckError(Exception):
    """The visit does not go on; the message says where it stands."""


@dataclass(frozen=True, slots=True)
class Way:
    """One visit to play. ``without``: required papers that are not there. ``bare``: optional ones neither."""

    known: Service
    kind: Kind
    answers: dict[str, str]
    without: tuple[str, ...] = ()
    bare: bool = False

    @property
    def papers(self) -> tuple[tuple[str, int], ...]:
        """(Paper, pages) that are to arrive, after the service's file."""
        return tuple(
            (paper.id, paper.pages)
            for paper in self.known.needed(self.answers)
            if paper.id not in self.without and not (self.bare and paper.need == "optional")
        )


@dataclass(slots=True)
class Played:
    """What came of a way. ``screens``: different screens that were seen; ``why``: what went wrong, or ""."""

    way: Way
    papers: tuple[tuple[str, int], ...] = ()
    submit: Submit | None = None
    screens: int = 0
    why: str = ""


def ways() -> Iterator[Way]:
    """Every way through the questions of every offered service: whole, and with each required paper missing in turn."""
    for code in service.offered():
        known = service.catalogue()[code]
        for kind in (Kind.APPLY, Kind.NIK) if code == NIK_REPAIR else (Kind.APPLY,):
            for case in known.cases():
                yield Way(known, kind, case)
                for paper in known.needed(case):
                    if paper.need == "required":
                        yield Way(known, kind, case, (paper.id,), bare=True)


def play(way: Way, world: World | None = None) -> Played:
    """Play one way to the moment when the application is handed over."""
    player = _Player(way, world or _yes)
    try:
        player.run()
    except StuckError as error:
        player.played.why = str(error)
    played = player.played
    played.papers, played.screens = _counted(player.sealed), len(player.seen)
    played.why = played.why or _differs(played)
    return played


def _differs(played: Played) -> str:
    way, submit = played.way, played.submit
    if submit is None:
        return "nothing was handed over"
    fields = ["nik", *(each.id for each in way.known.fields_for(way.answers))]
    for name, got, wanted in (
        ("service", submit.service, way.known.code),
        ("papers", played.papers, way.papers),
        ("missing", submit.missing, way.without),
        ("answers", dict(submit.answers), way.answers),
        ("fields", [name for name, _ in submit.form], fields),
    ):
        if got != wanted:
            return f"{name}: {got}, not {wanted}"
    return ""


def _counted(sealed: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    papers = list(dict.fromkeys(paper for paper, _ in sealed))
    return tuple((paper, sum(one == paper for one, _ in sealed)) for paper in papers)


def _yes(effect: Effect) -> Event | None:
    match effect:
        case effects.JudgePage():
            return events.PageJudged(0.0, effect.draft, effect.shot, True, "", b"page", "image/jpeg", b"small")
        case effects.SealPage():
            return events.PageSealed(0.0, effect.draft, effect.paper, effect.page)
        case _:
            return None


@dataclass(slots=True)
class _Player:
    way: Way
    world: World
    visit: Visit | None = None
    sealed: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    seen: set[object] = field(default_factory=set[object])
    played: Played = field(init=False)

    def __post_init__(self) -> None:
        self.played = Played(self.way)

    def run(self) -> None:
        self._happens(events.Begun(0.0, 1, self.way.kind, TODAY, ("camera",)))
        for _ in range(_MOST_WORDS):
            if self.played.submit is not None:
                return
            self._happens(events.Said(0.0, self._word(self._look())))
        raise StuckError(f"no end after {_MOST_WORDS} words")

    def _look(self) -> VisitView:
        if self.visit is None:
            raise StuckError("the visit ended by itself")
        view = visit_view(self.visit, None, 0.0)
        now = next(((slot.paper, slot.page) for slot in view.slots if slot.state == "now"), None)
        screen = screen_for(KioskStatus(rev=0, devices=_READY, services=service.offered(), visit=view))
        self.seen.add((screen, view.field, view.question, now))
        return view

    def _happens(self, event: Event) -> None:
        self.visit, wanted = advance(self.visit, event)
        for effect in wanted:
            if isinstance(effect, effects.SealPage):
                self.sealed.append((effect.paper, effect.page))
            if isinstance(effect, Submit):
                self.played.submit = effect
            if (answer := self.world(effect)) is not None:
                self._happens(answer)

    def _word(self, view: VisitView) -> intents.Intent:
        match view.step:
            case Step.SERVICE:
                return intents.ChooseService(code=self.way.known.code)
            case Step.REQUIREMENTS:
                return self._question(view)
            case Step.PRIVACY:
                return self._next(view)
            case Step.NIK | Step.FORM:
                return self._field(view)
            case Step.SCAN:
                return self._scan(view)
            case Step.REVIEW if view.can_next:
                return intents.Send()
            case _:
                raise StuckError(f"stands at {view.step.value}: {view.blocked}")

    def _next(self, view: VisitView) -> intents.Intent:
        if not view.can_next:
            raise StuckError(f"{view.step.value} {view.field} does not go on: {view.blocked}")
        return intents.Next()

    def _question(self, view: VisitView) -> intents.Intent:
        if not view.questions:
            return self._next(view)
        asked = view.questions[view.question]
        wanted = self.way.answers.get(asked.id, "")
        if wanted not in dict(asked.answers):
            raise StuckError(f"asks {asked.id}, which this way does not answer")
        return self._next(view) if asked.chosen == wanted else intents.Answer(question=asked.id, answer=wanted)

    def _field(self, view: VisitView) -> intents.Intent:
        if view.options:
            last = view.options[-1][0]
            return self._next(view) if view.text == last else intents.Pick(option=last)
        known = {each.id: each for each in self.way.known.fields}.get(view.field)
        text = NIK if known is None else _TYPED.get(known.kind, "1" * known.min)
        return self._next(view) if view.text == text else intents.Key(key=text[len(view.text)])

    def _scan(self, view: VisitView) -> intents.Intent:
        if view.judged is not None:
            return intents.Keep()
        if view.asking_missing:
            return intents.SendWithout(yes=view.asking_missing in self.way.without)
        now = next((slot.paper for slot in view.slots if slot.state == "now"), "")
        need = {paper.id: paper.need for paper in view.papers}.get(now)
        away = now in self.way.without or (self.way.bare and need == "optional")
        return intents.NotHere() if away else intents.Shutter()
