"""What stands around the reducer in the random tests: it answers effects, and checks what must always hold."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

from drivers.contract import CardKind, CardSeen
from kiosk import intents
from kiosk.ladder import screen_for
from kiosk.status import KioskStatus, Step, VisitView
from kiosk.view import visit_view
from kiosk.visit import effects, events, questions
from kiosk.visit.state import Kind, Visit
from offline_cache.api import Lookup, Trail
from tests.kiosk.journey import NIK, TODAY, Journey, judged
from wire.number import Number
from wire.service import catalogue

KK = "3279020102150004"
UID = bytes.fromhex("04a1b2c3d4e5f6")
CARDS = (
    CardSeen(CardKind.KTP, UID),
    CardSeen(CardKind.KTP, bytes.fromhex("08a1b2c3"), random=True),
    CardSeen(CardKind.UNREADABLE),
    CardSeen(CardKind.OTHER, UID),
    None,
    CardSeen(CardKind.KTP, UID),
)
SILENT = (
    effects.SetCamera
    | effects.StopScan
    | effects.PreparePage
    | effects.Prepare
    | effects.LookAtCard
    | effects.Leave
    | effects.Abandon
    | effects.Settle
    | effects.StopTrial
    | effects.RecordTrial
)
OWN = str(Number("KMT", 1))
TRAIL = Trail(str(Number("KMT", 7)), "KTP-HILANG", "received", (), "2026-11-24T03:00:00Z", True, "first-7", ("police",))
REFUSED = (("unsigned", "f102"), ("office_visit", ""))
TRAILS = (
    TRAIL,
    replace(TRAIL, state="needs_correction", reasons=REFUSED, missing=("kk", "strange")),
    replace(TRAIL, state="approved"),
)


class World:
    """Answers effects, sometimes wrongly, sometimes late. A visit that ended is followed by another one."""

    def __init__(self, kind: Kind, sources: tuple[str, ...], start: Step, service: str) -> None:
        self.journey = Journey(kind, sources=sources, service=service)
        self.start = start
        self.visits = 1
        self.scans: set[tuple[str, int]] = set()
        self.open: list[effects.Effect] = []
        self.numbers: set[str] = set()
        self.unsealed: list[effects.SealPage] = []
        self.sealed: set[tuple[str, str, int]] = set()
        self.go_to_start()

    def go_to_start(self) -> None:
        """From the first step on, by the shortest way."""
        start, done = self.start, len(self.journey.done)
        if not self.journey.sources and start in (Step.REVIEW, Step.SENDING):
            start = Step.SCAN  # without a device there is no way further
        if self.journey.kind is Kind.STATUS and start is not Step.SERVICE:
            self.note(self.journey.event(events.CodeSeen(self.journey.at, self.visits, TRAIL.number)))
        if self.journey.kind not in (Kind.APPLY, Kind.NIK) or start is Step.DONE:
            return
        if self.journey.kind is Kind.NIK and start is Step.SERVICE:
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
                self.fill()
            case "wait":
                assert isinstance(value, int)
                journey.at += value
                self.note(journey.event(events.Tick(journey.at)))
            case "go" if self.open and not isinstance(self.open[0], effects.Submit | effects.CheckPin):
                self.answer(self.open.pop(0), 0)
            case "go":
                self.go()
            case "ask":
                assert isinstance(value, int)
                self.ask(value)
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

    def fill(self) -> None:
        """What the field on the screen wants, whatever is in it."""
        pad = self.journey.visit.field() if self.journey.visit else None
        text = {"nik": NIK, "kk": KK, "phone": "0812345678", "date": "01012026", "number": OWN, "digits": "1234"}
        if pad and pad.options:
            self.note(self.journey.say(intents.Pick(option=pad.options[-1][0])))
        for key in text.get(pad.kind, "JALAN SATU") if pad else "":
            self.note(self.journey.say(intents.Key(key=key)))

    def go(self) -> None:
        """What a resident does next on this step, where the random words seldom come to it."""
        visit, say = self.journey.visit, self.journey.say
        match visit.step if visit else None:
            case Step.SERVICE | Step.BROWSE:
                self.note(say(intents.ChooseService(code=self.journey.service)))
            case Step.REQUIREMENTS | Step.BROWSE_SERVICE if visit and not questions.answered(visit):
                self.ask(self.visits)
            case Step.SCAN if visit and visit.judged is None:
                self.note(say(intents.ChooseSource(source="scanner")) if not visit.source else ())
                self.note(say(intents.Shutter()))
            case Step.SCAN:
                self.note(say(intents.Keep()))
            case Step.REVIEW:
                self.note(say(intents.Send()))
            case Step.SENDING | Step.STAFF_PIN if self.open:
                self.answer(self.open.pop(0), 0)
            case Step.STATUS_RESULT:
                self.note(say(intents.Complete()))
            case Step.STAFF_PIN:
                for key in "314159":
                    self.note(say(intents.Key(key=key)))
                self.note(say(intents.Next()))
            case Step.STAFF_HOME:
                self.note(say(intents.TestDevice(role="printer")))
            case Step.NIK:
                self.note(self.journey.event(events.CardLies(self.journey.at, CARDS[0])))
                self.fill()
                self.note(say(intents.RememberCard()))
                self.note(say(intents.Next()))
            case Step.DONE | Step.STAFF_TEST:
                self.note(say(intents.End()))
            case _:
                self.fill()
                self.note(say(intents.Next()))

    def ask(self, value: int) -> None:
        """Answer the question on the screen, change the mind, say that a paper is not here, add one."""
        visit = self.journey.visit
        question = questions.shown(visit) if visit else None
        if visit is not None and visit.step in (Step.REQUIREMENTS, Step.BROWSE_SERVICE) and question is not None:
            chosen = question.answers[value % len(question.answers)]
            self.note(self.journey.say(intents.Answer(question=question.id, answer=chosen.id)))
        elif visit is not None and visit.step is Step.SCAN:
            self.note(self.journey.say(intents.NotHere()))
            self.note(self.journey.say(intents.SendWithout(yes=value != 5)))
        elif visit is not None and visit.step is Step.STATUS_RESULT:
            self.note(self.journey.say(intents.Complete()))
        elif visit is not None and visit.step in (Step.REVIEW, Step.FORM, Step.PRIVACY):
            for _ in range(12):
                if self.journey.visit and self.journey.visit.step is not Step.REQUIREMENTS:
                    self.note(self.journey.say(intents.Back()))

    def answer(self, effect: effects.Effect, value: object) -> None:
        at = self.journey.at
        bad = value == 5
        match effect:
            case effects.JudgePage() | effects.ScanPage():
                self.scans.discard((effect.draft, effect.shot))
                fault = "capture_stopped" if isinstance(effect, effects.JudgePage) else "scanner_jammed"
                failed = events.CaptureFailed(at, effect.draft, effect.shot, fault)
                self.note(self.journey.event(failed if bad else judged(at, effect.draft, effect.shot, ok=value != 4)))
            case effects.SealPage() if bad or any(effect is each for each in self.unsealed):
                self.unsealed.append(effect)
                self.note(self.journey.event(events.SealFailed(at, effect.draft, "disk_full")))
            case effects.SealPage():
                self.sealed.add((effect.draft, effect.paper, effect.page))
                self.note(self.journey.event(events.PageSealed(at, effect.draft, effect.paper, effect.page)))
            case effects.Submit() if bad:
                self.note(self.journey.event(events.SubmitFailed(at, effect.draft, "disk_full")))
            case effects.Submit():
                self.numbers.add(effect.draft)
                number = effect.completes[1] if effect.completes else OWN
                self.note(self.journey.event(events.Submitted(at, effect.draft, number)))
            case effects.PrintReceipt():
                outcome = ("done", "failed", "cancelled", "doubtful", "none", "strange")[int(str(value))]
                self.note(self.journey.event(events.PrintOutcome(at, effect.visit, effect.job, outcome)))
            case effects.Lookup():
                answer = (
                    *(Lookup("found", trail) for trail in TRAILS),
                    Lookup("missing"),
                    Lookup("locked", lock_s=15),
                    Lookup("wrong"),
                )[int(str(value))]
                self.note(self.journey.event(events.LookupDone(at, effect.visit, effect.asked, answer)))
            case effects.CheckCard() | effects.RememberCard() | effects.ForgetCard():
                assert (effect.uid, len(effect.nik)) == (UID, 16)
                state = ("confirmed", "new", "remembered", "new", "confirmed", "")[int(str(value))]
                self.note(self.journey.event(events.CardAnswered(at, effect.visit, effect.asked, state)))
            case effects.PrintSlip():
                outcome = ("done", "failed", "none", "doubtful", "done", "strange")[int(str(value))]
                self.note(self.journey.event(events.SlipOutcome(at, effect.visit, effect.job, outcome)))
            case effects.CheckPin():
                result = ("right", "right", "wrong", "locked", "unset", "")[int(str(value))]
                self.note(self.journey.event(events.PinChecked(at, effect.visit, effect.asked, result, 15)))
            case effects.RunTrial():
                self.note(self.journey.event(events.TrialMoved(at, effect.visit, effect.asked, "hint", 0.5, 9)))
                passed = (True, False, None)[int(str(value)) % 3]
                self.note(self.journey.event(events.TrialEnded(at, effect.visit, effect.asked, passed, (), "ask?")))
            case _:
                pass

    def note(self, found: tuple[effects.Effect, ...]) -> None:
        for effect in found:
            if isinstance(effect, effects.Submit):
                assert effect.draft not in self.numbers, "a Submit after the number was allotted"
                assert effect.dropped or self._prepared() == effect, "something else was prepared than is sent"
                self.submitted(effect)
            if isinstance(effect, effects.ScanPage):
                assert not self.scans, "two scans at once"
                self.scans.add((effect.draft, effect.shot))
            if isinstance(effect, effects.StopScan):
                assert (effect.draft, effect.shot) in self.scans, "a scan stopped that does not run"
                self.scans.remove((effect.draft, effect.shot))
            if not isinstance(effect, SILENT):
                self.open.append(effect)
        self.holds(found)

    def _prepared(self) -> effects.Submit | None:
        return next((e.send for e in reversed(self.journey.done) if isinstance(e, effects.Prepare)), None)

    def submitted(self, effect: effects.Submit) -> None:
        """What is sent is what was asked for, is there, and was shown."""
        visit, service = self.journey.visit, catalogue()[effect.service]
        assert visit is not None and visit.kept
        on_disk = {(paper, page) for draft, paper, page in self.sealed if draft == effect.draft}
        goes = on_disk - set(effect.dropped)
        wanted = {paper.id: paper for paper in visit.papers()}
        assert goes == {(page.paper, page.page) for page in visit.kept}
        assert {paper for paper, _ in goes} <= set(wanted), "a page of a paper that is not asked for"
        whole = {paper for paper in wanted if {(paper, n + 1) for n in range(wanted[paper].pages)} <= goes}
        assert whole == {paper for paper, _ in goes}, "half a paper"
        absent = tuple(paper.id for paper in wanted.values() if paper.need == "required" and paper.id not in whole)
        form = dict(effect.form)
        assert form["nik"] == NIK or len(form["nik"]) == 16
        if effect.completes is None:
            given = dict(effect.answers)
            assert service.answered(given) and effect.missing == absent
            assert list(given) == [question.id for question in service.asked(given)]
            assert set(wanted) == {paper.id for paper in service.needed(given)}
            assert set(form) == {"nik", *(field.id for field in service.fields_for(given))}
            return
        trail = visit.trail
        assert trail is not None and effect.completes == (trail.first, trail.number)
        assert set(form) == {"nik"} and not effect.answers and visit.kind is Kind.STATUS
        assert effect.missing == (*absent, *(paper for paper in trail.missing if paper == "strange"))
        assert set(wanted) <= {*trail.missing, *(paper for _, paper in trail.reasons)}

    def papers_hold(self, visit: Visit, view: VisitView) -> None:
        """What is kept, missing and left out never overlaps, and the NIK stands on its own pad alone."""
        away = {*visit.missing, *visit.skipped}
        assert not away & {page.paper for page in visit.kept}
        assert len(away) == len(visit.missing) + len(visit.skipped)
        assert not {(page.paper, page.page) for page in visit.kept} & set(visit.dropped)
        assert not visit.asking_missing or (visit.step is Step.SCAN and not visit.judged and not visit.capturing)
        assert not visit.completes or visit.trail is not None
        assert not visit.number or not visit.completes or visit.number == visit.completes[1]
        if visit.step in (Step.SCAN, Step.REVIEW, Step.SENDING):
            assert {*away, *(page.paper for page in visit.kept)} <= {paper.id for paper in visit.papers()}
        if visit.step not in (Step.NIK, Step.STATUS_NIK):
            assert NIK not in view.model_dump_json()

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
        self.papers_hold(visit, view)
        status = KioskStatus(rev=1, timeout_s=visit.warned, visit=view)
        screen_for(status)
        assert KioskStatus.model_validate_json(status.model_dump_json()) == status
