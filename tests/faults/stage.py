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
from pathlib import Path
from typing import Any

from deploy.demo.bench import Bench, BenchError, wait_for
from deploy.demo.hand import Hand, Tree
from deploy.demo.play import SIDES, Visit
from drivers.virtual.control import call
from tests.end_to_end import rig
from wire.words import translator

SCREEN_S = 2.0
"""From known to shown: rule (a)."""
LOOK_S = 0.02

ind = translator("id")
"""What the window shows for a msgid, in Indonesian."""

Look = Callable[[Tree], object]
_PRINTER = dict.fromkeys(("paper_out", "near_end", "cover", "mute", "stall", "error", "cutter"), False)
_PRINTER |= {"garbage": "", "delay": 0.0, "rate": 0.0, "paper_out_after": None, "hang_up_after": None}


@dataclass
class Case:
    """One case of a fault, as the table prints it. Seconds; None: the case has no such moment."""

    name: str
    known: float | None = None
    screen: float | None = None
    back: float | None = None


class Stage(Bench):
    """The bench with a printer on each kind of cable; ``equip`` says which devices the terminal has."""

    def start(self) -> None:
        """Start everything; the terminal begins with a network printer and a camera."""
        super().start()
        self.cable = "printer"
        self._roles = self.roles_file.read_text()

    @property
    def roles_file(self) -> Path:
        """What a technician would write."""
        return self.folder / "roles.toml"

    def equip(self, **roles: str) -> None:
        """Give the terminal these devices, each by the lines of its table; it is restarted when they are others."""
        text = "".join(f"[{role}]\n{lines}\n\n" for role, lines in roles.items())
        if text != self._roles or not self.station.alive:
            self._roles = text
            self.roles_file.write_text(text)
            self.station.stop()
            self.start_station()

    def link_of(self, name: str) -> str:
        """The printer link of one of the virtual printers: ``printer`` on TCP, ``serial`` on a pty."""
        if name == "printer":
            return f'link = "tcp://127.0.0.1:{self.parts[name].greeting()["port"]}"'
        if name not in self.parts:
            words = ["-m", "drivers.virtual.printer", "--port", "0", "--control", str(self.sockets / f"{name}.sock")]
            self._start(name, [*words, "--pty", str(self.sockets / f"{name}.tty")])
        return f'link = "serial:{self.parts[name].greeting()["link"]}"'

    def camera_link(self) -> str:
        """The camera's role."""
        return f'link = "http://127.0.0.1:{self.parts["camera"].greeting()["port"]}/stream"'

    def plain(self, cable: str = "printer") -> None:
        """A terminal with a printer on this cable, and a camera."""
        self.cable = cable
        self.equip(printer=self.link_of(cable), camera=self.camera_link())

    def printer(self, do: str, **values: object) -> dict[str, Any]:
        """What happens to the printer that the terminal has."""
        return call(self.sockets / f"{self.cable}.sock", do, values)

    def close(self) -> None:
        """End the further printers too."""
        if "station" in self.parts:
            self.station.stop()
        if "serial" in self.parts:
            self.parts["serial"].stop()
        super().close()

    def good(self, hand: Hand) -> None:
        """Every cause gone, the idle screen, the printer ready."""
        self.printer("on")
        self.printer("set", **_PRINTER)
        rig.bring_home(self, hand)
        if "printer" in self._roles:
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
        self._case = Case("")
        self._at = self._known_at = 0.0
        self._from = 0

    def cause(self, name: str, do: Callable[[], object]) -> None:
        """Begin the case ``name``: make it happen."""
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
        shown: float | None = None
        end = self._at + within + screen + 1.0
        while time.time() < end:
            tree = self.hand.look() if look and shown is None else None
            if tree and look and look(tree):
                shown = time.time()
            if self._case.known is None and (at := self.find(event, **has)) is not None:
                self._known_at = at
                self._case.known = max(0.0, at - self._at)
            if self._case.known is not None and (shown is not None or look is None):
                break
            time.sleep(LOOK_S)
        assert self._case.known is not None, f"{event} {has} is not in the log: {self.events()}"
        if look is not None:
            assert shown is not None, f"not on the screen: {self.hand.screen()!r} {self.hand.texts()}"
            self._case.screen = max(0.0, shown - self._known_at)
            assert self._case.screen <= screen, f"{self._case.screen:.2f} s from known to shown"
        assert self._case.known <= within, f"{self._case.known:.2f} s from cause to known"

    def mend(self, do: Callable[[], object]) -> None:
        """The cause is taken away."""
        self._from = self.stage.log_size()
        self._at = time.time()
        do()

    def back(self, look: Look, *, within: float, event: str = "device_changed", **has: Any) -> None:
        """In service again, by itself: the event is logged and the window is as ``look`` wants, within ``within``."""
        end = self._at + within + 1.0
        shown = logged = False
        while time.time() < end and not (shown and logged):
            tree = self.hand.look()
            shown = shown or bool(tree and look(tree))
            logged = logged or self.find(event, **has) is not None
            self._case.back = time.time() - self._at
            time.sleep(LOOK_S)
        assert logged, f"{event} {has} is not in the log: {self.events()}"
        assert shown, f"not on the screen: {self.hand.screen()!r} {self.hand.texts()}"
        assert self._case.back is not None and self._case.back <= within, f"{self._case.back} s to be back"
        self.over()

    def over(self) -> None:
        """The case is done."""
        self._keep(asdict(self._case))

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


__all__ = ["SCREEN_S", "BenchError", "Case", "Stage", "Stopwatch", "ind", "says", "to_review"]
