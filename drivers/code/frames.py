"""Cuts what a code scanner sends into codes: printable text, ended by CR or LF, or by a silence of 100 ms.

Anything else is noise and is dropped whole: bytes that are no UTF-8, that do not print, or more than 200 characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST = 200  # characters
GAP_S = 0.1
_LONGEST_BYTES = 4 * LONGEST
_ENDS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Code:
    """One code. ``text``: 1 to 200 printable characters, no blanks around them."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that is no code."""


class CodeStream:
    """The bytes of one connection, in order. Holds at most 800 of them."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._overflowed = False

    @property
    def waiting(self) -> bool:
        """True while a frame has begun and not ended."""
        return bool(self._frame) or self._overflowed

    def feed(self, data: bytes) -> list[Code | Noise]:
        """The frames that ``data`` ends."""
        items: list[Code | Noise] = []
        for byte in data:
            if byte in _ENDS:
                items += self.end()
            elif len(self._frame) < _LONGEST_BYTES:
                self._frame.append(byte)
            else:
                self._overflowed = True
        return items

    def end(self) -> list[Code | Noise]:
        """The frame that an end, or ``GAP_S`` seconds without a byte, ends; none when none has begun."""
        data, overflowed = bytes(self._frame), self._overflowed
        self._frame.clear()
        self._overflowed = False
        if not data:
            return []
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return [Noise()]
        if overflowed or len(text) > LONGEST or not text.isprintable():
            return [Noise()]
        text = text.strip()
        return [Code(text)] if text else []
