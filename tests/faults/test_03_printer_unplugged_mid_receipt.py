"""Fault 3: the cable is pulled in the middle of a receipt: the screen asks, and *Belum* prints one copy, marked so."""

from __future__ import annotations

from deploy.demo.bench import wait_for
from deploy.demo.hand import Hand
from tests.end_to_end import rig
from tests.faults.stage import SERIAL, Stage, Stopwatch, says, to_review

MIDDLE = 500
"""Bytes of the receipt that arrive."""


def test_a_receipt_cut_in_two_is_asked_about_and_printed_whole_as_a_copy(
    stage: Stage, hand: Hand, watch: Stopwatch
) -> None:
    stage.equip(SERIAL)
    stage.good(hand)
    before = len(stage.receipts())
    visit = to_review(stage, hand)
    stage.printer("set", hang_up_after=MIDDLE)
    watch.cause("", lambda: hand.tap("send"))
    wait_for("the pulled cable", lambda: not stage.printer("state")["connections"], every=0.005)
    watch.now()
    watch.known(
        *("device_changed", says("Did the receipt come out?", screen="receipt_ask")),
        within=5,
        role="printer",
        phase="offline",
        fault="printer_unreachable",
    )
    assert watch.find("receipt_printed", outcome="doubtful") is not None
    number = visit.number()
    assert len(stage.receipts()) == before

    watch.mend(lambda: stage.printer("plug"))
    watch.back(says("Printer ready", "Did the receipt come out?"), within=5, role="printer", phase="ready")
    assert visit.number() == number, "it stays until it is answered"
    assert len(stage.receipts()) == before, "nothing is printed by itself"

    hand.tap("receipt_no")
    hand.wait_screen("done", within=20)
    assert stage.receipts_of(number) == (0, 1)
    assert rig.codes(rig.receipt_image(stage.receipts()[-1])) == [number]
    assert watch.find("receipt_printed", number=number, outcome="done", copy=True) is not None, "it is counted"
    hand.tap("end")
    stage.sent_once(number)
