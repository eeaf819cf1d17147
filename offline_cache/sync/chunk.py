"""How much of a part goes in one PATCH: as much as the measured rate carries in a minute, 1 MiB before it was measured.

Each PATCH costs a round trip, a commit at the office and a slow start (measured: 1.2 s at a round trip of 0.6 s), so
few are better; and a cut costs little, because the office keeps what arrived before it. Only where it did not, because
something on the way holds bodies back, they become short.
"""

from __future__ import annotations

MIN_CHUNK, MAX_CHUNK = 16 * 1024, 1024 * 1024
AIM_S = 60.0
_LEAST_AIM_S = 1.0
_ON_THE_WAY = 96 * 1024
"""Bytes that a cut may cost by right: in our kernel, in the air, and in the office's."""


class Chunk:
    """Lengths of PATCHes. ``rate``: bytes a second, 0 while unknown."""

    def __init__(self) -> None:
        self.rate = 0.0
        self._aim_s = AIM_S

    def length(self, left: int) -> int:
        """Bytes of the next PATCH, of ``left`` that are still to go; a short rest goes along."""
        base = self.rate * self._aim_s if self.rate else MAX_CHUNK * self._aim_s / AIM_S
        length = int(min(max(base, MIN_CHUNK), MAX_CHUNK))
        return left if left <= length * 5 // 4 else length

    def took(self, length: int, seconds: float) -> None:
        """A PATCH arrived whole in that time."""
        self._aim_s = min(AIM_S, self._aim_s * 1.25)
        if length >= MIN_CHUNK:  # a short one measures the round trip, not the line
            self.rate = length / max(seconds, 0.001)

    def cut(self, lost: int) -> None:
        """A PATCH was cut, and so many of the bytes that we had given away are not at the office."""
        if lost > _ON_THE_WAY:
            self._aim_s = max(_LEAST_AIM_S, self._aim_s / 2)
