"""Fault 7: the printer answers no status: unknown, so not ready; never "paper adequate", never "paper out"."""

from __future__ import annotations

import threading

from deploy.demo.hand import Hand
from tests.end_to_end import rig
from tests.faults.stage import LOOK_S, Stage, Stopwatch, ind, says, to_review


def test_silence_is_neither_paper_nor_no_paper(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip()
    stage.good(hand)
    watch.cause("idle", lambda: stage.printer("set", mute=True))
    watch.known(
        *("device_changed", says("Printer out of order", screen="home")),
        within=5,
        role="printer",
        phase="unknown",
        fault="printer_mute",
    )
    said: set[str] = set()
    over = threading.Event()

    def listen() -> None:
        while not over.wait(LOOK_S):
            said.update(hand.texts())

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        visit = to_review(stage, hand)
        watch.cause("at the receipt", lambda: hand.tap("send"))
        watch.known("receipt_printed", says("No receipt this time", screen="no_receipt"), within=10, outcome="failed")
    finally:
        over.set()
        listener.join()
    assert not said & {ind("Printer ready"), ind("Paper used up"), ind("Receipt paper is used up")}
    number = visit.number()
    assert rig.screen_codes(hand) == [number]
    assert stage.receipts_of(number) == (0, 0), "nothing was sent to a printer that does not answer"

    watch.mend(lambda: stage.printer("set", mute=False))
    watch.back(says("Printer ready"), within=5, role="printer", phase="ready")
    hand.tap("reprint")
    hand.wait_screen("done", within=20)
    assert stage.receipts_of(number) == (1, 0)
    hand.tap("end")
    stage.sent_once(number)
