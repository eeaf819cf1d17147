"""What the printer tests share: short waits, a receipt, and a listener that keeps what it is told."""

from __future__ import annotations

from drivers.contract import Outcome, PrintResult
from drivers.printer.printer import PrinterDelays
from drivers.worker import Supervision

QUICK = PrinterDelays(poll=0.1, reply=0.3, write=1.0, handshake=0.8, glance=0.1, ear=0.05)
SOON = Supervision(retry=0.2, backoff=(0.1, 0.2, 0.4))
RECEIPT = b"\x1b@KMT-10417-6\n" * 40 + b"\x1dV\x00"
LONG = b"0123456789abcdef\n" * 4000 + RECEIPT


class Told:
    """What a job's listener was told."""

    def __init__(self) -> None:
        self.results: list[PrintResult] = []

    def __call__(self, result: PrintResult) -> None:
        self.results.append(result)

    @property
    def outcomes(self) -> list[Outcome]:
        return [result.outcome for result in self.results]
