"""Fault 20: the scanner hangs in a scan: its process is killed, the screen says so, and the window never stands."""

from __future__ import annotations

import time

from deploy.demo.bench import wait_for
from deploy.demo.gear import Gear
from deploy.demo.hand import Hand
from tests.faults.stage import Stage, Stopwatch, asked, says, to_scanner

LIMIT_S = 45.0
"""The driver's own limit for the first byte of a scan."""


def test_a_hanging_scan_is_killed_and_the_window_goes_on(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(Gear(camera=False, scanner="flatbed"))
    stage.good(hand)
    to_scanner(stage, hand)
    page = asked(hand.tree())
    stage.scanner("lay", paper="f102")
    stage.scanner("set", slow=2.0)
    hand.tap("scan")
    wait_for("the scanner's process", lambda: children(stage))
    hand.wait("a running scan", lambda tree: any(node["id"] == "stop_scan" for node in tree["nodes"]))
    watch.cause("", lambda: stage.scanner("set", hang=True))
    answers_at_once(hand)
    watch.known(
        *("device_changed", says("The scanner does not answer.", screen="scanner_out")),
        within=LIMIT_S + 5,
        role="scanner",
        phase="unknown",
        fault="scanner_timeout",
    )
    assert watch.find("scan_ended", outcome="failed", fault="scanner_timeout") is not None
    assert not children(stage), "it is killed and reaped"
    answers_at_once(hand)

    watch.mend(lambda: stage.scanner("set", hang=False, slow=0.0))
    watch.back(lambda tree: tree["screen"] == "scan_bed", within=15, role="scanner", phase="ready")
    assert asked(hand.tree()) == page
    hand.tap("scan")
    hand.wait_screen("page_kept", within=60)


def children(stage: Stage) -> list[str]:
    """The scanner's processes."""
    return [command for command in stage.processes().values() if command.startswith("scanimage")]


def answers_at_once(hand: Hand) -> None:
    """A touch shows within a second, twice."""
    for _ in range(2):
        before = hand.tree()["palette"]
        began = time.monotonic()
        hand.tap("contrast")
        hand.wait("the other palette", lambda tree, old=before: tree["palette"] != old, within=2)
        assert time.monotonic() - began < 2.0
