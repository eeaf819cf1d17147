"""One serial line, held by this program alone: opened by pyserial, read and written within limits.

A line that is taken away answers in many ways (readable without data, EIO, ``termios.error``, which is no ``OSError``):
each of them is ``LineLost``.
"""

from __future__ import annotations

import errno
import os
import select
import termios
from enum import Enum, auto

import serial

from drivers.addresses import SerialAddress

_CHUNK = 4096
_GONE = (OSError, termios.error, ValueError)  # ValueError: pyserial and select, of a line that is closed
_HELD = (errno.EAGAIN, errno.EBUSY)  # pyserial's own lock, the kernel's TIOCEXCL
_REFUSED = (errno.EACCES, errno.EPERM)


class Why(Enum):
    """Why a line cannot be used."""

    ABSENT = auto()
    IN_USE = auto()
    DENIED = auto()


class LineLost(Exception):
    """The line is gone, or cannot be had."""

    def __init__(self, detail: str, why: Why = Why.ABSENT) -> None:
        super().__init__(detail)
        self.why = why


class SerialLine:
    """A serial line, used from one thread."""

    def __init__(self, address: SerialAddress) -> None:
        self._address = address
        self._line: serial.Serial | None = None

    def open(self) -> None:
        """Take the line for this program alone and drop what came before. Raises ``LineLost``."""
        self.close()
        at = self._address
        try:
            self._line = serial.Serial(
                at.path,
                at.baud,
                timeout=0,
                write_timeout=1.0,
                exclusive=True,
                xonxoff=at.flow == "xonxoff",
                rtscts=at.flow == "rtscts",
            )
        except _GONE as error:
            code = error.errno if isinstance(error, OSError) else None
            why = Why.IN_USE if code in _HELD else Why.DENIED if code in _REFUSED else Why.ABSENT
            raise LineLost(str(error), why) from error

    def close(self, *, drop: bool = False) -> None:
        """Release the line; never raises, may be called twice. ``drop``: what is not sent yet is not waited for."""
        line, self._line = self._line, None
        if line is None:
            return
        try:
            if drop:
                termios.tcflush(line.fileno(), termios.TCOFLUSH)
        except _GONE:
            pass  # the line is gone, and what was in it
        try:
            line.close()
        except _GONE:
            pass

    def read(self, limit: float) -> bytes:
        """What has come, after at most ``limit`` seconds; ``b""`` for silence. Raises ``LineLost``."""
        try:
            number = self._number()
            if not select.select([number], [], [], max(0.0, limit))[0]:
                return b""
            data = os.read(number, _CHUNK)
        except BlockingIOError:
            return b""
        except _GONE as error:
            raise LineLost(str(error)) from error
        if not data:
            raise LineLost("the device was taken away")
        return data

    def write(self, data: memoryview, limit: float) -> int:
        """Write what the line takes within ``limit`` seconds; the number of bytes. Raises ``LineLost``."""
        try:
            number = self._number()
            if not select.select([], [number], [], max(0.0, limit))[1]:
                return 0
            return os.write(number, data[:_CHUNK])
        except BlockingIOError:
            return 0
        except _GONE as error:
            raise LineLost(str(error)) from error

    def _number(self) -> int:
        if self._line is None:
            raise LineLost("not open")
        return self._line.fileno()
