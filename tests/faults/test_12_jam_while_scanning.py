"""Fault 12: a sheet jams while it is scanned: named and drawn; once cleared, the same visit asks for the same page."""

from __future__ import annotations

from deploy.demo.gear import Gear
from deploy.demo.hand import Hand
from tests.faults.stage import Stage, Stopwatch, asked, ind, says, to_scanner

SIDES = ("f102", "f102_2", "police")


def test_a_jam_loses_nothing_but_the_sheet_that_is_stuck(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(Gear(camera=False, scanner="feeder"))
    stage.good(hand)
    to_scanner(stage, hand)
    stage.scanner("load", papers=list(SIDES))
    hand.tap("scan")
    hand.wait_screen("page_kept", within=60)
    hand.tap("keep")
    hand.wait_screen("scan_bed")
    second = asked(hand.tree())

    stage.scanner("set", slow=5.0)
    hand.tap("scan")
    hand.wait_text(ind("Scanning…"))
    watch.cause("", lambda: stage.scanner("set", jam=True))
    words = (ind("A sheet is stuck in the scanner."), ind("Pages kept so far: {count}").format(count=1))
    watch.known(
        *("device_changed", lambda tree: says(*words, screen="scanner_out")(tree)),
        within=5,
        role="scanner",
        phase="needs_attention",
        fault="scanner_jammed",
    )
    assert watch.find("scan_ended", outcome="failed", fault="scanner_jammed") is not None

    watch.mend(lambda: stage.scanner("set", jam=False, slow=0.0))
    watch.back(lambda tree: tree["screen"] == "scan_bed", within=6, role="scanner", phase="ready")
    assert asked(hand.tree()) == second, "the same page"
    hand.tap("scan")
    hand.wait_screen("page_kept", within=60)
    hand.tap("keep")
    hand.wait("the third side", lambda tree: tree["screen"] == "scan_bed" and asked(tree) != second)
