"""The card's half of Accept 2 of issue 3: ``./adm python -m tests.benchmarks.replug card --cycles 200 --restarts 5``.

Each cycle lays a card with a UID of its own on the reader and takes it away, every tenth swaps it for the next within
5 ms. In between the card service is ended and started, in turn in order and by SIGKILL, with a card on the reader and
without. Counted: cards that never came, came twice (a service that restarts under a card may show it once more), came
as another kind, or never went; threads, children and descriptors of the driver's process and of the virtual device.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from drivers.card.reader import PcscReader
from drivers.contract import CardSeen, Phase
from drivers.virtual.twin import Twin

_LIMIT_S = 10.0
_LATE_S = 1.0
_KINDS = ("ktp", "staff", "other")
STAFF = "3B 8F 80 01 80 4F 0C A0 00 00 03 06 ?? ?? ?? 00 00 00 00 ??"


@dataclass
class Soak:
    """What a run brought. ``waits``: seconds from a card's coming to its being known."""

    cards: list[tuple[str, bytes]] = field(default_factory=list)
    shown_again: set[bytes] = field(default_factory=set)
    events: list[CardSeen | None] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def missed(self) -> list[str]:
        """Cards that never came, or as another kind."""
        came = {(event.kind.value, event.uid) for event in self.events if event}
        return [f"{kind} {uid.hex()}" for kind, uid in self.cards if (kind, uid) not in came]

    @property
    def doubled(self) -> list[str]:
        """Cards that came more often than they were laid there, and cards that came while another was there."""
        uids = [event.uid for event in self.events if event]
        allowed = {uid: 2 if uid in self.shown_again else 1 for _, uid in self.cards}
        often = [uid.hex() for uid in set(uids) if uids.count(uid) > allowed.get(uid, 0)]
        pairs = zip(self.events, self.events[1:], strict=False)
        return often + ["not one of each in turn" for one, two in pairs if (one is None) == (two is None)]

    @property
    def leaked(self) -> list[str]:
        """What there is more of than before, and threads that outlived the driver."""
        return [name for name, count in self.before.items() if self.after[name] > count] + self.left


def _counts(twin: Twin) -> dict[str, int]:
    found: dict[str, int] = {}
    for whose, process in (("", Path("/proc/self")), ("virtual ", Path(f"/proc/{twin.pid}"))):
        tasks = list((process / "task").iterdir())
        found[f"{whose}threads"] = len(tasks)
        found[f"{whose}children"] = sum(len((task / "children").read_text().split()) for task in tasks)
        found[f"{whose}descriptors"] = len(list((process / "fd").iterdir()))
    return found


class _Run:
    def __init__(self, twin: Twin, soak: Soak) -> None:
        self._twin, self._soak = twin, soak

    def until(self, came: bytes | None, since: int) -> None:
        """Wait until that card came (None: until it went) after event number ``since``; give up after 10 s."""
        end = time.monotonic() + _LIMIT_S
        while time.monotonic() < end:
            events = self._soak.events[since:]
            if any((event.uid if event else None) == came for event in events):
                return
            time.sleep(0.002)

    def lay(self, number: int, word: str) -> bytes:
        kind, uid = _KINDS[number % len(_KINDS)], b"\x04" + number.to_bytes(6, "big")
        self._soak.cards.append((kind, uid))
        began, since = time.monotonic(), len(self._soak.events)
        self._twin(word, kind=kind, uid=uid.hex())
        self.until(uid, since)
        self._soak.waits.append(time.monotonic() - began)
        return uid

    def take(self) -> None:
        since = len(self._soak.events)
        self._twin("remove")
        self.until(None, since)

    def restart(self, turn: int, uid: bytes | None) -> None:
        """End and start the service; with a card there, wait until it is seen anew."""
        since = len(self._soak.events)
        self._twin("kill" if turn % 2 else "restart")
        if uid is not None:
            self._soak.shown_again.add(uid)
            self.until(uid, since)


def soak(cycles: int, restarts: int) -> Soak:
    """That many cards and restarts of the service."""
    result = Soak()
    threads = set(threading.enumerate())
    due = {round((turn + 1) * cycles / (restarts + 1)): turn for turn in range(restarts)}
    with tempfile.TemporaryDirectory(prefix="adm-") as folder, Twin("card", Path(folder), "--poll-ms", "10") as twin:
        driver = PcscReader(socket=twin.facts["socket"], staff=(STAFF,))
        driver.on_card(result.events.append)
        driver.start()
        try:
            run = _Run(twin, result)
            end = time.monotonic() + 2 * _LIMIT_S
            while driver.status().phase is not Phase.READY and time.monotonic() < end:
                time.sleep(0.01)
            run.lay(0, "insert")
            run.take()
            result.before = _counts(twin)
            swapped = False
            for number in range(1, cycles):
                turn = due.get(number)
                uid = run.lay(number, "swap" if swapped else "insert")
                if turn is not None and turn % 2 == 0:
                    run.restart(turn // 2, uid)
                swapped = number % 10 == 0 and number + 1 < cycles and turn is None
                if not swapped:
                    run.take()
                if turn is not None and turn % 2 == 1:
                    run.restart(turn // 2, None)
            time.sleep(_LATE_S)
            result.after = _counts(twin)
        finally:
            driver.stop()
    result.left = [thread.name for thread in set(threading.enumerate()) - threads]
    return result


def main(cycles: int, restarts: int) -> int:
    """Print the figures; 1 on any miss, double or leak."""
    began = time.monotonic()
    result = soak(cycles, restarts)
    took = time.monotonic() - began
    print(f"card: {len(result.cards)} cards laid and taken, {restarts} restarts of the service, in {took:.0f} s")
    print(f"came {sum(event is not None for event in result.events)}, went {result.events.count(None)}")
    print(f"missed {len(result.missed)}, doubled {len(result.doubled)} {result.missed + result.doubled}")
    print(f"from card to known: median {statistics.median(result.waits):.3f} s, longest {max(result.waits):.3f} s")
    print("  ".join(f"{name}: {count} -> {result.after[name]}" for name, count in result.before.items()))
    print(f"threads left after stop: {', '.join(result.left) or 'none'}")
    return 1 if result.missed or result.doubled or result.leaked else 0
