"""Reads what an ESC/POS printer says about itself: DLE EOT 1-4, ASB packets and the job-done answer of GS r 1.

The three kinds are told apart by their fixed bits (Epson's layout): a DLE EOT reply is ``0xx1xx10``, an ASB packet
begins with ``0xx1xx00`` and has three bytes more with bits 4 and 7 off, a GS r answer has bits 4 and 7 off and its two
pairs of paper bits equal. Anything else is noise: skipped, counted, and never a state. python-escpos' own status calls
are not used: silence reads there as "paper adequate".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from drivers.contract import Phase
from drivers.printer.face import Link
from wire.faults import by_urgency

HANDSHAKE = b"\x1dr\x01"
_ATTEMPTS = 4
_PACKET_S = 0.05


class Kind(Enum):
    """What a piece of the printer's stream is."""

    REPLY = auto()
    ASB = auto()
    PAPER = auto()
    NOISE = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of the stream: one byte, or the four of an ASB packet."""

    kind: Kind
    data: bytes


class StatusStream:
    """Cuts the printer's bytes into items. An ASB packet may come in pieces; ``flush`` ends the wait for its rest."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Item]:
        """The items that ``data`` completes."""
        return self._cut(self._rest + data, final=False)

    @property
    def waiting(self) -> bool:
        """True while a packet is not whole yet."""
        return bool(self._rest)

    def flush(self) -> list[Item]:
        """What is left of a packet that never became whole, as noise."""
        return self._cut(self._rest, final=True)

    def _cut(self, data: bytes, final: bool) -> list[Item]:
        items: list[Item] = []
        at = 0
        while at < len(data):
            byte = data[at]
            size = 1
            if byte & 0x93 == 0x12:
                kind = Kind.REPLY
            elif byte & 0x93 == 0x10:
                packet = data[at : at + 4]
                if any(later & 0x90 for later in packet[1:]):
                    kind = Kind.NOISE
                elif len(packet) < 4:
                    if not final:
                        break
                    kind = Kind.NOISE
                else:
                    kind, size = Kind.ASB, 4
            elif byte & 0x90 == 0 and byte & 3 in (0, 3) and byte & 12 in (0, 12):
                kind = Kind.PAPER
            else:
                kind = Kind.NOISE
            items.append(Item(kind, data[at : at + size]))
            at += size
        self._rest = data[at:]
        return items


@dataclass(frozen=True, slots=True)
class PrinterState:
    """One whole reading, true as the printer says it."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_near_end: bool = False
    cutter: bool = False
    unrecoverable: bool = False
    error: bool = False

    @property
    def faults(self) -> tuple[str, ...]:
        """Fault codes, most urgent first, all kept. Offline without a reason counts as an unnamed error."""
        named = self.cutter or self.cover_open or self.paper_out
        codes = {
            "printer_unrecoverable": self.unrecoverable or ((self.error or self.offline) and not named),
            "printer_cutter": self.cutter,
            "printer_cover_open": self.cover_open,
            "printer_paper_out": self.paper_out,
            "printer_paper_near_end": self.paper_near_end and not self.paper_out,
        }
        return by_urgency({code for code, is_set in codes.items() if is_set})

    @property
    def phase(self) -> Phase:
        """``READY``, also near the end of the roll; else ``NEEDS_ATTENTION``, or ``BROKEN`` if it cannot recover."""
        if self.unrecoverable:
            return Phase.BROKEN
        return Phase.NEEDS_ATTENTION if set(self.faults) - {"printer_paper_near_end"} else Phase.READY

    @property
    def prints(self) -> bool:
        """True when a job sent now would come out."""
        return self.phase is Phase.READY


def from_replies(replies: tuple[int, int, int, int]) -> PrinterState:
    """The state that four DLE EOT replies (n = 1, 2, 3, 4) tell."""
    first, second, third, fourth = replies
    return PrinterState(
        offline=bool(first & 0x08),
        cover_open=bool(second & 0x04),
        paper_out=bool(second & 0x20) or fourth & 0x60 == 0x60,
        paper_near_end=fourth & 0x0C == 0x0C,
        cutter=bool(third & 0x08),
        unrecoverable=bool(third & 0x20),
        error=bool(second & 0x40) or bool(third & 0x44),
    )


class Silence(Exception):
    """No answer came: the state is unknown."""


class Garbled(Exception):
    """Bytes came, but not a printer's answers: the state is unknown."""


class StatusReader:
    """Asks one printer over its link, from the worker's thread.

    ``on_paper`` is called for each answer to GS r 1 that comes between other things: its byte, and whether the bytes
    that came with it were free of noise.
    """

    def __init__(self, link: Link, on_paper: Callable[[int, bool], None], reply_limit: float = 1.0) -> None:
        self._link = link
        self._on_paper = on_paper
        self._limit = reply_limit
        self._stream = StatusStream()

    def listen(self, limit: float) -> bool:
        """Take in what comes, waiting up to ``limit`` seconds for it. Raises ``LinkLost``.

        True when an ASB packet came: the printer says that its state changed, so a reading is due.
        """
        items = self._stream.feed(self._link.read(limit))
        self._sort(items)
        return any(item.kind is Kind.ASB for item in items)

    def read(self) -> PrinterState:
        """One whole reading. Raises ``Silence``, ``Garbled`` or ``LinkLost``.

        A reading among noise counts only when the one after it says the same.
        """
        self.listen(0.0)
        if self._stream.waiting:  # the rest of an ASB packet, on a slow line: its zeros would pass for answers to GS r
            self.listen(_PACKET_S)
        self._sort(self._stream.flush())
        before: tuple[int, int, int, int] | None = None
        for _ in range(_ATTEMPTS):
            replies, noisy = self._ask_all()
            if replies is None:
                before = None
                continue
            if not noisy or replies == before:
                return from_replies(replies)
            before = replies
        raise Garbled

    def _ask_all(self) -> tuple[tuple[int, int, int, int] | None, bool]:
        """Four replies, or None when one question had two answers; and whether noise was about."""
        replies: list[int] = []
        noisy = False
        for n in (1, 2, 3, 4):
            reply, surplus, noise = self._ask(n)
            noisy |= noise
            if surplus:
                return None, True
            replies.append(reply)
        return (replies[0], replies[1], replies[2], replies[3]), noisy

    def _ask(self, n: int) -> tuple[int, bool, bool]:
        self._link.write(bytes((0x10, 0x04, n)), self._limit, lambda: False)
        end = time.monotonic() + self._limit
        found: list[int] = []
        noise = False
        while not found:
            left = end - time.monotonic()
            if left <= 0:
                break
            items = self._stream.feed(self._link.read(left))
            noise |= self._sort(items)
            found += [item.data[0] for item in items if item.kind is Kind.REPLY]
        noise |= self._sort(self._stream.flush())
        if not found:
            raise Garbled if noise else Silence
        return found[0], len(found) > 1, noise

    def _sort(self, items: list[Item]) -> bool:
        """Hand paper answers on; True when there was noise."""
        noise = any(item.kind is Kind.NOISE for item in items)
        for item in items:
            if item.kind is Kind.PAPER:
                self._on_paper(item.data[0], not noise)
        return noise
