"""Fault 1: the printer is off when the terminal starts: it starts, its services are open, the printer comes back."""

from __future__ import annotations

import pytest

from deploy.demo.bench import BenchError
from deploy.demo.hand import Hand
from deploy.demo.play import touchable
from tests.faults.stage import Stage, Stopwatch, says
from wire import faults


def test_the_terminal_starts_without_its_printer(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip()
    stage.good(hand)
    stage.station.stop()
    stage.printer("off")
    watch.cause("", stage.start_station)
    watch.known(
        *("device_changed", says("Printer out of order", screen="home")),
        within=15,
        role="printer",
        phase="offline",
        fault="printer_unreachable",
    )
    home = hand.tree()
    assert touchable(home, "start_apply") and touchable(home, "start_status")
    assert faults.catalogue()["printer_unreachable"].staff, "what the technician reads"
    hand.tap("start_status")
    hand.wait_screen("status_number")
    hand.tap("back")
    hand.wait_screen("home")
    with pytest.raises(BenchError):
        hand.wait_text("Printer siap", within=3)

    before = set(stage.processes())
    watch.mend(lambda: stage.printer("on"))
    watch.back(says("Printer ready", screen="home"), within=5, role="printer", phase="ready")
    assert stage.station.alive and before <= set(stage.processes()), "nothing was started again"
