"""Fault 4: the paper is out before the job: "Kertas habis", and the number stays on the screen and in the queue."""

from __future__ import annotations

from deploy.demo.hand import Hand
from deploy.demo.play import touchable
from tests.end_to_end import rig
from tests.faults.stage import Stage, Stopwatch, says, to_review


def test_paper_out_is_named_and_the_number_is_kept(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip()
    stage.good(hand)
    watch.cause("idle", lambda: stage.printer("set", paper_out=True))
    watch.known("device_changed", says("Paper used up"), within=5, role="printer", fault="printer_paper_out")
    assert hand.screen() == "home", "the services stay open"

    visit = to_review(stage, hand)
    watch.cause("at the receipt", lambda: hand.tap("send"))
    watch.known("receipt_printed", says("Receipt paper is used up", screen="no_receipt"), within=10, outcome="failed")
    number = visit.number()
    assert rig.screen_codes(hand) == [number]
    assert stage.receipts_of(number) == (0, 0)
    assert not touchable(hand.tree(), "reprint")

    watch.mend(lambda: stage.printer("set", paper_out=False))
    watch.back(says("Printer ready", screen="no_receipt"), within=5, role="printer", phase="ready")
    assert touchable(hand.tree(), "reprint"), "the receipt can be had now"
    assert visit.number() == number
    hand.tap("reprint")
    hand.wait_screen("done", within=20)
    assert stage.receipts_of(number) == (1, 0)
    hand.tap("end")
    stage.sent_once(number)
