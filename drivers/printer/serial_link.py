"""The wire to a printer on a serial line."""

from __future__ import annotations

import time
from collections.abc import Callable

from drivers.addresses import SERIAL, SerialAddress
from drivers.printer.codes import DENIED, IN_USE, UNREACHABLE
from drivers.printer.face import LinkLost, LinkStalled
from drivers.serial_line import LineLost, SerialLine, Why

_FAULTS = {Why.ABSENT: UNREACHABLE, Why.IN_USE: IN_USE, Why.DENIED: DENIED}
_BITS = 10  # a byte on the line: a start bit, eight, a stop bit
_SLICE_S = 0.25


class SerialLink:
    """ESC/POS over a serial line, the line's own or that of a USB adapter."""

    def __init__(self, address: SerialAddress) -> None:
        self._at = address
        self._line = SerialLine(address)
        self._stalled = False

    @property
    def address(self) -> str:
        """``serial:`` and the path, with the speed."""
        return f"{SERIAL}{self._at.path}?baud={self._at.baud}"

    def open(self) -> None:
        """Take the line. Raises ``LinkLost``."""
        self._stalled = False
        try:
            self._line.open()
        except LineLost as lost:
            raise LinkLost(str(lost), fault=_FAULTS[lost.why]) from lost

    def close(self) -> None:
        """Release the line; what a stalled printer did not take is dropped: the kernel would wait 30 s for it."""
        self._line.close(drop=self._stalled)

    def write(self, data: bytes, limit: float, give_up: Callable[[], bool]) -> None:
        """Write all of ``data`` within ``limit`` seconds and the time that the line's speed needs for it.

        Raises ``LinkLost`` or ``LinkStalled``.
        """
        view = memoryview(data)
        sent = 0
        end = time.monotonic() + limit + len(view) * _BITS / self._at.baud
        while sent < len(view):
            left = end - time.monotonic()
            if left <= 0 or give_up():
                self._stalled = True
                raise LinkStalled(sent)
            try:
                sent += self._line.write(view[sent:], min(left, _SLICE_S))
            except LineLost as lost:
                raise LinkLost(str(lost), sent) from lost

    def read(self, limit: float) -> bytes:
        """What has come, after at most ``limit`` seconds; ``b""`` for silence. Raises ``LinkLost``."""
        try:
            return self._line.read(limit)
        except LineLost as lost:
            raise LinkLost(str(lost)) from lost
