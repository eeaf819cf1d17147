"""Fault 2: the printer's cable is pulled and put back while the terminal is idle: a new handle, the same processes."""

from __future__ import annotations

from pathlib import Path

from deploy.demo.hand import Hand
from tests.faults.stage import SERIAL, Stage, Stopwatch, says


def test_the_replugged_printer_is_opened_anew_by_the_same_process(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(SERIAL)
    stage.good(hand)
    processes, old = stage.processes(), handles(stage)
    assert len(old) == 1
    watch.cause("", lambda: stage.printer("unplug"))
    watch.known(
        *("device_changed", says("Printer out of order", screen="home")),
        within=5,
        role="printer",
        phase="offline",
        fault="printer_unreachable",
    )
    assert not handles(stage), "the dead handle is let go"

    watch.mend(lambda: stage.printer("plug"))
    watch.back(says("Printer ready", screen="home"), within=5, role="printer", phase="ready")
    new = handles(stage)
    assert new == {str((stage.sockets / "printer.tty").resolve())}
    assert stage.processes() == processes, "no restart"


def handles(stage: Stage) -> set[str]:
    """The serial lines that the station has open."""
    found = {str(link.readlink()) for link in Path(f"/proc/{stage.station.pid}/fd").iterdir() if link.is_symlink()}
    return {path for path in found if path.startswith("/dev/pts/")}
