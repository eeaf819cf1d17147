"""Fault 9: "Cetak struk" pressed ten times prints once; another receipt is asked for, counted and logged."""

from __future__ import annotations

import threading

from deploy.demo.hand import Hand
from deploy.demo.play import touchable
from tests.faults.stage import SERIAL, Stage, Stopwatch, says, to_review

TIMES = 10


def test_ten_presses_are_one_job(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(SERIAL)
    stage.good(hand)
    visit = to_review(stage, hand)
    stage.printer("set", paper_out=True)
    hand.tap("send")
    number = visit.number()
    hand.wait_screen("no_receipt", within=20)
    stage.printer("set", paper_out=False, rate=1500.0)
    hand.wait("a printer to print with", lambda tree: touchable(tree, "reprint"), within=10)
    x, y, width, height = next(node["rect"] for node in hand.tree()["nodes"] if node["id"] == "reprint")
    where = round(x + width / 2), round(y + height / 2)
    presses = threading.Thread(target=lambda: [hand.touch(*where) for _ in range(TIMES)])
    watch.cause("", presses.start)
    watch.known(
        "device_changed", says("Printing the receipt…", screen="sending"), within=2, role="printer", phase="busy"
    )
    assert not touchable(hand.tree(), "reprint")
    presses.join()
    watch.back(lambda tree: tree["screen"] == "done", within=20, event="receipt_printed", outcome="done", number=number)
    assert stage.receipts_of(number) == (1, 0)
    outcomes = [event for event in watch.events() if event["event"] == "receipt_printed"]
    assert len(outcomes) == 1
    hand.tap("end")
    stage.sent_once(number)
