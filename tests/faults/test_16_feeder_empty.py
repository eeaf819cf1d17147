"""Fault 16: the feeder is empty when "Pindai" is pressed: the screen asks for paper and stays; it is no fault."""

from __future__ import annotations

from deploy.demo.gear import Gear
from deploy.demo.hand import Hand
from tests.faults.stage import Stage, Stopwatch, asked, says, to_scanner


def test_an_empty_feeder_is_asked_to_be_filled(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(Gear(camera=False, scanner="feeder"))
    stage.good(hand)
    to_scanner(stage, hand)
    first = asked(hand.tree())
    watch.cause("", lambda: hand.tap("scan"))
    watch.known(
        *("scan_ended", says("Put the paper in the scanner.", screen="scan_bed")),
        within=10,
        outcome="failed",
        fault="scanner_no_paper",
    )
    faults = [event for event in watch.events() if event["event"] == "device_changed" and event["faults"]]
    assert not faults, "it is not logged as a fault"
    assert asked(hand.tree()) == first

    watch.mend(lambda: stage.scanner("load", papers=["f102"]))
    hand.tap("scan")
    watch.back(lambda tree: tree["screen"] == "page_kept", within=40, event="scan_ended", outcome="done")
