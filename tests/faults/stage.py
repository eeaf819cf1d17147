"""The whole terminal for the fault scenarios, and the stopwatch that is held beside it.

Causes are set at the virtual devices; a fault is *known* when the station's event log says so, and *shown* when the
window's accessible tree does. Both clocks are this machine's wall clock, in seconds.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from deploy.demo.bench import Bench, wait_for
from deploy.demo.gear import PLAIN, Gear
from deploy.demo.hand import Hand, Tree
from deploy.demo.play import SIDES, Visit
from tests.end_to_end import rig
from wire.words import translator

SCREEN_S = 2.0
"""From known to shown: rule (a)."""
LOOK_S = 0.02

SERIAL = Gear(printer="serial")
"""The receipt printer on a serial line."""

ind = translator("id")
"""What the window shows for a msgid, in Indonesian."""

Look = Callable[[Tree], object]
_PRINTER = dict.fromkeys(("paper_out", "near_end", "cover", "mute", "stall", "error", "cutter"), False)
_SCANNER: dict[str, Any] = dict.fromkeys(("jam", "cover", "double_feed", "busy", "hang", "garbage"), False)
_SCANNER |= {"slow": 0.0, "cut_after": None, "http": None}
_PRINTER |= {"garbage": "", "delay": 0.0, "rate": 0.0, "paper_out_after": None, "hang_up_after": None}


@dataclass
class Case:
    """One case of a fault, as the table prints it. Seconds; None: the case has no such moment.

    ``whole``: it came to its end.
    """

    name: str
    known: float | None = None
    screen: float | None = None
    back: float | None = None
    whole: bool = False


class Stage(Bench):
    """The bench whose terminal gets other devices from one scenario to the next."""

    def equip(self, gear: Gear = PLAIN) -> None:
        """Give the terminal these devices; what is there already stays as it is."""
        for name, words in gear.programs(self.sockets).items():
            if self._words.get(name) != words:
                if name in self.parts:
                    self.parts[name].stop()
                self._start(name, words, TMPDIR=str(self.sockets)).greeting()
                self._words[name] = words
        before = self.roles_path.read_text()
        self.write_roles(gear)
        if self.roles_path.read_text() != before or not self.station.alive:
            self.station.stop()
            self.start_station()

    def start(self) -> None:
        """Start everything, with the plain gear."""
        self._words = self.gear.programs(self.sockets)
        super().start()

    def good(self, hand: Hand) -> None:
        """Every cause gone, the idle screen, the printer ready."""
        self.printer("on")
        self.printer("set", **_PRINTER)
        if "scanner" in self.parts:
            self.scanner("on")
            self.scanner("set", **_SCANNER)
            self.scanner("clear")
            self.scanner("load", papers=[])
        rig.bring_home(self, hand)
        hand.wait("a ready printer", says("Printer ready"), within=20)

    # -- what can be read from outside

    def log_size(self) -> int:
        """Bytes of the station's log so far."""
        return self.station.log.stat().st_size

    def logged(self, since: int) -> Iterator[tuple[float, dict[str, Any]]]:
        """(wall clock, event) of every event after byte ``since`` of the station's log."""
        with self.station.log.open("rb") as log:
            log.seek(since)
            for line in log.read().split(b"\n")[:-1]:
                if line.startswith(b"{"):
                    event: dict[str, Any] = json.loads(line)
                    yield dt.datetime.fromisoformat(event["timestamp"]).timestamp(), event

    def receipts_of(self, number: str) -> tuple[int, int]:
        """How many whole receipts with this number came out of this printer: (originals, copies marked SALINAN)."""
        texts = [rig.printed_text(receipt) for receipt in self.receipts()]
        mine = ["SALINAN" in text for text in texts if number in text]
        return mine.count(False), mine.count(True)

    def sent_once(self, number: str, within: float = 60) -> None:
        """The application reaches the office, and it lies there once."""
        wait_for(f"{number} at the office", lambda: number in self.at_office(), within=within)
        assert self.at_office().count(number) == 1


class Stopwatch:
    """Times the cases of one test; ``keep`` gets each case when it is over."""

    def __init__(self, stage: Stage, hand: Hand, keep: Callable[[dict[str, Any]], None]) -> None:
        self.stage, self.hand, self._keep = stage, hand, keep
        self._case: Case | None = None
        self._at = self._known_at = 0.0
        self._from = 0

    def cause(self, name: str, do: Callable[[], object]) -> None:
        """Begin the case ``name``, which ends the one before: make it happen."""
        self.over()
        self._case = Case(name)
        self._from = self.stage.log_size()
        self._at = time.time()
        do()

    def now(self) -> None:
        """The cause is only now really there: the time counts from here."""
        self._at = time.time()

    def known(
        self, event: str, look: Look | None = None, *, within: float, screen: float = SCREEN_S, **has: Any
    ) -> None:
        """The event is logged within ``within`` of the cause, and the window is as ``look`` wants within ``screen``.

        ``has``: the event's fields; ``fault`` is one of its fault codes.
        """
        case = self._now()
        shown: float | None = None
        end = self._at + within + screen + 1.0
        while time.time() < end:
            tree = self.hand.look() if look and shown is None else None
            if tree and look and look(tree):
                shown = time.time()
            if case.known is None and (at := self.find(event, **has)) is not None:
                self._known_at = at
                case.known = max(0.0, at - self._at)
            if case.known is not None and (shown is not None or look is None):
                break
            time.sleep(LOOK_S)
        assert case.known is not None, f"{event} {has} is not in the log: {self.events()}"
        if look is not None:
            assert shown is not None, f"not on the screen: {self.hand.screen()!r} {self.hand.texts()}"
            case.screen = max(0.0, shown - self._known_at)
            assert case.screen <= screen, f"{case.screen:.2f} s from known to shown"
        assert case.known <= within, f"{case.known:.2f} s from cause to known"

    def mend(self, do: Callable[[], object]) -> None:
        """The cause is taken away."""
        self._from = self.stage.log_size()
        self._at = time.time()
        do()

    def back(self, look: Look, *, within: float, event: str = "device_changed", **has: Any) -> None:
        """In service again, by itself: the event is logged and the window is as ``look`` wants, within ``within``.

        ``event``: "" where none is due.
        """
        case = self._now()
        end = self._at + within + 1.0
        shown, logged = False, not event
        while time.time() < end and not (shown and logged):
            tree = self.hand.look()
            shown = shown or bool(tree and look(tree))
            logged = logged or self.find(event, **has) is not None
            case.back = time.time() - self._at
            time.sleep(LOOK_S)
        assert logged, f"{event} {has} is not in the log: {self.events()}"
        assert shown, f"not on the screen: {self.hand.screen()!r} {self.hand.texts()}"
        assert case.back is not None and case.back <= within, f"{case.back:.2f} s to be back"
        self.over()

    def over(self, whole: bool = True) -> None:
        """The case is done, or (not ``whole``) broken off."""
        if self._case is not None:
            self._case.whole = whole
            self._keep(asdict(self._case))
        self._case = None

    def _now(self) -> Case:
        assert self._case is not None, "a case begins with its cause"
        return self._case

    def find(self, event: str, **has: Any) -> float | None:
        """When this event was logged since the cause (or since it was mended), or None."""
        fault = has.pop("fault", None)
        for at, logged in self.stage.logged(self._from):
            right = logged["event"] == event and all(logged.get(name) == value for name, value in has.items())
            if right and (fault is None or fault in logged["faults"]):
                return at
        return None

    def events(self) -> list[dict[str, Any]]:
        """What was logged since."""
        return [event for _, event in self.stage.logged(self._from)]


def says(*msgids: str, screen: str = "") -> Look:
    """A look for all these sentences, on this screen (or any)."""
    wanted = {ind(msgid) for msgid in msgids}

    def look(tree: Tree) -> bool:
        labels = {node["label"] for node in tree["nodes"]}
        return wanted <= labels and screen in ("", tree["screen"])

    return look


def to_scanner(stage: Stage, hand: Hand) -> Visit:
    """A visit on a terminal that has a scanner alone, to its first page."""
    visit = Visit(stage, hand)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill("scan_bed")
    return visit


def asked(tree: Tree) -> tuple[str, ...]:
    """The heading of the screen: title and lead, which name the page on the scan step."""
    return tuple(node["label"] for node in tree["nodes"][:2])


def to_review(stage: Stage, hand: Hand) -> Visit:
    """A visit with every page kept, before "Kirim"."""
    visit = Visit(stage, hand)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill()
    visit.scan(SIDES)
    hand.wait_screen("review")
    return visit
