"""Questions, choices and papers that are not here, in a visit of the reducer."""

from __future__ import annotations

import pytest

from kiosk import intents
from kiosk.ladder import Screen, screen_for
from kiosk.status import KioskStatus, Step, VisitView
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.state import Kind, Sight
from tests.kiosk.journey import NIK, Journey


def seen(journey: Journey) -> VisitView:
    return visit_view(journey.now, None, journey.at)


def screen(journey: Journey) -> Screen:
    return screen_for(KioskStatus(rev=1, visit=seen(journey)))


def states(journey: Journey) -> dict[tuple[str, int], str]:
    return {(slot.paper, slot.page): slot.state for slot in seen(journey).slots}


def sent(journey: Journey) -> effects.Submit:
    (submit,) = (effect for effect in journey.done if isinstance(effect, effects.Submit))
    return submit


def receipt(journey: Journey) -> effects.PrintReceipt:
    (job,) = (effect for effect in journey.done if isinstance(effect, effects.PrintReceipt))
    return job


# -- groups


def test_the_first_group_with_a_service_is_open_until_another_is_chosen() -> None:
    journey = Journey()
    assert seen(journey).group == "kk"
    journey.say(intents.ChooseGroup(group="move"))
    assert seen(journey).group == "move"
    journey.say(intents.ChooseGroup(group="no such group"))
    assert seen(journey).group == "move"
    journey.say(intents.ChooseService(code="PINDAH-KELUAR"), intents.Back())
    assert (journey.now.step, seen(journey).group) == (Step.SERVICE, "move")


# -- questions


def test_a_question_waits_for_its_answer_and_the_answer_decides_on_the_papers() -> None:
    journey = Journey(service="KK-HILANG-RUSAK").to(Step.REQUIREMENTS)
    view = seen(journey)
    assert [q.id for q in view.questions] == ["why"] and not view.can_next
    journey.say(intents.Next())
    assert journey.now.step is Step.REQUIREMENTS
    journey.say(intents.Answer(question="why", answer="damaged"))
    assert [p.id for p in seen(journey).papers] == ["f102", "kk", "f107"]
    journey.say(intents.Answer(question="why", answer="lost"))
    view = seen(journey)
    assert [(p.id, p.need, p.because) for p in view.papers] == [
        ("f102", "required", ""),
        ("police", "required", "Because it is lost"),
        ("f107", "optional", ""),
    ]
    assert view.questions[0].chosen == "lost" and view.can_next
    journey.say(intents.Next())
    assert journey.now.step is Step.PRIVACY


def test_questions_come_one_at_a_time_forward_and_back() -> None:
    journey = Journey(service="AKTA-LAHIR").to(Step.REQUIREMENTS)
    journey.say(intents.Answer(question="marriage", answer="book"))
    assert journey.now.choices == ()
    journey.say(intents.Answer(question="proof", answer="letter"), intents.Next())
    assert (seen(journey).question, len(seen(journey).questions)) == (1, 2)
    journey.say(intents.Next())
    assert journey.now.step is Step.REQUIREMENTS
    journey.say(intents.Answer(question="marriage", answer="none"), intents.Next())
    assert journey.now.step is Step.PRIVACY
    journey.say(intents.Back())
    assert (journey.now.step, seen(journey).question) == (Step.REQUIREMENTS, 1)
    journey.say(intents.Back())
    assert seen(journey).question == 0 and seen(journey).questions[1].chosen == "none"
    journey.say(intents.Back())
    assert journey.now.step is Step.SERVICE
    journey.say(intents.ChooseService(code="AKTA-LAHIR"))
    assert seen(journey).questions[0].chosen == "letter"


def test_an_answer_that_makes_a_question_fall_away_takes_its_answer_along() -> None:
    journey = Journey(service="AKTA-LAHIR", choices={"marriage": "book"}).to(Step.PRIVACY)
    journey.say(intents.Back(), intents.Back(), intents.Answer(question="proof", answer="found"))
    assert [q.id for q in seen(journey).questions] == ["proof"]
    assert [p.id for p in seen(journey).papers if p.need == "required"] == ["f201", "police_report", "kk"]
    journey.choices["proof"] = "found"
    journey.to(Step.DONE)
    assert sent(journey).answers == (("proof", "found"),)


def test_another_service_forgets_answers_and_papers() -> None:
    journey = Journey(service="KK-HILANG-RUSAK", without=("police",)).to(Step.REVIEW)
    while journey.now.step is not Step.SERVICE:
        journey.say(intents.Back())
    assert journey.say(intents.ChooseService(code="KTP-HILANG")) == (effects.Abandon("1.0"),)
    assert (journey.now.choices, journey.now.missing, journey.now.kept) == ((), (), ())


def test_pages_of_papers_no_longer_asked_for_are_not_sent() -> None:
    journey = Journey(service="KK-HILANG-RUSAK", choices={"why": "lost"}, without=("f107",)).to(Step.REVIEW)
    while journey.now.step is not Step.REQUIREMENTS:
        journey.say(intents.Back())
    # A slip of the finger costs nothing.
    journey.say(intents.Answer(question="why", answer="damaged"), intents.Answer(question="why", answer="lost"))
    journey.say(intents.Next())
    assert len(journey.now.kept) == 3 and journey.now.skipped == ("f107",)
    journey.say(intents.Back(), intents.Answer(question="why", answer="damaged"), intents.Next())
    assert [(page.paper, page.page) for page in journey.now.kept] == [("f102", 1), ("f102", 2)]
    # Told again that it is lost: its page must be taken once more.
    journey.say(intents.Back(), intents.Answer(question="why", answer="lost"))
    journey.choices["why"] = "lost"
    journey.to(Step.DONE)
    assert sent(journey).dropped == () and receipt(journey).pages == (("f102", 2), ("police", 1))


def test_what_was_dropped_is_told_at_send() -> None:
    journey = Journey(service="KK-HILANG-RUSAK", choices={"why": "lost"}, without=("f107",)).to(Step.REVIEW)
    while journey.now.step is not Step.REQUIREMENTS:
        journey.say(intents.Back())
    journey.choices["why"] = "damaged"
    journey.to(Step.DONE)
    assert sent(journey).dropped == (("police", 1),)
    assert sent(journey).answers == (("why", "damaged"),)
    assert receipt(journey).pages == (("f102", 2), ("kk", 1))


# -- NIK repair


def test_nik_repair_begins_with_its_service_and_back_ends_it() -> None:
    journey = Journey(Kind.NIK)
    assert (journey.now.step, journey.now.service) == (Step.REQUIREMENTS, "NIK-KONSOLIDASI")
    assert [type(effect).__name__ for effect in journey.say(intents.Back())] == ["Abandon", "Leave"]
    assert journey.visit is None
    journey = Journey(Kind.NIK, without=("refusal",)).to(Step.DONE)
    assert sent(journey).service == "NIK-KONSOLIDASI" and sent(journey).missing == ()


def test_nik_repair_does_not_begin_where_the_district_dropped_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.visit import advance

    rest = tuple(code for code in advance.offered() if code != "NIK-KONSOLIDASI")
    monkeypatch.setattr(advance, "offered", lambda: rest)
    assert Journey(Kind.NIK).visit is None


# -- choice fields


def test_a_choice_is_picked_and_the_review_names_it() -> None:
    journey = Journey(Kind.NIK, without=("refusal",)).to(Step.FORM)
    while (pad := journey.now.field()) is not None and pad.kind != "choice":
        journey.fill()
        journey.say(intents.Next())
    view = seen(journey)
    assert view.field == "reason" and ("bank", "Bank") in view.options and view.blocked and not view.can_next
    journey.say(intents.Key(key="b"), intents.Pick(option="no such thing"))
    assert seen(journey).text == ""
    journey.say(intents.Pick(option="bank"))
    assert seen(journey).text == "bank" and seen(journey).can_next and not seen(journey).blocked
    journey.say(intents.Key(key="back"), intents.Next(), intents.Back())
    assert seen(journey).text == "bank"
    journey.say(intents.Next())
    journey.to(Step.REVIEW)
    assert dict(seen(journey).answers)["reason"] == "Bank"
    journey.say(intents.Send())
    assert dict(sent(journey).form)["reason"] == "bank"


def test_a_pick_where_nothing_is_to_be_picked_changes_nothing() -> None:
    journey = Journey().to(Step.FORM)
    before = journey.now
    journey.say(intents.Pick(option="bank"))
    assert journey.now == before


# -- papers that are not here


def test_a_required_paper_is_asked_about_and_comes_later() -> None:
    journey = Journey().to(Step.SCAN)
    journey.keep()
    journey.keep()
    assert seen(journey).can_skip and effects.SetCamera(Sight.HELD) in journey.say(intents.NotHere())
    assert (seen(journey).asking_missing, screen(journey)) == ("police", Screen.PAPER_MISSING)
    assert journey.say(intents.Shutter()) == ()
    assert journey.event(events.PageFired(journey.at, journey.now.draft, b"frame")) == ()
    journey.say(intents.SendWithout(yes=False))
    assert (journey.now.missing, seen(journey).asking_missing) == ((), "")
    journey.say(intents.NotHere(), intents.Back())
    assert journey.now.step is Step.SCAN and journey.now.missing == () and not seen(journey).asking_missing
    journey.say(intents.NotHere(), intents.SendWithout(yes=True))
    assert states(journey) == {("f102", 1): "done", ("f102", 2): "done", ("police", 1): "missing", ("kk", 1): "now"}
    journey.to(Step.DONE)
    assert sent(journey).missing == ("police",) == receipt(journey).missing
    assert receipt(journey).pages == (("f102", 2), ("kk", 1)) and seen(journey).missing == ("police",)


def test_an_optional_paper_is_left_out_without_a_question() -> None:
    journey = Journey(Kind.NIK, without=("refusal",)).to(Step.SCAN)
    journey.keep()
    journey.keep()
    journey.say(intents.NotHere())
    assert journey.now.step is Step.REVIEW and states(journey)[("refusal", 1)] == "skipped"
    journey.to(Step.DONE)
    assert sent(journey).missing == () and receipt(journey).pages == (("ktp", 1), ("kk", 1))


def test_half_a_paper_is_none() -> None:
    journey = Journey().to(Step.SCAN)
    journey.keep()
    journey.say(intents.NotHere(), intents.SendWithout(yes=True))
    assert journey.now.missing == ("f102",) and journey.now.kept == ()
    journey.to(Step.DONE)
    assert sent(journey).dropped == (("f102", 1),) and receipt(journey).pages == (("police", 1), ("kk", 1))


def test_without_one_page_nothing_can_be_sent() -> None:
    journey = Journey(without=("f102", "police", "kk")).to(Step.REVIEW)
    assert not seen(journey).can_next and seen(journey).blocked
    assert journey.say(intents.Send()) == () and journey.now.step is Step.REVIEW
    journey.say(intents.Redo(paper="kk", page=1))
    journey.keep()
    assert journey.now.step is Step.REVIEW and seen(journey).can_next and not seen(journey).blocked
    journey.to(Step.DONE)
    assert sent(journey).missing == ("f102", "police")


@pytest.mark.parametrize(("kind", "paper"), [(Kind.APPLY, "f102"), (Kind.NIK, "refusal")])
def test_redo_brings_back_what_was_not_here(kind: Kind, paper: str) -> None:
    journey = Journey(kind, without=(paper,)).to(Step.REVIEW)
    journey.say(intents.Redo(paper=paper, page=1))
    assert journey.now.step is Step.SCAN and states(journey)[(paper, 1)] == "now"
    journey.say(intents.Back())
    assert journey.now.step is Step.REVIEW and states(journey)[(paper, 1)] in ("missing", "skipped")
    journey.say(intents.Redo(paper=paper, page=1), intents.NotHere(), intents.SendWithout(yes=True))
    assert journey.now.step is Step.REVIEW and states(journey)[(paper, 1)] in ("missing", "skipped")
    journey.say(intents.Redo(paper=paper, page=1))
    while journey.now.step is Step.SCAN:
        journey.keep()
    assert set(states(journey).values()) == {"done"} and not journey.now.missing and not journey.now.skipped
    journey.to(Step.DONE)
    assert sent(journey).missing == () == sent(journey).dropped


def test_a_page_that_is_replaced_cannot_become_missing() -> None:
    journey = Journey().to(Step.REVIEW)
    journey.say(intents.Redo(paper="police", page=1))
    assert not seen(journey).can_skip
    journey.say(intents.NotHere())
    assert not journey.now.asking_missing and len(journey.now.kept) == 4


def test_a_page_that_is_taken_or_judged_cannot_become_missing() -> None:
    journey = Journey().to(Step.SCAN)
    journey.say(intents.Shutter(), intents.NotHere())
    assert not journey.now.asking_missing and not seen(journey).can_skip


def test_the_question_about_a_paper_waits_as_long_as_any_other() -> None:
    journey = Journey().to(Step.SCAN)
    journey.say(intents.NotHere())
    journey.wait(95)
    assert journey.now.warned == 25
    assert [type(effect).__name__ for effect in journey.wait(25)] == ["SetCamera", "Abandon", "Leave"]


def test_a_send_that_is_answered_late_prints_what_was_sent() -> None:
    journey = Journey(without=("police",)).to(Step.SENDING)
    journey.wait(31)
    assert journey.now.step is Step.REVIEW
    journey.say(intents.Redo(paper="police", page=1))
    journey.keep()
    assert journey.now.missing == ()
    journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X"))
    assert receipt(journey).missing == ("police",) == seen(journey).missing
    assert receipt(journey).pages == (("f102", 2), ("kk", 1))


def test_the_form_holds_what_the_review_showed_and_the_nik() -> None:
    journey = Journey(Kind.NIK, without=("refusal",)).to(Step.DONE)
    form = dict(sent(journey).form)
    assert form["nik"] == NIK and set(form) == {"nik", "name", "kk", "phone", "reason", "problem"}
