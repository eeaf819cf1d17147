"""The visit reducer: the whole way, every way back, the time-outs, the receipt's outcomes."""

from __future__ import annotations

import pytest

from kiosk import intents
from kiosk.status import Step
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.state import Kind, Sight
from offline_cache.api import Lookup, Trail
from tests.kiosk.journey import ANSWERS, NIK, Journey, judged

APPLY = (
    Step.SERVICE,
    Step.REQUIREMENTS,
    Step.PRIVACY,
    Step.NIK,
    Step.FORM,
    Step.SCAN,
    Step.REVIEW,
)


def kinds(found: tuple[effects.Effect, ...]) -> list[str]:
    return [type(effect).__name__ for effect in found]


def test_the_whole_way_submits_once_and_prints_once() -> None:
    journey = Journey().to(Step.DONE)
    assert kinds(tuple(e for e in journey.done if isinstance(e, effects.Submit))) == ["Submit"]
    (submit,) = (e for e in journey.done if isinstance(e, effects.Submit))
    assert dict(submit.form) == {"nik": NIK} | ANSWERS
    sealed = [(e.paper, e.page) for e in journey.done if isinstance(e, effects.SealPage)]
    assert sealed == [("f102", 1), ("f102", 2), ("police", 1), ("kk", 1)]
    (receipt,) = (e for e in journey.done if isinstance(e, effects.PrintReceipt))
    assert (receipt.number, receipt.job, receipt.copy) == ("KMT-1-X", 1, False)
    assert receipt.pages == (("f102", 2), ("police", 1), ("kk", 1))
    assert kinds(journey.say(intents.End())) == ["Settle", "Leave"]
    assert journey.visit is None


def test_what_can_be_kept_or_sent_is_prepared_while_the_resident_looks() -> None:
    journey = Journey().to(Step.DONE)
    seen = [e for e in journey.done if isinstance(e, effects.PreparePage | effects.SealPage)]
    assert [type(e).__name__ for e in seen] == ["PreparePage", "SealPage"] * 4
    assert all(ahead.image is kept.image for ahead, kept in zip(seen[::2], seen[1::2], strict=True))
    sent = [e for e in journey.done if isinstance(e, effects.Prepare | effects.Submit)]
    assert isinstance(sent[0], effects.Prepare) and sent == [effects.Prepare(sent[0].send), sent[0].send]
    journey = Journey().to(Step.REVIEW)
    assert not journey.wait(5)
    journey.say(intents.Back())
    journey.type("1")
    found = journey.say(intents.Next())
    assert kinds(found)[-1] == "Prepare" and found[-1] != sent[0]


def test_back_leads_the_whole_way_home_and_keeps_what_was_typed() -> None:
    journey = Journey().to(Step.REVIEW)
    seen: list[Step] = []
    while journey.visit is not None:
        seen.append(journey.now.step)
        journey.say(intents.Back())
    assert seen == [
        Step.REVIEW,
        *[Step.FORM] * 5,
        Step.NIK,
        Step.PRIVACY,
        Step.REQUIREMENTS,
        Step.SERVICE,
    ]
    assert kinds(tuple(journey.done[-2:])) == ["Abandon", "Leave"]
    journey = Journey().to(Step.FORM)
    journey.type("SITI")
    journey.say(intents.Back())
    assert visit_view(journey.now, None, 0).text == NIK
    journey.say(intents.Next())
    assert visit_view(journey.now, None, 0).text == "SITI"


@pytest.mark.parametrize("step", APPLY)
def test_cancel_at_every_step_wipes(step: Step) -> None:
    journey = Journey().to(step)
    assert kinds(journey.say(intents.Cancel()))[-2:] == ["Abandon", "Leave"]
    assert journey.visit is None


@pytest.mark.parametrize("step", APPLY)
def test_silence_at_every_step_warns_then_wipes(step: Step) -> None:
    journey = Journey().to(step)
    journey.wait(89)
    assert journey.now.warned == 0
    journey.wait(1)
    assert journey.now.warned == 30
    journey.say(intents.Stay())
    assert journey.now.warned == 0
    journey.wait(119)
    assert journey.now.warned == 1
    gone = journey.wait(1)
    assert journey.visit is None
    assert effects.Leave("timed_out", "") in gone


@pytest.mark.parametrize("word", [intents.Cancel(), intents.End()])
def test_the_warning_can_be_answered_with_the_end(word: intents.Intent) -> None:
    journey = Journey().to(Step.NIK)
    journey.wait(95)
    journey.say(word)
    assert journey.visit is None


def test_there_is_no_way_back_and_no_cancel_once_sent() -> None:
    journey = Journey().to(Step.SENDING)
    for word in (intents.Back(), intents.Cancel(), intents.End(), intents.Send(), intents.Next()):
        assert journey.say(word) == ()
    assert journey.now.step is Step.SENDING
    assert not visit_view(journey.now, None, 0).can_back


def test_send_pressed_twice_is_one_submission() -> None:
    journey = Journey().to(Step.REVIEW)
    assert kinds(journey.say(intents.Send())) == ["Submit"]
    assert journey.say(intents.Send()) == ()


def test_a_full_disk_at_send_leads_back_to_the_review_and_says_so() -> None:
    journey = Journey().to(Step.SENDING)
    journey.event(events.SubmitFailed(journey.at, journey.now.draft, "disk_full"))
    view = visit_view(journey.now, None, 0)
    assert view.step is Step.REVIEW and view.blocked and view.can_next
    assert kinds(journey.say(intents.Send())) == ["Submit"]


def test_a_send_that_answers_too_late_still_counts() -> None:
    journey = Journey().to(Step.SENDING)
    journey.wait(31)
    assert journey.now.step is Step.REVIEW
    found = journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X"))
    assert kinds(found) == ["PrintReceipt"]
    assert journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X")) == ()


def test_a_send_that_fails_too_late_leaves_nothing_for_the_receipt() -> None:
    journey = Journey().to(Step.SENDING)
    journey.wait(31)
    journey.event(events.SubmitFailed(journey.at, journey.now.draft, "disk_full"))
    assert journey.now.step is Step.REVIEW and journey.now.parcel is None, "the next one is another"


def test_the_camera_follows_the_step() -> None:
    journey = Journey().to(Step.FORM)
    assert journey.now.sight() is Sight.OFF
    journey.to(Step.SCAN)
    assert effects.SetCamera(Sight.PAGE) in journey.done
    journey.say(intents.Shutter())
    assert journey.done[-2] == effects.SetCamera(Sight.HELD)
    journey.say(intents.Cancel())
    assert effects.SetCamera(Sight.OFF) in journey.done[-3:]


def test_a_page_that_fires_is_judged_from_that_very_frame() -> None:
    journey = Journey().to(Step.SCAN)
    (_, judge) = journey.event(events.PageFired(journey.at, journey.now.draft, b"frame"))
    assert isinstance(judge, effects.JudgePage) and judge.jpeg == b"frame"
    assert journey.event(events.PageFired(journey.at, journey.now.draft, b"next")) == ()


def test_a_refused_page_cannot_be_kept() -> None:
    journey = Journey().to(Step.SCAN)
    journey.say(intents.Shutter())
    journey.event(judged(journey.at, journey.now.draft, journey.now.shot, ok=False, reason="blurred"))
    assert journey.say(intents.Keep()) == ()
    view = visit_view(journey.now, None, 0)
    assert view.judged is not None and view.judged.reason == "blurred"
    journey.say(intents.Retake())
    assert journey.now.judged is None and not journey.now.kept


def test_a_verdict_on_an_older_picture_changes_nothing() -> None:
    journey = Journey().to(Step.SCAN)
    journey.say(intents.Shutter(), intents.Back())
    assert journey.now.step is Step.FORM
    journey.event(judged(journey.at, journey.now.draft, journey.now.shot))
    assert journey.now.judged is None


def test_a_page_counts_only_when_it_is_sealed() -> None:
    journey = Journey().to(Step.SCAN)
    journey.say(intents.Shutter())
    journey.event(judged(journey.at, journey.now.draft, journey.now.shot))
    journey.say(intents.Keep())
    assert not journey.now.kept and visit_view(journey.now, None, 0).busy
    journey.event(events.SealFailed(journey.at, journey.now.draft, "disk_full"))
    assert not journey.now.kept and visit_view(journey.now, None, 0).blocked
    journey.say(intents.Keep())
    journey.event(events.PageSealed(journey.at, journey.now.draft, "f102", 1))
    assert len(journey.now.kept) == 1 and journey.now.judged is None


def test_redo_replaces_one_side_and_comes_back_to_the_review() -> None:
    journey = Journey().to(Step.REVIEW)
    journey.say(intents.Redo(paper="police", page=1))
    assert journey.now.step is Step.SCAN and journey.now.target() is not None
    journey.say(intents.Back())
    assert journey.now.step is Step.REVIEW and len(journey.now.kept) == 4
    journey.say(intents.Redo(paper="police", page=1))
    journey.keep()
    assert journey.now.step is Step.REVIEW and len(journey.now.kept) == 4
    journey.say(intents.Redo(paper="police", page=7))
    assert journey.now.step is Step.REVIEW


def test_capture_that_stopped_says_so_and_lets_one_try_again() -> None:
    journey = Journey().to(Step.SCAN)
    journey.say(intents.Shutter())
    journey.event(events.CaptureFailed(journey.at, journey.now.draft, journey.now.shot, "capture_stopped"))
    assert visit_view(journey.now, None, 0).blocked == "The page cannot be checked right now."
    assert "JudgePage" in kinds(journey.say(intents.Shutter()))
    journey.wait(31)
    assert not journey.now.capturing and visit_view(journey.now, None, 0).blocked


def test_ten_presses_of_reprint_are_one_job_marked_as_copy() -> None:
    journey = Journey().to(Step.DONE)
    found = [journey.say(intents.Reprint()) for _ in range(10)]
    assert [kinds(f) for f in found] == [["PrintReceipt"], *[[]] * 9]
    (job,) = found[0]
    assert isinstance(job, effects.PrintReceipt) and (job.job, job.copy) == (2, True)
    assert journey.now.receipt is not None and journey.now.receipt.copies == 1


def test_paper_out_keeps_the_number_until_it_is_noted() -> None:
    journey = Journey().to(Step.SENDING)
    journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X"))
    journey.print("failed", "printer_paper_out")
    view = visit_view(journey.now, None, 0)
    assert view.number == "KMT-1-X" and view.receipt is not None
    assert (view.receipt.state, view.receipt.faults) == ("failed", ("printer_paper_out",))
    # Nothing came out, so what is printed after the refill is no copy.
    (job,) = journey.say(intents.Reprint())
    assert isinstance(job, effects.PrintReceipt) and (job.job, job.copy) == (2, False)
    journey.print("failed", "printer_paper_out")
    assert kinds(journey.say(intents.End())) == ["Settle", "Leave"]


def test_time_out_without_receipt_leaves_the_number_on_the_idle_screen() -> None:
    journey = Journey().to(Step.SENDING)
    journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X"))
    journey.print("failed", "printer_unreachable")
    journey.wait(59)
    assert journey.now.warned == 0
    journey.wait(1)
    assert journey.now.warned == 30
    assert journey.wait(30) == (effects.Leave("timed_out", "KMT-1-X"),)
    done = Journey().to(Step.DONE)
    assert done.wait(90) == (effects.Settle("KMT-1-X"), effects.Leave("timed_out", ""))


def doubtful() -> Journey:
    journey = Journey().to(Step.SENDING)
    journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X"))
    journey.print("doubtful")
    assert journey.now.receipt is not None and journey.now.receipt.asked
    return journey


def test_doubtful_and_it_came() -> None:
    journey = doubtful()
    assert journey.say(intents.ReceiptCame(yes=True)) == ()
    assert journey.now.receipt is not None and journey.now.receipt.state == "done"


def test_doubtful_and_it_did_not_come_prints_a_copy() -> None:
    journey = doubtful()
    (job,) = journey.say(intents.ReceiptCame(yes=False))
    assert isinstance(job, effects.PrintReceipt) and (job.job, job.copy) == (2, True)
    assert journey.say(intents.ReceiptCame(yes=False)) == ()


def test_doubtful_and_a_late_handshake_closes_the_question() -> None:
    journey = doubtful()
    journey.print("done")
    assert journey.now.receipt is not None
    assert (journey.now.receipt.state, journey.now.receipt.asked) == ("done", False)


def test_a_late_handshake_of_the_first_job_counts_when_the_second_fails() -> None:
    journey = doubtful()
    journey.say(intents.ReceiptCame(yes=False))
    journey.print("done", job=1)
    journey.print("failed", "printer_paper_out")
    assert journey.now.receipt is not None and journey.now.receipt.state == "done"


def test_a_silent_printer_becomes_a_question() -> None:
    journey = Journey().to(Step.SENDING)
    journey.event(events.Submitted(journey.at, journey.now.draft, "KMT-1-X"))
    journey.wait(31)
    assert journey.now.step is Step.DONE and journey.now.receipt is not None
    assert journey.now.receipt.asked


def test_status_by_typed_number_and_second_fact() -> None:
    journey = Journey(Kind.STATUS)
    journey.type("kmt-10417-")
    assert not visit_view(journey.now, None, 0).can_next
    journey.type("6")
    journey.say(intents.Next())
    assert journey.now.step is Step.STATUS_NUMBER  # the check character of the drawings is a made-up one
    journey.say(intents.Key(key="back"))
    from wire.number import Number

    journey.type(str(Number("KMT", 10417))[-1])
    journey.say(intents.Next())
    assert journey.now.step is Step.STATUS_NIK
    journey.type(NIK)
    (ask,) = journey.say(intents.Next())
    assert isinstance(ask, effects.Lookup) and ask.nik == NIK
    assert visit_view(journey.now, None, 0).lookup == "busy" and journey.say(intents.Next()) == ()
    trail = Trail(ask.number, "KTP-HILANG", "needs_correction", (("unsigned", "f102"),), "2026-11-24T03:00:00Z", True)
    journey.event(events.LookupDone(journey.at, 1, ask.asked, Lookup("found", trail)))
    view = visit_view(journey.now, None, 0)
    assert view.step is Step.STATUS_RESULT and view.trail is not None
    assert journey.now.answer("nik") == ""
    assert kinds(journey.say(intents.End())) == ["Leave"]


def test_status_by_code_and_its_refusals() -> None:
    from wire.number import Number

    journey = Journey(Kind.STATUS)
    assert journey.now.sight() is Sight.CODE
    journey.event(events.CodeSeen(journey.at, 1, "https://example.org"))
    assert journey.now.step is Step.STATUS_NUMBER
    journey.event(events.CodeSeen(journey.at, 1, str(Number("KMT", 3))))
    assert journey.now.step is Step.STATUS_NIK
    for result in ("wrong", "missing"):
        journey.say(intents.Key(key="clear"))
        journey.type(NIK)
        (ask,) = journey.say(intents.Next())
        assert isinstance(ask, effects.Lookup)
        journey.event(events.LookupDone(journey.at, 1, ask.asked, Lookup(result)))
        assert journey.now.lookup == result
    journey.say(intents.Next())
    journey.event(events.LookupDone(journey.at, 1, journey.now.asked, Lookup("locked", lock_s=15)))
    journey.type(NIK)
    view = visit_view(journey.now, None, journey.at + 1)
    assert (view.lookup, view.lock_s, view.can_next) == ("locked", 14, False)
    assert journey.say(intents.Next()) == ()
    journey.wait(15)
    assert visit_view(journey.now, None, journey.at).can_next


def test_review_shows_digits_covered() -> None:
    view = visit_view(Journey().to(Step.REVIEW).now, None, 0)
    answers = dict(view.answers)
    assert answers["nik"] == "•••• •••• •••• 0001"
    assert answers["phone"].endswith("7890") and "0812" not in answers["phone"]
    assert answers["lost_date"] == "23-11-2026"
