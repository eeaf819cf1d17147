"""What ``scanimage`` says on stderr and in its lists (in English: it runs with ``LC_ALL=C``)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.scanner.codes import BUSY, COVER_OPEN, DENIED, FAILED, JAMMED, NO_PAPER, OF_EXIT, UNREACHABLE

_PROGRESS = re.compile(rb"Progress: (\d{1,3}(?:\.\d{1,4})?)%")
_OPEN = re.compile(r"open of device .{0,500}? failed: (.{0,200})")
_LAST = re.compile(r"scanimage: sane_(?:start|read): ([^\r\n]{1,200})[\r\n]")
_BUSY, _DENIED = "Device busy", "Access to resource has been denied"
_OPEN_FAULTS = {_BUSY: BUSY, _DENIED: DENIED, "Out of memory": FAILED}
_LAST_FAULTS = {
    _BUSY: BUSY,
    _DENIED: DENIED,
    "Document feeder jammed": JAMMED,
    "Document feeder out of documents": NO_PAPER,
    "Scanner cover is open": COVER_OPEN,
}
_PARTS = "\t"
LIST_FORMAT = _PARTS.join(("%d", "%v", "%m")) + "%n"
"""For ``scanimage -f``."""
_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A scanner that SANE knows. ``name``: for ``scanimage -d``."""

    name: str
    vendor: str
    model: str


class Progress:
    """Follows the progress in what comes on stderr, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self.share = 0.0

    def feed(self, data: bytes) -> bool:
        """True when the share, from 0 to 1, has grown; it never shrinks."""
        text = self._rest + data
        self._rest = text[-24:]
        found = _PROGRESS.findall(text)
        if not found:
            return False
        share = min(1.0, max(map(float, found)) / 100)
        grown = share > self.share
        self.share = max(share, self.share)
        return grown


def fault_of(code: int, words: str) -> str:
    """The fault that an end code other than 0 means; 1 and a signal's are told apart by the words."""
    if code < 0:
        last = _LAST.search(words)
        return _LAST_FAULTS.get(last[1].strip(), FAILED) if last else FAILED
    if code != 1:
        return OF_EXIT.get(code, FAILED)
    opened = _OPEN.search(words)
    if opened is not None:
        return _OPEN_FAULTS.get(opened[1].strip(), UNREACHABLE)
    return UNREACHABLE if "no SANE devices found" in words else FAILED


def has_failed(words: str) -> bool:
    """True once ``scanimage`` said why the scan failed. All that is left to it is to let go of the scanner."""
    return _LAST.search(words) is not None


def detail_of(words: str) -> str:
    """The last thing that was said, for staff."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", words) if line.strip()]
    told = [line for line in lines if not line.startswith(("Progress:", "Output format"))]
    return told[-1][-_DETAIL:] if told else ""


def read_list(text: str) -> tuple[Listed, ...]:
    """The scanners in the answer to ``scanimage -f LIST_FORMAT``; other lines are passed over."""
    parts = (line.split(_PARTS) for line in text.splitlines())
    return tuple(
        Listed(*(part.strip() for part in line))
        for line in parts
        if len(line) == 3 and line[0].strip() and not line[0].startswith("-")
    )
