"""What the terminal says of itself, read from outside: the station's event log and the window's accessible tree."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.bench import Bench
from deploy.demo.hand import Hand, Tree


@dataclass(frozen=True, slots=True)
class Told:
    """A device as the station sees it. ``faults``: codes of wire/faults.toml. ``at``: ISO 8601, of the last change."""

    role: str
    phase: str
    faults: tuple[str, ...] = ()
    at: str = ""


@dataclass(slots=True)
class Log:
    """What the station's log says since the station was last started. ``line``: "online", or why not."""

    devices: dict[str, Told] = field(default_factory=dict[str, Told])
    line: str = ""
    started: int = 0
    windows: int = 0
    children: list[str] = field(default_factory=list[str])

    def take(self, event: dict[str, Any]) -> None:
        """One event of the log, in order."""
        match event["event"]:
            case "station_started":
                self.devices, self.line, self.started = {}, "", self.started + 1
            case "device_changed":
                role = str(event["role"])
                self.devices[role] = Told(role, event["phase"], tuple(event["faults"]), event["timestamp"])
            case "line_changed":
                self.line = "online" if event["online"] else str(event["reason"])
            case "window_started":
                self.windows += 1
            case "child_killed":
                self.children.append(str(event["child"]))
            case _:
                pass


class Sight:
    """Both witnesses of one bench. The log is read on from where the last look ended."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._log = Log()
        self._read = 0
        assert bench.display is not None and bench.probe is not None
        self.hand = Hand(bench.display, bench.probe)

    def log(self) -> Log:
        """The station's log, up to now."""
        path = self._bench.station.log
        with path.open("rb") as file:
            file.seek(self._read)
            block = file.read()
        whole, _, _ = block.rpartition(b"\n")
        self._read += len(whole) + 1 if whole else 0
        for line in whole.splitlines():
            if line.startswith(b"{"):
                try:
                    event: dict[str, Any] = json.loads(line)
                except ValueError:  # cut off by a kill
                    continue
                self._log.take(event)
        return self._log

    def tree(self) -> Tree | None:
        """What the window shows; None while no window answers."""
        return self.hand.look()
