"""``printer status``, ``printer test`` and ``printer feed``."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from drivers.contract import Outcome, Printer, PrintResult
from drivers.printer.blocks import Align, Block, Cut, Feed, Rule, Text
from drivers.printer.bytes import receipt_bytes
from drivers.tools.telling import settled, tell

_PRINT_S = 30.0


def status(printer: Printer, as_json: bool) -> bool:
    """Tell how the printer is."""
    found = settled(printer)
    tell(found, as_json)
    return found.usable


def test(printer: Printer, as_json: bool) -> bool:
    """Print a short slip and wait until the printer says that it is on paper."""
    slip = (
        Text("UJI CETAK", Align.CENTER, bold=True, size=2),
        Text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789", Align.CENTER),
        Rule(),
        Text(time.strftime("%d-%m-%Y %H:%M:%S"), Align.CENTER),
        Feed(),
        Cut(),
    )
    return _print("test", slip, printer, as_json)


def feed(printer: Printer, as_json: bool) -> bool:
    """Push out a hand's width of paper and cut it: after a new roll, and to see the cutter work."""
    return _print("feed", (Feed(), Feed(), Feed(), Cut()), printer, as_json)


def _print(job: str, slip: Sequence[Block], printer: Printer, as_json: bool) -> bool:
    settled(printer)
    told = threading.Event()
    results: list[PrintResult] = []

    def done(result: PrintResult) -> None:
        results.append(result)
        told.set()

    printer.print(job, receipt_bytes(slip), done)
    told.wait(_PRINT_S)
    outcome = results[-1].outcome if results else Outcome.DOUBTFUL
    tell(printer.status(), as_json, outcome=outcome.value)
    return outcome is Outcome.DONE
