"""What the buttons work on: the bench, and what was typed, chosen and laid on the page beside the button."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import requests

from deploy.demo.bench import Bench
from deploy.demo.panel.clerk import Clerk
from deploy.demo.panel.sight import Sight
from deploy.demo.parts import BenchError
from deploy.demo.play import SIDES
from wire.change import State

_NUMBER = re.compile(r"[A-Z]{3}-[1-9]\d{0,9}-[0-9A-Z]")
_KEPT = 12  # lines of what was done

POSES: dict[str, dict[str, object]] = {
    "good": {},
    "skewed": {"turn": 14.0},
    "blurred": {"blur": 5.0},
    "dark": {"light": 0.22},
    "glare": {"glare": (0.5, 0.45)},
    "cut off": {"shift": (150.0, 0.0)},
}
"""How badly a sheet lies under the camera: the fields of ``drivers.virtual.papers.camera.Pose``."""
BEDS: dict[str, dict[str, object]] = {
    "good": {},
    "skewed 3 degrees": {"skew": 3.0},
    "skewed 20 degrees": {"skew": 20.0, "x_mm": 40.0, "y_mm": 20.0},
    "over the edge": {"x_mm": -40.0},
}
"""How it lies on the glass or in the feeder."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stood beside the button. ``file``: an uploaded sheet, kept as a PNG, or None."""

    words: Mapping[str, str] = field(default_factory=dict[str, str])
    file: Path | None = None

    def word(self, name: str) -> str:
        """The text of one input, "" where there is none."""
        return self.words.get(name, "").strip()

    def sheet(self) -> tuple[str, dict[str, object]]:
        """What to lay down: its name for a person, and the virtual devices' words for it."""
        if self.file is not None:
            return "your file", {"image": str(self.file)}
        paper = self.word("sheet") or "f102"
        return paper, {"paper": paper}


@dataclass(frozen=True, slots=True)
class Done:
    """One line of what was done. ``id``: counts from 1."""

    id: int
    at: str
    text: str
    ok: bool


class Desk:
    """One bench under one pair of hands. ``press`` is the only way in, one press at a time."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.sight = Sight(bench)
        self.done: deque[Done] = deque(maxlen=_KEPT)
        self._count = 0
        self._one_at_a_time = threading.Lock()

    def press(self, do: Callable[[Desk, Asked], str], asked: Asked) -> Done:
        """Do it and say what was done, or what went wrong."""
        with self._one_at_a_time:
            try:
                text, ok = do(self, asked), True
            except (BenchError, RuntimeError, ValueError, OSError, subprocess.SubprocessError) as error:
                text, ok = str(error) or type(error).__name__, False
            self._count += 1
            line = Done(self._count, datetime.now().strftime("%H:%M:%S"), text, ok)
            self.done.appendleft(line)
            return line

    # -- papers

    def lay_under_camera(self, asked: Asked) -> str:
        """A sheet under the camera, in the pose that was chosen."""
        name, words = asked.sheet()
        pose = asked.word("pose") or "good"
        self.bench.camera("lay", **words, **POSES[pose])
        return f"{name} lies under the camera ({pose})"

    def lay_on_glass(self, asked: Asked) -> str:
        """A sheet on the scanner's glass."""
        name, words = asked.sheet()
        how = asked.word("bed") or "good"
        self.bench.scanner("lay", **words, **BEDS[how])
        return f"{name} lies on the glass ({how})"

    def put_in_feeder(self, asked: Asked) -> str:
        """One sheet into the feeder."""
        name, words = asked.sheet()
        how = asked.word("bed") or "good"
        self.bench.scanner("load", papers=[{**words, **BEDS[how]}])
        return f"{name} lies in the feeder ({how})"

    def fill_feeder(self, _asked: Asked) -> str:
        """Every side that the service asks for, in order."""
        sides = [paper if page == 1 else f"{paper}_{page}" for paper, page in SIDES]
        self.bench.scanner("load", papers=sides)
        return f"in the feeder, in this order: {', '.join(sides)}"

    # -- codes

    def show_text(self, asked: Asked) -> str:
        """A code with the text that was typed."""
        text = asked.word("text")
        if not text:
            raise ValueError("type what the code is to say")
        self.bench.code("show", text=text)
        return "the code was shown to the code scanner"

    def show_newest(self, _asked: Asked) -> str:
        """The newest receipt's code, to the code scanner."""
        number = self.newest_number()
        self.bench.code("show", text=number)
        return f"the receipt with {number} was shown to the code scanner"

    def lay_receipt(self, _asked: Asked) -> str:
        """The newest receipt under the camera."""
        number = self.newest_number()
        self.bench.camera("lay", code=number)
        return f"the receipt with {number} lies under the camera"

    def newest_number(self) -> str:
        """The number on the newest receipt. Raises BenchError where none came out yet."""
        receipts = self.bench.receipts()
        numbers = _NUMBER.findall(receipts[-1].decode("cp858", errors="replace")) if receipts else []
        if not numbers:
            raise BenchError("no receipt came out of the printer yet")
        return numbers[0]

    # -- the scanner's place in the roles file

    def take_from(self, source: str) -> str:
        """Write the scanner's source into the roles file and start the terminal anew, as a technician would."""
        self.bench.station.stop()
        self.bench.write_roles(replace(self.bench.gear, scanner=source))
        self.bench.start_station()
        return f"the roles file says {source}; the terminal starts anew"

    # -- the office

    def decide(self, state: State) -> str:
        """An officer decides the newest application."""
        try:
            number = Clerk(self.bench.url).decide(state)
        except requests.RequestException as error:
            raise BenchError(f"the office does not answer ({type(error).__name__})") from error
        return f"the office decided {number}: {state.value.replace('_', ' ')}"

    # -- clock and processes

    def jump(self, days: int) -> str:
        """Move the terminal's wall clock, or put it right (0 days)."""
        if self.bench.clock is None:
            raise BenchError("this terminal's clock cannot be moved")
        self.bench.clock.jump(days * 86_400)
        return f"the terminal's clock is {days} days ahead" if days else "the terminal's clock is right"

    def kill_child(self, name: str, words: str) -> str:
        """SIGKILL to the terminal's process whose command line holds ``words``."""
        pids = [pid for pid, line in self.bench.processes().items() if words in line]
        if not pids:
            raise BenchError(f"the {name} does not run")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return f"the {name} was killed"

    def kill_station(self, _asked: Asked) -> str:
        """SIGKILL to all that the terminal runs; started again, as its service manager would."""
        self.bench.station.kill()
        self.bench.start_station()
        return "the station was killed with all that it runs, and is started again"

    def kill_gateway(self, _asked: Asked) -> str:
        """SIGKILL to the office's end; it stays away."""
        self.bench.parts["gateway"].kill()
        return "the gateway was killed, and stays away until it is started"

    def start_gateway(self, _asked: Asked) -> str:
        """Start the office's end where it was."""
        if self.bench.parts["gateway"].alive:
            raise BenchError("the gateway runs")
        self.bench.start_gateway()
        return "the gateway runs again"
