"""The head of a PNM as ``scanimage`` writes it: P5 (grey) or P6 (colour), eight bits a sample."""

from __future__ import annotations

import re
from dataclasses import dataclass

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes of an image: A4 and a little more, in colour, at 400 dpi."""
_SIDE_LIMIT = 20000
_HEAD_LIMIT = 4096
_GAP = rb"(?:[ \t\r\n]|#[^\n]*\n)+"
_HEAD = re.compile(rb"P([56])" + _GAP + rb"(\d{1,5})" + _GAP + rb"(\d{1,5})" + _GAP + rb"255[ \t\r\n]")


class BadImage(ValueError):
    """The bytes are no such image, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Head:
    """``channels``: 1 or 3. ``start``: where the samples begin. ``length``: of the whole file, in bytes."""

    width: int
    height: int
    channels: int
    start: int

    @property
    def length(self) -> int:
        return self.start + self.width * self.height * self.channels


def read_head(data: bytes | bytearray) -> Head | None:
    """The head, or None when more bytes are needed to tell. Raises ``BadImage``."""
    begin = bytes(data[:_HEAD_LIMIT])
    found = _HEAD.match(begin)
    if found is None:
        if begin[:1] not in (b"", b"P") or (len(begin) > 1 and begin[1:2] not in (b"5", b"6")):
            raise BadImage("no PNM of eight bits")
        if len(begin) == _HEAD_LIMIT:
            raise BadImage("a head without end")
        return None
    width, height = int(found[2]), int(found[3])
    head = Head(width, height, 3 if found[1] == b"6" else 1, found.end())
    if not 0 < width <= _SIDE_LIMIT or not 0 < height <= _SIDE_LIMIT or head.length > SIZE_LIMIT:
        raise BadImage(f"{width} x {height} pixels")
    return head


def check_image(data: bytes | bytearray) -> Head:
    """The head of a whole image. Raises ``BadImage`` for one that is short, long or something else."""
    head = read_head(data)
    if head is None:
        raise BadImage("no whole head")
    if len(data) != head.length:
        raise BadImage(f"{len(data)} bytes instead of {head.length}")
    return head
