"""Cuts an ESC/POS byte stream into commands. Shared by the virtual printer and the renderer of receipts.

Lengths are those of Epson's command reference; an unknown command is one or two bytes long and named so.
"""

from __future__ import annotations

from collections.abc import Iterator

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
_CONTROL = frozenset({0x09, 0x0A, 0x0C, 0x0D, 0x18, DLE, ESC, FS, GS})
_ESC_2 = frozenset(b"@2<imLSFh")
_ESC_3 = frozenset(b"!-3EGJMRTVadet{rU %=uK?")
_ESC_4 = frozenset(b"$\\c")
_GS_3 = frozenset(b"!BHfhwbraITx/")
_GS_4 = frozenset(b"LWP$\\")
_FS_3 = frozenset(b"!-WC")


def commands(data: bytes) -> Iterator[bytes]:
    """The commands of a whole stream; an unfinished last one is given as it is."""
    at = 0
    while at < len(data):
        length = size(data, at)
        end = len(data) if length is None else min(len(data), at + length)
        yield data[at:end]
        at = end


def size(data: bytes | bytearray, at: int = 0) -> int | None:
    """The length of the command (or run of text) that begins at ``at``; None when its end has not come yet."""
    first = data[at]
    if first not in _CONTROL:
        end = at
        while end < len(data) and data[end] not in _CONTROL:
            end += 1
        return end - at
    if first not in (DLE, ESC, FS, GS):
        return 1
    if len(data) - at < 2:
        return None
    return {DLE: _dle, ESC: _esc, FS: _fs, GS: _gs}[first](data, at, data[at + 1])


def _dle(data: bytes | bytearray, at: int, second: int) -> int | None:
    return {0x04: 3, 0x05: 3, 0x14: 5}.get(second, 1)


def _esc(data: bytes | bytearray, at: int, second: int) -> int | None:
    if second in _ESC_2:
        return 2
    if second in _ESC_3:
        return 3
    if second in _ESC_4:
        return 4
    if second == ord("p"):
        return 5
    if second == ord("D"):
        end = data.find(0, at + 2)
        return None if end < 0 else end + 1 - at
    if second == ord("*"):
        if len(data) - at < 5:
            return None
        columns = data[at + 3] + 256 * data[at + 4]
        return 5 + columns * (3 if data[at + 2] >= 32 else 1)
    return 2


def _fs(data: bytes | bytearray, at: int, second: int) -> int | None:
    if second in _FS_3:
        return 3
    return 4 if second == ord("p") else 2


def _gs(data: bytes | bytearray, at: int, second: int) -> int | None:
    if second in _GS_3:
        return 3
    if second in _GS_4:
        return 4
    have = len(data) - at
    if second == ord("V"):
        return None if have < 3 else (4 if data[at + 2] in (65, 66, 97, 98, 103, 104) else 3)
    if second == ord("("):
        return None if have < 5 else 5 + data[at + 3] + 256 * data[at + 4]
    if second == ord("v"):
        if have < 8:
            return None
        across, down = data[at + 4] + 256 * data[at + 5], data[at + 6] + 256 * data[at + 7]
        return 8 + across * down
    if second == ord("k"):
        if have < 4:
            return None
        if data[at + 2] >= 65:
            return 4 + data[at + 3]
        end = data.find(0, at + 3)
        return None if end < 0 else end + 1 - at
    return 2
