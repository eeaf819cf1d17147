"""The reducer under random words, outcomes and waits: it never raises, and what must hold holds."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import CardKind, CardSeen
from kiosk import intents
from kiosk.ladder import screen_for
from kiosk.status import KioskStatus, Step
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.state import Kind
from offline_cache.api import Lookup, Trail
from tests.kiosk.journey import NIK, TODAY, Journey, judged

WORDS = st.sampled_from(
    [
        intents.ChooseService(code="KTP-HILANG"),
        intents.ChooseService(code="NOTHING"),
        *[intents.Next()] * 4,
        intents.Back(),
        intents.Cancel(),
        intents.Stay(),
        intents.Key(key="7"),
        intents.Key(key="A"),
        intents.Key(key="back"),
        intents.Key(key="clear"),
        *[intents.Shutter()] * 2,
        intents.ChooseSource(source="camera"),
        *[intents.ChooseSource(source="scanner")] * 2,
        intents.StopScan(),
        intents.RememberCard(),
        intents.ForgetCard(),
        intents.Keep(),
        intents.Retake(),
        intents.Redo(paper="f102", page=2),
        *[intents.Send()] * 2,
        intents.Reprint(),
        intents.ReceiptCame(yes=True),
        intents.ReceiptCame(yes=False),
        intents.End(),
        intents.SetLanguage(language="en"),
        intents.CallOfficer(),
    ]
)
UID = bytes.fromhex("04a1b2c3d4e5f6")
CARDS = (
    CardSeen(CardKind.KTP, UID),
    CardSeen(CardKind.KTP, bytes.fromhex("08a1b2c3"), random=True),
    CardSeen(CardKind.UNREADABLE),
    CardSeen(CardKind.OTHER, UID),
    None,
    CardSeen(CardKind.KTP, UID),
)
SILENT = effects.SetCamera | effects.StopScan | effects.LookAtCard | effects.Leave | effects.Abandon | effects.Settle
KINDS = st.sampled_from([*[Kind.APPLY] * 4, Kind.STATUS])
SOURCES = st.sampled_from([("camera", "scanner"), ("scanner",), ("camera",), ("camera", "scanner"), ("scanner",), ()])
STARTS = st.sampled_from([Step.SCAN, *[*Step][:9], Step.SCAN, Step.NIK])
TRAIL = Trail("KMT-1-X", "KTP-HILANG", "received", (), "2026-11-24T03:00:00Z", True)


@st.composite
def acts(draw: st.DrawFn) -> tuple[str, object]:
    kind = draw(
        st.sampled_from(["word", "word", "fill", "answer", "answer", "late", "wait", "card", "moves", "go", "go", "go"])
    )
    match kind:
        case "word":
            return kind, draw(WORDS)
        case "wait":
            return kind, draw(st.sampled_from([1, 10, 31, 95, 200]))
        case _:
            return kind, draw(st.integers(0, 5))


class World:
    """Answers effects, sometimes wrongly, sometimes late. A visit that ended is followed by another one."""

    def __init__(self, kind: Kind, sources: tuple[str, ...], start: Step) -> None:
        self.journey = Journey(kind, sources=sources)
        self.start = start
        self.visits = 1
        self.scans: set[tuple[str, int]] = set()
        self.open: list[effects.Effect] = []
        self.numbers: set[str] = set()
        self.sealed: set[tuple[str, str, int]] = set()
        self.go_to_start()

    def go_to_start(self) -> None:
        """From the first step on, by the shortest way."""
        start, done = self.start, len(self.journey.done)
        if not self.journey.sources and start in (Step.REVIEW, Step.SENDING):
            start = Step.SCAN  # without a device there is no way further
        if self.journey.kind is Kind.STATUS or start is Step.DONE:
            return
        visit = self.journey.to(start).now
        self.sealed |= {(visit.draft, k.paper, k.page) for k in visit.kept}
        self.open += [e for e in self.journey.done[done:] if isinstance(e, effects.Submit)]

    def act(self, kind: str, value: object) -> None:
        journey = self.journey
        if journey.visit is None:
            self.visits += 1
            begun = events.Begun(journey.at, self.visits, journey.kind, TODAY, journey.sources)
            self.note(journey.event(begun))
            self.go_to_start()
        match kind:
            case "word":
                assert isinstance(value, intents.Intent)
                self.note(journey.say(value))
            case "fill":
                pad = journey.visit.field() if journey.visit else None
                text = {"nik": NIK, "kk": NIK, "phone": "0812345678", "date": "01012026", "number": "KMT1X"}
                for key in text.get(pad.kind, "JALAN SATU") if pad else "":
                    self.note(journey.say(intents.Key(key=key)))
            case "wait":
                assert isinstance(value, int)
                journey.at += value
                self.note(journey.event(events.Tick(journey.at)))
            case "go":
                self.go()
            case "card":
                assert isinstance(value, int)
                self.note(journey.event(events.CardLies(journey.at, CARDS[value])))
            case "moves":
                assert isinstance(value, int)
                for draft, shot in tuple(self.scans):
                    self.note(journey.event(events.ScanMoved(journey.at, draft, shot, value / 4)))
            case "answer" if self.open:
                self.answer(self.open.pop(0), value)
            case _ if self.open:
                self.answer(self.open[-1], value)  # answered, and answered once more later
            case _:
                pass

    def go(self) -> None:
        """What a resident does next on this step, where the random words seldom come to it."""
        visit = self.journey.visit
        if visit is not None and visit.step is Step.SCAN and visit.judged is None:
            if not visit.source:
                self.note(self.journey.say(intents.ChooseSource(source="scanner")))
            self.note(self.journey.say(intents.Shutter()))
        elif visit is not None and visit.step is Step.SCAN:
            self.note(self.journey.say(intents.Keep()))
        elif visit is not None and visit.step is Step.NIK:
            self.note(self.journey.event(events.CardLies(self.journey.at, CARDS[0])))
            self.note(self.journey.say(intents.RememberCard()))

    def answer(self, effect: effects.Effect, value: object) -> None:
        at = self.journey.at
        bad = value == 5
        match effect:
            case effects.JudgePage() | effects.ScanPage():
                self.scans.discard((effect.draft, effect.shot))
                fault = "capture_stopped" if isinstance(effect, effects.JudgePage) else "scanner_jammed"
                failed = events.CaptureFailed(at, effect.draft, effect.shot, fault)
                self.note(self.journey.event(failed if bad else judged(at, effect.draft, effect.shot, ok=value != 4)))
            case effects.SealPage() if bad:
                self.note(self.journey.event(events.SealFailed(at, effect.draft, "disk_full")))
            case effects.SealPage():
                self.sealed.add((effect.draft, effect.paper, effect.page))
                self.note(self.journey.event(events.PageSealed(at, effect.draft, effect.paper, effect.page)))
            case effects.Submit() if bad:
                self.note(self.journey.event(events.SubmitFailed(at, effect.draft, "disk_full")))
            case effects.Submit():
                self.numbers.add(effect.draft)
                self.note(self.journey.event(events.Submitted(at, effect.draft, "KMT-1-X")))
            case effects.PrintReceipt():
                outcome = ("done", "failed", "cancelled", "doubtful", "none", "strange")[int(str(value))]
                self.note(self.journey.event(events.PrintOutcome(at, effect.visit, effect.job, outcome)))
            case effects.Lookup():
                answer = (
                    Lookup("found", TRAIL),
                    Lookup("wrong"),
                    Lookup("missing"),
                    Lookup("locked", lock_s=15),
                    Lookup("found", TRAIL),
                    Lookup("wrong"),
                )[int(str(value))]
                self.note(self.journey.event(events.LookupDone(at, effect.visit, effect.asked, answer)))
            case effects.CheckCard() | effects.RememberCard() | effects.ForgetCard():
                assert (effect.uid, len(effect.nik)) == (UID, 16)
                state = ("confirmed", "new", "remembered", "new", "confirmed", "")[int(str(value))]
                self.note(self.journey.event(events.CardAnswered(at, effect.visit, effect.asked, state)))
            case _:
                pass

    def note(self, found: tuple[effects.Effect, ...]) -> None:
        for effect in found:
            if isinstance(effect, effects.Submit):
                assert effect.draft not in self.numbers, "a Submit after the number was allotted"
            if isinstance(effect, effects.ScanPage):
                assert not self.scans, "two scans at once"
                self.scans.add((effect.draft, effect.shot))
            if isinstance(effect, effects.StopScan):
                assert (effect.draft, effect.shot) in self.scans, "a scan stopped that does not run"
                self.scans.remove((effect.draft, effect.shot))
            if not isinstance(effect, SILENT):
                self.open.append(effect)
        self.holds(found)

    def holds(self, found: tuple[effects.Effect, ...]) -> None:
        visit = self.journey.visit
        leaving = [e for e in found if isinstance(e, effects.Leave)]
        assert len(leaving) == (1 if visit is None and found else 0)
        assert self.scans == ({visit.scanning()} if visit and visit.scanning() else set())
        if visit is None:
            return
        assert visit.source in (*visit.sources, "")
        assert visit.card is None or visit.step is Step.NIK
        assert not visit.capturing or visit.step is Step.SCAN
        assert repr(UID)[2:-1] not in repr(visit) and UID.hex() not in repr(visit)
        assert not (visit.judged and visit.capturing)
        assert all((visit.draft, k.paper, k.page) in self.sealed for k in visit.kept)
        assert len({(k.paper, k.page) for k in visit.kept}) == len(visit.kept)
        assert (visit.receipt is not None) == bool(visit.number)
        assert not visit.number or visit.step in (Step.SENDING, Step.DONE)
        assert visit.step is not Step.DONE or visit.number
        assert not visit.submitting or visit.step is Step.SENDING
        assert visit.judged is None or visit.step is Step.SCAN
        assert visit.step is not Step.REVIEW or visit.target() is None
        assert dataclasses.is_dataclass(visit)
        view = visit_view(visit, None, self.journey.at)
        status = KioskStatus(rev=1, timeout_s=visit.warned, visit=view)
        screen_for(status)
        assert KioskStatus.model_validate_json(status.model_dump_json()) == status


@settings(max_examples=150, deadline=None)
@given(KINDS, SOURCES, STARTS, st.lists(acts(), min_size=30, max_size=60))
def test_nothing_breaks_the_visit(
    kind: Kind, sources: tuple[str, ...], start: Step, acts_: list[tuple[str, object]]
) -> None:
    world = World(kind, sources, start)
    for act in acts_:
        world.act(*act)
