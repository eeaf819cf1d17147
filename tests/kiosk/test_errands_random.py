"""Any words and outcomes in any order: an errand never breaks, lets nobody in, and leaves no test running."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import CardKind, CardSeen
from kiosk import intents
from kiosk.ladder import screen_for
from kiosk.status import KioskStatus, Step
from kiosk.visit import effects, errands, events, sending
from kiosk.visit.state import Kind
from tests.kiosk.errand import PIN, ROWS, status, view
from tests.kiosk.journey import TODAY, Journey

WORDS = st.sampled_from(
    [
        *(intents.ChooseService(code=code) for code in ("KK-HILANG-RUSAK", "KTP-HILANG", "NOTHING")),
        *(intents.Answer(question="why", answer=answer) for answer in ("lost", "damaged", "else")),
        *(intents.TestDevice(role=role) for role in ("printer", "scanner", "capture", "else")),
        *(intents.TestAnswer(yes=yes) for yes in (True, False)),
        *(intents.TurnPage(by=by) for by in (1, -1)),
        *(intents.Key(key=key) for key in ("1", "A", "back", "clear")),
        intents.ChooseGroup(group="kk"),
        *[intents.Next()] * 3,
        *[intents.Back()] * 2,
        *[intents.PrintSlip()] * 2,
        *[intents.OpenStaff(page="send")] * 2,
        *(intents.OpenStaff(page=page) for page in ("refused", "courier")),
        *(intents.Hold(on=on) for on in (True, False)),
        *(intents.Courier(act=act) for act in ("export", "take")),
        intents.TryLine(),
        intents.SendAgain(),
        intents.Apply(),
        intents.Stay(),
        intents.Send(),
        intents.Shutter(),
        intents.Complete(),
        intents.NotHere(),
    ]
)
OF_SENDING = (
    effects.LookAtSending,
    effects.HoldSending,
    effects.TryLine,
    effects.SendAgain,
    effects.RunCourier,
    effects.ForgetCourier,
)
OUTCOMES = st.sampled_from(["done", "failed", "doubtful", "none", "strange"])
RESULTS = st.sampled_from(["right", "right", "right", "wrong", "locked", "unset", "", "strange"])
ACTS = st.one_of(
    WORDS,
    st.tuples(st.just("slip"), st.integers(0, 4), OUTCOMES),
    st.tuples(st.just("pin"), st.integers(0, 1), RESULTS),
    st.tuples(st.just("moved"), st.integers(0, 1), st.floats(0, 2)),
    st.tuples(st.just("ended"), st.integers(0, 1), st.sampled_from([True, False, None])),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 95, 130, 300]), st.none()),
    st.tuples(st.just("in"), st.none(), st.none()),
    st.tuples(st.just("sending"), st.integers(0, 1), st.sampled_from(["cache_broken", "", "strange"])),
    st.tuples(st.just("card"), st.none(), st.none()),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([Kind.BROWSE, Kind.LOCATIONS, Kind.STAFF, Kind.STAFF]), st.lists(ACTS, max_size=40))
def test_nothing_breaks_an_errand(kind: Kind, acts: list[object]) -> None:
    journey = Journey(kind)
    let_in = False
    running: set[int] = set()
    for act in acts:
        if journey.visit is None:
            journey.event(events.Begun(journey.at, 1, kind, TODAY, ("camera",)))
            let_in = False
        before = len(journey.done)
        let_in |= happen(journey, act)
        for effect in journey.done[before:]:
            assert let_in or not isinstance(effect, OF_SENDING)
            if isinstance(effect, effects.RunTrial):
                assert not running and let_in
                running.add(effect.asked)
            if isinstance(effect, effects.StopTrial):
                running.remove(effect.asked)
            if isinstance(effect, effects.RecordTrial):
                assert let_in
                running.clear()
        visit = journey.visit
        if visit is None:
            assert not running
            continue
        shown = view(journey)
        now = visit.errand.trial
        if now is not None and now.state == "asking":
            running.clear()
        assert running == ({now.asked} if now is not None and now.state == "running" else set())
        assert visit.step not in (Step.STAFF_HOME, Step.STAFF_TEST, *sending.STEPS) or let_in
        assert visit.step is not Step.STAFF_TEST or now is not None
        assert visit.errand.slips <= errands.MOST_SLIPS
        assert visit.kind is not Kind.APPLY or (kind is Kind.BROWSE and visit.errand == type(visit.errand)())
        assert len(shown.slip_text.encode()) <= 400
        assert set(shown.text) <= {"•"} or visit.step not in errands.STEPS
        whole = status(journey)
        screen_for(whole)
        assert KioskStatus.model_validate_json(whole.model_dump_json()) == whole


def happen(journey: Journey, act: object) -> bool:
    """True when it let somebody in."""
    visit, at = journey.now, journey.at
    match act:
        case ("slip", int(job), str(outcome)):
            journey.event(events.SlipOutcome(at, visit.id, job, outcome))
        case ("pin", int(late), str(result)):
            journey.event(events.PinChecked(at, visit.id, visit.asked - late, result, 15))
            return journey.now.step is Step.STAFF_HOME and visit.step is Step.STAFF_PIN
        case ("moved", int(late), float(progress)):
            journey.event(events.TrialMoved(at, visit.id, visit.errand.tests - late, "", progress, 3))
        case ("ended", int(late), bool() | None as passed):
            journey.event(events.TrialEnded(at, visit.id, visit.errand.tests - late, passed, ROWS, "Can you read it?"))
        case ("wait", int(seconds), _):
            journey.at += seconds
            journey.event(events.Tick(journey.at))
        case ("in", _, _) if visit.step is Step.STAFF_PIN and visit.lookup in ("", "wrong", "unset"):
            journey.type(PIN)
            journey.say(intents.Next())
            journey.event(events.PinChecked(at, visit.id, journey.now.asked, "right"))
            return True
        case ("sending", int(late), str(fault)):
            journey.event(events.SendingFailed(at, visit.id - late, fault))
        case ("card", _, _):
            journey.event(events.CardLies(at, CardSeen(CardKind.OTHER, b"1234567")))
            journey.event(events.CodeSeen(at, visit.id, "KMT1X"))
        case _ if isinstance(act, intents.Intent):
            journey.say(act)
        case _:
            pass
    return False
