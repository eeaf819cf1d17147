"""Parsers for what a camera's HTTP server sends: the head of a reply, and the parts of a multipart stream.

Bounded: a head may have 16 KB, a part 8 MB. Bytes that make no sense are skipped up to the next boundary and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HEAD_LIMIT = 16 * 1024
PART_LIMIT = 8 * 1024 * 1024
_JUNK = 64
_JPEG_TAIL = 64  # some cameras pad the end of a frame


class BadReply(Exception):
    """The peer does not speak HTTP as a camera does; the text says how."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an HTTP reply: status code and headers by lower-case name."""

    status: int
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def boundary(self) -> bytes | None:
        """The boundary of a multipart body, without leading dashes; None when the body is not multipart."""
        kind, *parameters = self.headers.get("content-type", "").split(";")
        if not kind.strip().lower().startswith("multipart/"):
            return None
        for parameter in parameters:
            name, _, value = parameter.strip().partition("=")
            if name.strip().lower() == "boundary":
                # Many cameras put the dashes into the parameter as well, others do not.
                return value.strip().strip('"').lstrip("-").encode("latin-1", "replace") or None
        return None


def parse_head(text: bytes) -> Head:
    """Parse status line and headers, without the empty line. Raises ``BadReply``."""
    first, *lines = text.decode("latin-1").split("\r\n")
    words = first.split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not (words[1].isascii() and words[1].isdigit()):
        raise BadReply("no HTTP reply")
    return Head(int(words[1][:4]), _headers(lines))


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


class MultipartParser:
    """Cuts a multipart stream into the bodies of its parts; memory stays under twice ``part_limit``."""

    def __init__(self, boundary: bytes, part_limit: int = PART_LIMIT) -> None:
        self._mark = b"--" + boundary
        self._limit = part_limit
        self._buffer = bytearray()
        self._body: int | None = None  # where the current part's body begins; None while looking for a head
        self._length: int | None = None
        self._searched = 0
        self._dropped = 0
        self._junk = 0

    @property
    def noisy(self) -> bool:
        """True when parts were dropped (too long, or without a head) or more than line ends stood between parts."""
        return self._dropped > 0 or self._junk > _JUNK

    def feed(self, data: bytes) -> list[bytes]:
        """The parts that ``data`` completes."""
        self._buffer += data
        parts: list[bytes] = []
        while True:
            before = (len(self._buffer), self._body)
            if self._body is None:
                self._find_head()
            else:
                part = self._find_end(self._body)
                if part is not None:
                    parts.append(part)
            if before == (len(self._buffer), self._body):
                return parts

    def _find_head(self) -> None:
        start = self._buffer.find(self._mark)
        surplus = max(0, len(self._buffer) - len(self._mark)) if start < 0 else start
        self._junk += surplus
        if start < 0:
            del self._buffer[:surplus]
            return
        del self._buffer[:start]
        end = self._buffer.find(b"\r\n\r\n", len(self._mark))
        if end < 0:
            if len(self._buffer) > HEAD_LIMIT:
                self._skip()
            return
        text = bytes(self._buffer[len(self._mark) : end]).decode("latin-1")
        length = _headers(text.split("\r\n")).get("content-length", "")
        self._length = int(length) if length.isascii() and length.isdigit() and len(length) < 12 else None
        self._body = self._searched = end + 4
        if self._length is not None and self._length > self._limit:
            self._skip()

    def _find_end(self, body: int) -> bytes | None:
        """The current part's body once its end is there."""
        if self._length is not None:
            end = body + self._length
            if self._length > 2 and self._buffer.startswith(b"\xff\xd9", end - 2):
                return self._take(body, end, end)  # a whole JPEG: not held back until the next part begins
            if len(self._buffer) < end + len(self._mark) + 4:
                return None
            # Between body and mark stand a line end and, with some cameras, more dashes.
            mark = self._buffer.find(self._mark, end, end + len(self._mark) + 8)
            if mark >= 0:
                return self._take(body, end, mark)
            self._length = None  # the length was wrong: the boundary decides
        mark = self._buffer.find(self._mark, self._searched)
        if mark < 0:
            self._searched = max(body, len(self._buffer) - len(self._mark))
            if len(self._buffer) - body > self._limit:
                self._skip()
            return None
        return self._take(body, mark, mark)

    def _take(self, body: int, end: int, mark: int) -> bytes | None:
        part = bytes(self._buffer[body:end])
        del self._buffer[:mark]
        self._body = None
        if len(part) > self._limit:
            self._dropped += 1
            return None
        return part

    def _skip(self) -> None:
        """Give the current part up; look for the next boundary behind this one."""
        self._dropped += 1
        del self._buffer[: len(self._mark)]
        self._body = self._length = None


def is_jpeg(data: bytes) -> bool:
    """True when ``data`` has a JPEG's frame: start, segments up to the scan with a size in them, and an end.

    The scan itself is not decoded.
    """
    if not data.startswith(b"\xff\xd8\xff") or data.rfind(b"\xff\xd9", max(0, len(data) - _JPEG_TAIL)) < 0:
        return False
    at = 2
    sized = False
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return False
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            return False
        if marker == 0xDA:
            return sized
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and at + 9 <= len(data):
            height, width = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 7 : at + 9], "big")
            sized = height > 0 and width > 0
        at += 2 + length
    return False
