"""What can be wrong with a virtual printer, and how it tells: the replies of ESC/POS in Epson's layout."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Flags:
    """What the bench can change while the printer runs."""

    paper_out: bool = False
    near_end: bool = False
    cover: bool = False
    cutter: bool = False
    error: bool = False
    unrecoverable: bool = False
    feed_button: bool = False
    mute: bool = False
    stall: bool = False
    garbage: str = ""
    delay: float = 0.0
    rate: float = 0.0
    paper_out_after: int | None = None
    hang_up_after: int | None = None

    @property
    def blocked(self) -> bool:
        """True while nothing can be printed."""
        return self.paper_out or self.cover or self.cutter or self.error or self.unrecoverable or self.feed_button

    def dle_eot(self, n: int) -> int:
        """The reply to DLE EOT n, in Epson's layout."""
        bits = {
            1: 0x08 * self.blocked | 0x40 * self.feed_button,
            2: 0x04 * self.cover
            | 0x08 * self.feed_button
            | 0x20 * self.paper_out
            | 0x40 * (self.cutter or self.error or self.unrecoverable),
            3: 0x08 * self.cutter | 0x20 * self.unrecoverable | 0x40 * self.error,
            4: 0x0C * (self.near_end or self.paper_out) | 0x60 * self.paper_out,
        }
        return 0x12 | bits.get(n, 0)

    def asb(self) -> bytes:
        """The four bytes that a printer with ASB on sends at each change."""
        return bytes(
            (
                0x10 | 0x08 * self.blocked | 0x20 * self.cover | 0x40 * self.feed_button,
                0x08 * self.cutter | 0x20 * self.unrecoverable | 0x40 * self.error,
                0x03 * (self.near_end or self.paper_out) | 0x0C * self.paper_out,
                0,
            )
        )
