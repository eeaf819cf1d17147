"""Fault 5: the paper ends in the middle of the receipt: in doubt at the time-out; a late answer closes the question."""

from __future__ import annotations

from deploy.demo.bench import wait_for
from deploy.demo.hand import Hand
from tests.faults.stage import SERIAL, Stage, Stopwatch, says, to_review

MIDDLE = 400
"""Bytes of the receipt that still find paper."""
HANDSHAKE_S = 10.0
"""The printer's own limit for the answer behind a job."""


def until_in_doubt(stage: Stage, hand: Hand, watch: Stopwatch, name: str) -> str:
    """A visit whose receipt finds no paper in its middle, to the question; the number."""
    visit = to_review(stage, hand)
    stage.printer("set", paper_out_after=MIDDLE)
    watch.cause(name, lambda: hand.tap("send"))
    wait_for("the end of the paper", lambda: stage.printer("state")["flags"]["paper_out"], every=0.005)
    watch.now()
    watch.known("device_changed", says("Paper used up"), within=3, role="printer", fault="printer_paper_out")
    hand.wait("the question", says("Did the receipt come out?", screen="receipt_ask"), within=HANDSHAKE_S + 2)
    assert watch.find("receipt_printed", outcome="doubtful") is not None
    return visit.number()


def test_a_refill_finishes_the_receipt_and_closes_the_question(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(SERIAL)
    stage.good(hand)
    number = until_in_doubt(stage, hand, watch, "refilled")
    watch.mend(lambda: stage.printer("set", paper_out=False))
    watch.back(lambda tree: tree["screen"] == "done", within=5, event="receipt_printed", number=number, outcome="done")
    assert stage.receipts_of(number) == (1, 0), "the rest came out, and no second one"
    hand.tap("end")
    stage.sent_once(number)


def test_not_yet_before_the_late_answer_prints_one_copy(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip()
    stage.good(hand)
    number = until_in_doubt(stage, hand, watch, "answered before")
    stage.printer("set", rate=250.0)  # the rest takes some seconds: time to answer
    watch.mend(lambda: stage.printer("set", paper_out=False))
    hand.tap("receipt_no", within=1)
    hand.wait_screen("sending", within=3)
    stage.printer("set", rate=0.0)
    watch.back(lambda tree: tree["screen"] == "done", within=15, role="printer", phase="ready")
    assert stage.receipts_of(number) == (1, 1)
    hand.tap("end")
    stage.sent_once(number)
