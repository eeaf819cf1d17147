"""A QR and barcode scanner on a serial line: tells each code once, as often as the scanner sends it.

Such a scanner says nothing of itself: ``READY`` means that it is plugged in. Noise is dropped; three frames of it with
no code between them are ``code_garbage`` until a clean code comes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from drivers.addresses import serial_address
from drivers.code.codes import GARBAGE, IN_USE, UNREACHABLE
from drivers.code.frames import GAP_S, Code, CodeStream, Noise
from drivers.contract import Phase
from drivers.serial_line import LineLost, SerialLine, Why
from drivers.worker import Missing, Supervision, Worker

log = logging.getLogger("drivers.code")

BAUD = 9600
_EAR_S = 0.25  # the longest wait in which ``stop`` is not noticed
_NOISE_LIMIT = 3


class SerialCodeReader(Worker):
    """A code scanner behind ``serial:PATH[?baud=N]``."""

    crash_fault = UNREACHABLE

    def __init__(
        self,
        link: str,
        *,
        supervision: Supervision | None = None,
    ) -> None:
        """Raises ``ValueError`` for a link that names no serial line."""
        super().__init__("code", supervision=supervision)
        self._address = serial_address(link, BAUD)
        self._link = link
        self._line = SerialLine(self._address)
        self._listeners: list[Callable[[str], None]] = []
        self._stream = CodeStream()
        self._noise = 0

    def on_code(self, callback: Callable[[str], None]) -> None:
        """Call ``callback`` from the worker's thread with the text of each code. See ``drivers.contract``."""
        self._listeners.append(callback)

    # The worker's side.

    def set_up(self) -> None:
        """Take the line; what was scanned before is dropped: nobody waits for it any more."""
        try:
            self._line.open()
        except LineLost as lost:
            raise Missing(IN_USE if lost.why is Why.IN_USE else UNREACHABLE, str(lost)) from lost
        self._stream = CodeStream()
        self._noise = 0
        self.report(Phase.READY, (), {"link": self._link})

    def run(self) -> None:
        """Read until the line is lost; half a code is lost with it."""
        while not self.stopping:
            try:
                data = self._line.read(GAP_S if self._stream.waiting else _EAR_S)
            except LineLost as lost:
                raise Missing(UNREACHABLE, str(lost)) from lost
            for item in self._stream.feed(data) if data else self._stream.end():
                self._take(item)

    def tear_down(self) -> None:
        """Let go of the line."""
        self._line.close()

    def while_down(self) -> None:
        """Nothing is owed to anybody."""

    def _take(self, item: Code | Noise) -> None:
        if isinstance(item, Noise):
            self._noise += 1
            if self._noise >= _NOISE_LIMIT:
                self.report(Phase.UNKNOWN, (GARBAGE,))
            return
        self._noise = 0
        self.report(Phase.READY)
        for listener in tuple(self._listeners):
            try:
                listener(item.text)
            except Exception:
                log.error("code: a listener failed")  # without its traceback, which could hold the text
