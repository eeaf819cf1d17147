"""What a bad line does to packets, as plain arithmetic: rate, queue, delay, loss, cuts, and the carrier's NAT.

Nothing here waits or reads a clock: ``emulator`` says what time it is.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import asdict, dataclass

_TCP = 6
_SYN, _ACK = 0x02, 0x10


@dataclass(frozen=True, slots=True)
class Profile:
    """A line. ``rate``: bit/s in each direction, 0 = as fast as it goes; ``rtt``: seconds; ``loss``: 0 to 1 a packet.

    ``cut_every``, ``cut_for``: seconds from one cut's beginning to the next one's, and how long each lasts; 0 = never.
    ``cut_after``: ``cut_every`` is instead how long the line is up between two cuts. ``queue``: bytes that wait in the
    modem before it drops (tail drop). ``seed``: of the losses alone.
    """

    rate: int = 0
    rtt: float = 0.0
    loss: float = 0.0
    cut_every: float = 0.0
    cut_for: float = 0.0
    cut_after: bool = False
    queue: int = 64 * 1024
    seed: int = 1

    def plain(self) -> dict[str, float]:
        """For the emulator's command line."""
        return asdict(self)

    def is_cut(self, at: float) -> bool:
        """Whether a cut holds ``at`` seconds after the clock began; the first cut comes after one whole period."""
        return 0 < self.cut_every <= at and (at - self.cut_every) % self._period < self.cut_for

    @property
    def _period(self) -> float:
        """From one cut's beginning to the next one's."""
        return self.cut_every + (self.cut_for if self.cut_after else 0.0)

    def outages(self, seconds: float) -> float:
        """The time to move ``seconds`` of traffic when every cut that falls inside is waited out."""
        if not self.cut_every:
            return seconds
        at, left, begins = 0.0, seconds, self.cut_every
        while left > begins - at:
            left -= begins - at
            at, begins = begins + self.cut_for, begins + self._period
        return at + left


@dataclass(slots=True)
class Counts:
    """``wire``: IP bytes that the radio carried, lost ones included. ``lost``, ``dropped``: packets (loss; queue)."""

    wire: int = 0
    packets: int = 0
    lost: int = 0
    dropped: int = 0
    stale: int = 0


class Way:
    """One direction. ``offer`` what comes; ``due`` gives what has arrived at the other end."""

    def __init__(self, profile: Profile, salt: int) -> None:
        self._profile, self._chance = profile, random.Random(profile.seed * 2 + salt)
        self._free_at = 0.0
        self._serial = 0
        self._flying: list[tuple[float, int, float, bytes]] = []
        self.counts = Counts()

    def offer(self, packet: bytes, now: float) -> None:
        """A packet at the modem: it waits its turn, or the queue is full."""
        rate = self._profile.rate
        begins = max(now, self._free_at)
        if rate and (begins - now) * rate / 8 + len(packet) > self._profile.queue:
            self.counts.dropped += 1
            return
        leaves = begins + (len(packet) * 8 / rate if rate else 0.0)
        self._free_at = leaves
        self._serial += 1
        heapq.heappush(self._flying, (leaves + self._profile.rtt / 2, self._serial, leaves, packet))

    def cut(self, now: float) -> None:
        """The carrier is gone: what waits or flies is lost; only what had left the modem was on the wire."""
        for _, _, leaves, packet in self._flying:
            if leaves <= now:
                self._count(packet)
                self.counts.lost += 1
        self._flying.clear()
        self._free_at = now

    def next(self) -> float | None:
        """When the next packet arrives."""
        return self._flying[0][0] if self._flying else None

    def due(self, now: float) -> list[bytes]:
        """What has arrived by now, the lost ones left out."""
        arrived: list[bytes] = []
        while self._flying and self._flying[0][0] <= now:
            packet = heapq.heappop(self._flying)[3]
            self._count(packet)
            if self._profile.loss and self._chance.random() < self._profile.loss:
                self.counts.lost += 1
            else:
                arrived.append(packet)
        return arrived

    def _count(self, packet: bytes) -> None:
        self.counts.wire += len(packet)
        self.counts.packets += 1


class Nat:
    """The carrier's table: a connection lives from its SYN to the next cut; after it, not even a RST comes back."""

    def __init__(self) -> None:
        self._open: set[tuple[bytes, bytes]] = set()

    def forget(self) -> None:
        """The modem attached anew."""
        self._open.clear()

    def passes(self, packet: bytes, *, upward: bool) -> bool:
        """Whether a packet of the terminal (``upward``) or of the office belongs to a connection of this attachment."""
        head = (packet[0] & 0x0F) * 4
        if packet[0] >> 4 != 4:
            return False  # the kernel's own IPv6 chatter is no part of the line
        if packet[9] != _TCP:
            return True
        source, target = packet[12:16] + packet[head : head + 2], packet[16:20] + packet[head + 2 : head + 4]
        key = (source, target) if upward else (target, source)
        if upward and packet[head + 13] & (_SYN | _ACK) == _SYN:
            self._open.add(key)
        return key in self._open
