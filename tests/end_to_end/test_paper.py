"""Build 5: no paper, no printer, no answer. The same facts stay on the screen, and the visit counts."""

from __future__ import annotations

import pytest

from deploy.demo.bench import Bench, wait_for
from deploy.demo.hand import Hand
from deploy.demo.play import SIDES, Visit
from tests.end_to_end import rig


def to_review(bench: Bench, hand: Hand) -> Visit:
    visit = Visit(bench, hand)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill()
    visit.scan(SIDES)
    return visit


@pytest.mark.parametrize("trouble", ["paper_out", "gone"])
def test_without_a_receipt_number_and_code_stay_and_the_visit_counts(bench: Bench, hand: Hand, trouble: str) -> None:
    before = len(bench.receipts())
    visit = to_review(bench, hand)
    if trouble == "gone":
        bench.printer("off")
    else:
        bench.printer("set", paper_out=True)
    number = visit.send()
    hand.wait_screen("no_receipt", within=40)
    assert visit.number() == number
    assert rig.screen_codes(hand) == [number]
    assert len(bench.receipts()) == before

    hand.tap("end")
    hand.wait_screen("home", "last_number")
    wait_for("the application at the office", lambda: number in bench.at_office(), within=60)
    assert bench.at_office().count(number) == 1


def test_a_printer_that_falls_silent_is_asked_about_and_never_prints_twice_by_itself(bench: Bench, hand: Hand) -> None:
    before = len(bench.receipts())
    visit = to_review(bench, hand)
    bench.printer("set", hang_up_after=400)
    number = visit.send()
    screen = hand.wait_screen("receipt_ask", "no_receipt", within=60)
    assert screen == "receipt_ask"
    assert len(bench.receipts()) <= before + 1

    bench.printer("on")
    hand.tap("receipt_no")
    hand.wait_screen("done", within=60)
    copies = [receipt for receipt in bench.receipts()[before:] if "SALINAN" in rig.printed_text(receipt)]
    assert len(copies) == 1
    assert rig.codes(rig.receipt_image(copies[0])) == [number]
