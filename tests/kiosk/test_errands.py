"""Requirements, locations and the staff's pages on the reducer alone: what they do, and what they never do."""

from __future__ import annotations

import pytest

from kiosk import intents
from kiosk.hands import Facts
from kiosk.ladder import Screen, screen_for
from kiosk.status import Step
from kiosk.visit import effects, errands, events
from kiosk.visit.delays import DELAYS
from kiosk.visit.state import Kind
from tests.kiosk.errand import PIN, ROWS, kinds, status, view
from tests.kiosk.journey import Journey
from wire.service import catalogue

# -- requirements


def browsing(code: str = "KK-HILANG-RUSAK") -> Journey:
    journey = Journey(Kind.BROWSE)
    journey.say(intents.ChooseService(code=code))
    return journey


def test_the_list_needs_its_answers_before_it_is_printed() -> None:
    journey = browsing()
    assert screen_for(status(journey)) is Screen.BROWSE_SERVICE
    before = view(journey)
    assert (before.slip_text, before.questions[0].chosen, before.can_next) == ("", "", False)
    assert journey.say(intents.PrintSlip()) == ()
    journey.say(intents.Answer(question="why", answer="lost"))
    shown = view(journey)
    assert shown.slip_text.splitlines()[0] == "KK hilang atau rusak"
    assert "ASLI, bukan fotokopi" in shown.slip_text
    assert [paper.id for paper in shown.papers] == ["f102", "police", "f107"]
    assert journey.say(intents.PrintSlip()) == (
        effects.PrintSlip(journey.now.id, 1, "KK-HILANG-RUSAK", (("why", "lost"),)),
    )
    assert view(journey).slip == "printing"
    assert journey.say(intents.PrintSlip()) == ()


def printed(journey: Journey, outcome: str, job: int = 1) -> str:
    journey.event(events.SlipOutcome(journey.at, journey.now.id, job, outcome))
    return view(journey).slip


def test_the_slip_says_how_it_ended() -> None:
    assert view(browsing("KTP-HILANG")).slips_left == errands.MOST_SLIPS
    for outcome, state in (("done", "done"), ("failed", "failed"), ("none", "failed"), ("doubtful", "failed")):
        journey = browsing("KTP-HILANG")
        journey.say(intents.PrintSlip())
        assert printed(journey, "done", job=2) == "printing"  # of another job
        assert printed(journey, outcome) == state
    assert printed(journey, "done") == "done"  # confirmed after all
    journey = browsing("KTP-HILANG")
    journey.say(intents.PrintSlip())
    journey.wait(DELAYS.print + 1)
    assert view(journey).slip == "failed"


def test_a_visit_prints_three_slips_and_another_list_is_another_slip() -> None:
    journey = browsing()
    for job, answer in enumerate(("lost", "damaged", "lost"), 1):
        journey.say(intents.Answer(question="why", answer=answer))
        assert view(journey).slip == ""
        assert kinds(journey.say(intents.PrintSlip())) == ["PrintSlip"]
        assert printed(journey, "done", job) == "done"
        journey.say(intents.Answer(question="why", answer=answer))
        assert view(journey).slip == "done"
    assert journey.say(intents.PrintSlip()) == () and journey.now.errand.slips == errands.MOST_SLIPS
    assert view(journey).slips_left == 0


def test_from_the_list_an_application_begins_where_it_stands() -> None:
    journey = browsing()
    journey.say(intents.Apply())
    assert (journey.now.kind, journey.now.step, journey.now.question) == (Kind.APPLY, Step.REQUIREMENTS, 0)
    journey = browsing()
    journey.say(intents.Answer(question="why", answer="damaged"), intents.Apply())
    assert (journey.now.kind, journey.now.step) == (Kind.APPLY, Step.PRIVACY)
    journey.to(Step.REVIEW)
    assert [slot.paper for slot in journey.now.slots()] == ["f102", "f102", "kk", "f107"]
    assert kinds(journey.say(intents.Cancel())) == ["Abandon", "Leave"]


def test_back_from_an_applied_list_leads_to_its_last_question() -> None:
    for code, service in catalogue().items():
        for case in service.cases():
            journey = browsing(code)
            while (question := questions_left(journey)) is not None:
                journey.say(intents.Answer(question=question, answer=case[question]), intents.Next())
            assert journey.now.given() == case
            journey.say(intents.Apply(), intents.Back())
            assert journey.now.step is Step.REQUIREMENTS
            assert view(journey).question == max(0, len(case) - 1)


def questions_left(journey: Journey) -> str | None:
    given = journey.now.given()
    return next((question.id for question in journey.now.questions() if question.id not in given), None)


def test_back_goes_through_the_questions_to_the_list_and_home() -> None:
    journey = browsing()
    journey.say(intents.Answer(question="why", answer="lost"), intents.Back())
    assert journey.now.step is Step.BROWSE
    journey.say(intents.ChooseService(code="KK-HILANG-RUSAK"))
    assert view(journey).questions[0].chosen == ""  # another resident's look may begin anew
    journey.say(intents.Back())
    assert kinds(journey.say(intents.Back())) == ["Leave"]


def test_lists_take_a_group_and_pages() -> None:
    for kind in (Kind.BROWSE, Kind.LOCATIONS):
        journey = Journey(kind)
        journey.say(intents.TurnPage(by=1), intents.TurnPage(by=1))
        assert journey.now.errand.page == 2
        journey.say(intents.ChooseGroup(group="act"))
        assert (journey.now.group, journey.now.errand.page) == ("act", 0)
        assert kinds(journey.say(intents.End())) == ["Leave"]


# -- staff


def signing(pin: str = PIN) -> Journey:
    journey = Journey(Kind.STAFF)
    journey.type(pin)
    return journey


def signed_in() -> Journey:
    journey = signing()
    journey.say(intents.Next())
    answer(journey, "right")
    assert journey.now.step is Step.STAFF_HOME
    return journey


def answer(journey: Journey, result: str, lock_s: int = 0, asked: int = 1) -> None:
    journey.event(events.PinChecked(journey.at, journey.now.id, asked, result, lock_s))


def test_the_pin_is_shown_as_bullets_and_asked_about_once_it_is_long_enough() -> None:
    journey = signing("27182")
    assert (view(journey).text, view(journey).can_next) == ("•••••", False)
    assert journey.say(intents.Next()) == ()
    journey.type("x8-8")
    journey.say(intents.Key(key="back"))
    assert (view(journey).text, view(journey).can_next) == ("••••••", True)
    for text in (repr(journey.visit), status(journey).model_dump_json()):
        assert PIN not in text
    assert journey.say(intents.Next()) == (effects.CheckPin(1, 1, PIN),)
    assert journey.now.errand.pin == "" and view(journey).busy
    assert journey.say(intents.Next()) == () and journey.say(intents.Key(key="1")) == ()
    journey = signing("1" * 20)
    assert len(view(journey).text) == 12
    journey.say(intents.Key(key="clear"))
    assert view(journey).text == ""


@pytest.mark.parametrize(("result", "shown"), [("wrong", "wrong"), ("unset", "unset"), ("locked", "locked")])
def test_a_refused_pin_is_told(result: str, shown: str) -> None:
    journey = signing()
    journey.say(intents.Next())
    answer(journey, result, 15)
    staff = view(journey).staff
    assert staff is not None
    assert (journey.now.step, staff.pin, staff.devices, staff.version) == (Step.STAFF_PIN, shown, (), "")
    journey.type(PIN)
    if result == "locked":
        assert view(journey).lock_s == 15 and journey.say(intents.Next()) == ()
        journey.wait(15)
    assert view(journey).staff != staff and kinds(journey.say(intents.Next())) == ["CheckPin"]
    answer(journey, "right", asked=1)  # the first question's
    assert journey.now.step is Step.STAFF_PIN
    answer(journey, "right", asked=2)
    assert journey.now.step is Step.STAFF_HOME


def test_no_answer_about_a_pin_lets_nobody_in() -> None:
    journey = signing()
    journey.say(intents.Next())
    answer(journey, "")
    assert view(journey).blocked and journey.now.step is Step.STAFF_PIN
    journey = signing()
    journey.say(intents.Next())
    journey.wait(DELAYS.lookup + 1)
    answer(journey, "right")
    assert journey.now.step is Step.STAFF_PIN and view(journey).blocked


def test_without_a_pin_it_is_said_at_once() -> None:
    journey = Journey(Kind.STAFF)
    staff = view(journey, Facts(known=True)).staff
    assert staff is not None and staff.pin == "unset"
    staff = view(journey, Facts(known=True, fault="cache_broken")).staff
    assert staff is not None and staff.pin == ""


def test_the_list_puts_what_needs_a_person_first() -> None:
    staff = view(signed_in()).staff
    assert staff is not None
    assert [(row.role, row.phase, row.testable) for row in staff.devices] == [
        ("line", "offline", True),
        ("capture", "ready", False),
        ("queue", "ready", True),
    ]
    line = staff.devices[0]
    assert (line.words, line.tested, line.passed) == ("There is no network.", "2026-11-23T01:00:00+00:00", False)
    assert (staff.queued, staff.disk_free, staff.oldest) == (3, 12_000_000_000, "2026-11-24T01:00:00+00:00")


def trial(journey: Journey) -> tuple[str, str]:
    staff = view(journey).staff
    assert staff is not None and staff.trial is not None
    return staff.trial.role, staff.trial.state


def test_a_test_runs_ends_and_is_recorded() -> None:
    journey = signed_in()
    assert journey.say(intents.TestDevice(role="camera")) == (effects.RunTrial(1, 1, "camera"),)
    assert journey.say(intents.TestDevice(role="card")) == ()  # one at a time
    journey.event(events.TrialMoved(journey.at, 1, 1, "Lay a card on the reader.", 0.4, 12))
    staff = view(journey).staff
    assert staff and staff.trial and (staff.trial.hint, staff.trial.left_s) == ("Lay a card on the reader.", 12)
    found = journey.event(events.TrialEnded(journey.at, 1, 1, True, ROWS, image=b"\xff\xd8"))
    assert found == (effects.RecordTrial("camera", True, ROWS),)
    assert trial(journey) == ("camera", "passed")
    assert journey.event(events.TrialEnded(journey.at, 1, 1, False, ROWS)) == ()
    assert journey.say(intents.TestDevice(role="camera")) == (effects.RunTrial(1, 2, "camera"),)
    assert kinds(journey.say(intents.Back())) == ["StopTrial"]
    assert journey.now.step is Step.STAFF_HOME
    assert journey.event(events.TrialEnded(journey.at, 1, 2, True, ROWS)) == ()
    assert kinds(journey.say(intents.End())) == ["Leave"]


@pytest.mark.parametrize("yes", [True, False])
def test_what_a_person_must_see_is_asked(yes: bool) -> None:
    journey = signed_in()
    journey.say(intents.TestDevice(role="printer"))
    assert journey.event(events.TrialEnded(journey.at, 1, 1, None, ROWS, "Can you read it?")) == ()
    assert trial(journey) == ("printer", "asking")
    mark = "ok" if yes else "bad"
    rows = (*ROWS, ("Can you read it?", "Yes" if yes else "No", mark))
    assert journey.say(intents.TestAnswer(yes=yes)) == (effects.RecordTrial("printer", yes, rows),)
    assert trial(journey) == ("printer", "passed" if yes else "failed")
    assert journey.say(intents.TestAnswer(yes=yes)) == ()


def test_a_test_without_an_end_fails() -> None:
    journey = signed_in()
    journey.say(intents.TestDevice(role="line"))
    found = journey.wait(DELAYS.trial + 1)
    assert kinds(found) == ["StopTrial", "RecordTrial"] and trial(journey) == ("line", "failed")


def test_silence_signs_out() -> None:
    journey = signed_in()
    journey.wait(DELAYS.idle)
    assert screen_for(status(journey)) is Screen.TIMEOUT
    assert kinds(journey.wait(DELAYS.warning + 1)) == ["Leave"]
    assert journey.visit is None


def test_nothing_is_tested_before_the_pin() -> None:
    journey = signing()
    words = (intents.TestDevice(role="printer"), intents.TestAnswer(yes=True), intents.Apply(), intents.PrintSlip())
    assert journey.say(*words) == () and journey.now.step is Step.STAFF_PIN
