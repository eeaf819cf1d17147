"""Papers added to an application that is at the office, in a visit of the reducer."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest

from kiosk import intents
from kiosk.status import Step, VisitView
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.state import Kind
from offline_cache.api import Lookup, Trail
from tests.kiosk.journey import NIK, Journey
from wire import service
from wire.number import Number

NUMBER = str(Number("KMT", 10417))
One = TypeVar("One")
FIRST = "0193a5d0-0000-7000-8000-000000000001"


def trail(
    state: str = "received",
    *,
    missing: tuple[str, ...] = (),
    reasons: tuple[tuple[str, str], ...] = (),
    code: str = "KTP-HILANG",
    first: str = FIRST,
) -> Trail:
    """An answer of the office about an application for a lost KTP-el."""
    return Trail(NUMBER, code, state, reasons, "2026-11-24T03:00:00Z", True, first, missing)


def found(answer: Trail, *, without: tuple[str, ...] = ()) -> Journey:
    """A resident who sees this answer."""
    journey = Journey(Kind.STATUS, without=without)
    journey.event(events.CodeSeen(journey.at, 1, NUMBER))
    journey.type(NIK)
    (ask,) = journey.say(intents.Next())
    assert isinstance(ask, effects.Lookup)
    journey.event(events.LookupDone(journey.at, 1, ask.asked, Lookup("found", answer)))
    assert journey.now.step is Step.STATUS_RESULT
    return journey


def seen(journey: Journey) -> VisitView:
    return visit_view(journey.now, None, journey.at)


def todo(journey: Journey) -> tuple[str, ...]:
    shown = seen(journey).trail
    assert shown is not None
    return shown.todo


def effect(journey: Journey, kind: type[One]) -> One:
    (one,) = (each for each in journey.done if isinstance(each, kind))
    return one


def test_only_what_is_missing_is_scanned_and_the_number_stays() -> None:
    journey = found(trail(missing=("police",)))
    assert todo(journey) == ("police",)
    journey.say(intents.Complete())
    view = seen(journey)
    assert view.step is Step.SCAN and view.completes
    assert [(slot.paper, slot.state) for slot in view.slots] == [("police", "now")]
    assert [paper.id for paper in view.papers] == ["police"]
    journey.to(Step.REVIEW)
    assert seen(journey).can_next and seen(journey).answers == () and seen(journey).field_count == 0
    assert seen(journey).number == NUMBER, "the review names it before it is sent"
    journey.to(Step.DONE)
    submit = effect(journey, effects.Submit)
    assert (submit.service, submit.completes, submit.missing) == ("KTP-HILANG", (FIRST, NUMBER), ())
    assert submit.form == (("nik", NIK),) and submit.answers == ()
    job = effect(journey, effects.PrintReceipt)
    assert (job.number, job.completes, job.pages, job.missing) == (NUMBER, True, (("police", 1),), ())
    assert seen(journey).number == NUMBER
    assert journey.say(intents.End()) == (effects.Settle(NUMBER), effects.Leave("done", ""))


def test_refused_papers_are_scanned_again_in_the_services_order() -> None:
    refused = (("unsigned", "police"), ("unreadable", "f102"), ("office_visit", ""), ("copy", "strange"))
    journey = found(trail("needs_correction", reasons=refused, missing=("kk",)))
    assert todo(journey) == ("f102", "police", "kk")
    journey.say(intents.Complete())
    journey.keep()
    journey.keep()
    journey.say(intents.NotHere(), intents.SendWithout(yes=True))
    journey.to(Step.DONE)
    assert effect(journey, effects.Submit).missing == ("police",)
    assert effect(journey, effects.PrintReceipt).pages == (("f102", 2), ("kk", 1))


@pytest.mark.parametrize(
    "answer",
    [
        trail(),
        trail("approved", missing=("police",)),
        trail("rejected", reasons=(("copy", "police"),), missing=("police",)),
        trail("in_review", reasons=(("copy", "police"),)),
        trail(missing=("strange",)),
        trail(missing=("police",), code="UNKNOWN"),
        trail(missing=("police",), first=""),
    ],
)
def test_where_nothing_can_be_added_the_button_does_nothing_and_the_nik_is_gone(answer: Trail) -> None:
    journey = found(answer)
    assert todo(journey) == () and journey.now.answer("nik") == ""
    journey.say(intents.Complete())
    assert journey.now.step is Step.STATUS_RESULT


@pytest.mark.parametrize("state", ["received", "in_review", "needs_correction", "queued"])
def test_it_may_be_completed_until_it_is_decided(state: str) -> None:
    assert todo(found(trail(state, missing=("kk",)))) == ("kk",)


def test_the_result_does_not_carry_the_nik() -> None:
    journey = found(trail(missing=("police",)))
    assert NIK not in seen(journey).model_dump_json()
    journey.say(intents.Complete())
    for _ in range(2):
        assert NIK not in seen(journey).model_dump_json()
        journey.to(Step.REVIEW)


def test_nothing_brought_is_nothing_sent() -> None:
    journey = found(trail(missing=("police",)), without=("police",))
    journey.say(intents.Complete())
    journey.to(Step.REVIEW)
    assert not seen(journey).can_next and seen(journey).blocked and journey.say(intents.Send()) == ()
    journey.say(intents.Back())
    assert journey.now.step is Step.STATUS_RESULT
    journey.say(intents.Complete())
    assert journey.now.step is Step.SCAN and journey.now.missing == ()


def test_back_from_scanning_leads_to_the_result_and_keeps_the_pages() -> None:
    journey = found(trail(missing=("police", "kk")))
    journey.say(intents.Complete())
    journey.keep()
    journey.say(intents.Back())
    assert journey.now.step is Step.STATUS_RESULT and len(journey.now.kept) == 1
    journey.say(intents.Complete())
    assert [slot.state for slot in seen(journey).slots] == ["done", "now"]
    journey.to(Step.REVIEW)
    journey.say(intents.Redo(paper="police", page=1), intents.Back())
    assert journey.now.step is Step.REVIEW


def test_another_number_begins_anew() -> None:
    journey = found(trail(missing=("police",)))
    journey.say(intents.Complete())
    journey.keep()
    journey.say(intents.Back())
    draft = journey.now.draft
    assert journey.say(intents.Back())[-1] == effects.Abandon(draft)
    visit = journey.now
    assert (visit.step, visit.service, visit.kept, visit.completes) == (Step.STATUS_NUMBER, "", (), None)
    assert visit.answer("nik") == "" and visit.draft != draft


@pytest.mark.parametrize("word", [intents.Cancel(), None])
def test_a_completion_given_up_leaves_nothing(word: intents.Intent | None) -> None:
    journey = found(trail(missing=("police", "kk")))
    journey.say(intents.Complete())
    journey.keep()
    gone = journey.say(word) if word else journey.wait(120)
    assert effects.Abandon("1.0") in gone and journey.visit is None


def test_papers_that_this_terminal_cannot_name_go_on_being_missing() -> None:
    journey = found(trail(missing=("strange", "police")))
    journey.say(intents.Complete())
    journey.to(Step.DONE)
    assert effect(journey, effects.Submit).missing == ("strange",)


def test_what_the_district_no_longer_asks_for_is_not_missing_any_more(tmp_path: Path) -> None:
    district = tmp_path / "district.yaml"
    district.write_text(
        "{schema_version: 1, district: Kota Banjar, source: SK 12/2026, source_date: 2026-11-02,"
        " services: {KTP-HILANG: {drop: [kk]}}}"
    )
    service.use(district)
    try:
        journey = found(trail(missing=("police", "kk")))
        assert todo(journey) == ("police",)
        shown = seen(journey).trail
        assert shown is not None and shown.missing == ("police",)
        journey.say(intents.Complete())
        journey.to(Step.DONE)
        assert effect(journey, effects.Submit).missing == ()
    finally:
        service.use(None)


def test_a_wrong_second_fact_opens_nothing() -> None:
    journey = Journey(Kind.STATUS)
    journey.event(events.CodeSeen(journey.at, 1, NUMBER))
    journey.type(NIK)
    journey.say(intents.Next())
    journey.event(events.LookupDone(journey.at, 1, journey.now.asked, Lookup("wrong")))
    journey.say(intents.Complete())
    assert journey.now.step is Step.STATUS_NIK and journey.now.answer("nik") == ""
