"""A whole terminal and its office on one machine, every part its own process in one folder.

The demo plays on it and the end-to-end tests stand on it: a virtual X screen, the office's gateway, a line that can be
cut between the two, a virtual device for each role, and the product itself, started as any installation starts it: by
its settings file and the roles file that a technician would write.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any, Self, cast

from deploy.demo.clock import WallClock
from deploy.demo.gear import PLAIN, Gear
from deploy.demo.parts import ROOT, BenchError, Part, Screen, below, python, tell, wait_for
from drivers.virtual.control import call
from wire import manifest

__all__ = ["CODE", "OFFICER", "PLACE", "ROOT", "Bench", "BenchError", "Part", "wait_for"]

CODE = "KMT"
PLACE = {
    "village": "Desa Karyamukti",
    "district": "Kec. Pataruman",
    "regency": "Kota Banjar",
    "office": "Disdukcapil Kota Banjar",
}
OFFICER = ("Rina Petugas", "rina", "sandi-contoh-2026")  # name, login and password of the officer who decides
STAFF_PIN = "250817"  # of the terminal's staff pages


class Bench:
    """Everything together. ``size``: of the window in pixels. ``settings``: further lines for the station's settings.

    ``display``: an X display that is there already; without it a virtual one is started. ``probe``: serve the
    accessible tree. ``cut``: the line is cut after the enrolment, before the station starts. ``gear``: the devices.
    ``movable``: the terminal's wall clock can be moved (``clock``).
    """

    def __init__(
        self,
        folder: Path,
        *,
        size: tuple[int, int] = (1080, 1920),
        settings: str = "",
        display: str | None = None,
        probe: bool = True,
        cut: bool = False,
        gear: Gear = PLAIN,
        movable: bool = False,
    ) -> None:
        self.folder = folder
        self.size = size
        self.display = display
        self.parts: dict[str, Part] = {}
        self.gear = gear
        self._extra, self._cut = settings, cut
        self._screen: Screen | None = None
        # Socket names have at most 107 bytes, and a test's folder may be deep: they get a short one.
        self.sockets = Path(tempfile.mkdtemp(prefix="adm-"))
        self.probe = self.sockets / "probe.sock" if probe else None
        self.logs, self.data, self.office = (folder / name for name in ("logs", "kiosk", "office"))
        self.home, self.tmp, self.sticks = folder / "home", folder / "tmp", folder / "sticks"
        for path in (self.logs, self.data, self.office, self.home, self.tmp, self.sticks):
            path.mkdir(parents=True, exist_ok=True)
        self.settings, self.roles_path = folder / "kiosk.toml", folder / "roles.toml"
        self.clock = WallClock(self.sockets) if movable else None
        self.url = ""
        self.line_port = 0

    # -- starting and ending

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start every part but the station, enrol the terminal, and start the station."""
        if self.display is None:
            self._screen = Screen(self.size, self.logs / "screen.log")
            self.display = self._screen.display
        for name, words in self.gear.programs(self.sockets).items():
            self._start(name, words, TMPDIR=str(self.sockets))  # sockets stand there too
        self.start_gateway()
        self.start_line()
        self._write_settings()
        self.enrol()
        if self._cut:
            self.line("down")
        self.start_station()

    def _environment(self) -> dict[str, str]:
        keep = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LIBGL_ALWAYS_SOFTWARE", "XAUTHORITY")
        environment = {name: value for name in keep if (value := os.environ.get(name))}
        return environment | {
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": "Asia/Jakarta",
            "SDL_AUDIODRIVER": "dummy",
            **({"DISPLAY": self.display} if self.display else {}),
        }

    def _start(self, name: str, arguments: list[str], **variables: str) -> Part:
        part = Part(name, self.logs, arguments, self._environment() | variables)
        self.parts[name] = part
        return part

    def start_gateway(self) -> None:
        """Start the office's gateway (on the port it had before, if it was started before)."""
        port = self.url.rpartition(":")[2] or "0"
        arguments = ["-m", "gateway", "serve", "--data", str(self.office), "--port", port]
        self.url = cast(str, self._start("gateway", arguments).greeting()["url"]).rstrip("/")

    def start_line(self) -> None:
        """Start the line between terminal and office; it is up at first."""
        to = self.url.removeprefix("http://")
        control = self.sockets / "line.sock"
        part = self._start("line", ["-m", "deploy.demo.line", "--listen", "0", "--to", to, "--control", str(control)])
        self.line_port = cast(int, part.greeting()["port"])

    def _write_settings(self) -> None:
        self.write_roles(self.gear)
        runtime = self.sockets / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.settings.write_text(
            f'data = "{self.data}"\nroles = "{self.roles_path}"\nruntime = "{runtime}"\n{self._with_sticks()}\n',
            encoding="utf-8",
        )

    def _with_sticks(self) -> str:
        """The further settings; what is plugged into this terminal are folders of the bench."""
        table = f'[cache]\nsticks = "{self.sticks}"\n'
        return self._extra.replace("[cache]\n", table) if "[cache]\n" in self._extra else f"{self._extra}\n{table}"

    def write_roles(self, gear: Gear) -> None:
        """Name these devices (they run already) in the roles file, for the next start of the station."""
        self.gear = gear
        self.roles_path.write_text(gear.roles(lambda name: self.parts[name].greeting()))

    def run(self, *arguments: str, stdin: str = "", within: float = 60) -> str:
        """Run one of the product's commands to its end and return what it printed. Raises BenchError."""
        command, folder = python(arguments)
        done = subprocess.run(
            command,
            cwd=folder,
            env=self._environment() | {"PYTHONPATH": str(folder)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        if done.returncode:
            raise BenchError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done.stdout

    def enrol(self) -> None:
        """What an administrator does once: a code from the office, typed at the terminal."""
        place = [word for name, value in PLACE.items() for word in (f"--{name}", value)]
        line = f"http://127.0.0.1:{self.line_port}"
        code = self.run(
            *("-m", "gateway", "terminal", "add", "--data", str(self.office), "--code", CODE, *place, "--url", line)
        ).strip()
        words = ("--settings", str(self.settings), "--pin-file", "-")
        self.run("-m", "kiosk.enrol", code, *words, stdin=STAFF_PIN + "\n")

    def add_officer(self) -> None:
        """The account of the officer who decides."""
        name, login, password = OFFICER
        words = ("officer", "add", "--data", str(self.office), "--name", name, "--login", login)
        self.run("-m", "gateway", *words, stdin=password + "\n")

    def start_station(self) -> None:
        """Start the terminal (the station starts its window)."""
        probe = ["--probe", str(self.probe)] if self.probe else []
        size = f"{self.size[0]}x{self.size[1]}"
        words = ["-m", "kiosk", "--settings", str(self.settings), "--size", size, *probe]
        self._start("station", words, **(self.clock.variables if self.clock else {}))

    @property
    def station(self) -> Part:
        """The station's process; its group holds all that the terminal runs."""
        return self.parts["station"]

    @property
    def own_screen(self) -> bool:
        """True when the window stands on a virtual screen of the bench's own."""
        return self._screen is not None

    def close(self) -> None:
        """End every part, the station first, and remove the sockets."""
        for name in sorted(self.parts, key=lambda name: name != "station"):
            self.parts[name].stop()
        if self._screen is not None:
            self._screen.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    # -- the world around the terminal

    def line(self, command: str) -> dict[str, Any]:
        """What happens to the line: the words of deploy/demo/line.py."""
        return tell(self.sockets / "line.sock", command)

    def device(self, name: str, do: str, **values: object) -> dict[str, Any]:
        """What happens to the virtual device that plays this role: the words of its module in drivers/virtual."""
        return call(self.sockets / f"{name}.sock", do, values)

    def plug_stick(self, stick: Path) -> None:
        """The USB stick (a folder) stands in the terminal."""
        stick.rename(self.sticks / "stick")

    def pull_stick(self, stick: Path) -> None:
        """It is pulled out, and lies where ``stick`` says."""
        (self.sticks / "stick").rename(stick)

    def printer(self, do: str, **values: object) -> dict[str, Any]:
        """What happens to the printer: the words of drivers/virtual/printer.py."""
        return self.device("printer", do, **values)

    def camera(self, do: str, **values: object) -> dict[str, Any]:
        """What lies under the camera: the words of drivers/virtual/mjpeg.py."""
        return self.device("camera", do, **values)

    def scanner(self, do: str, **values: object) -> dict[str, Any]:
        """What lies on the scanner: the words of drivers/virtual/escl.py."""
        return self.device("scanner", do, **values)

    def card(self, do: str, **values: object) -> dict[str, Any]:
        """What lies on the card reader: the words of drivers/virtual/card.py."""
        return self.device("card", do, **values)

    def code(self, do: str, **values: object) -> dict[str, Any]:
        """What is shown to the code scanner: the words of drivers/virtual/code.py."""
        return self.device("code", do, **values)

    def lay(self, paper: str, page: int, **pose: object) -> None:
        """Put one side of a paper of the service under the camera; ``pose``: how badly it lies there."""
        self.camera("lay", paper=paper if page == 1 else f"{paper}_{page}", **pose)

    def receipts(self) -> list[bytes]:
        """The bytes of every receipt that came out of the printer and was cut off, in order."""
        return [b64decode(job["raw"]) for job in self.printer("jobs")["jobs"] if job["cut"]]

    def at_office(self) -> list[str]:
        """The numbers of the applications that lie whole in the office's store, one entry each."""
        found: list[str] = []
        for path in (self.office / "store").glob("*/*/manifest.json"):
            _, read = manifest.unproved(path.read_bytes())
            if all((path.parent / f"{part.sha256}.age").is_file() for part in read.parts):
                found.append(read.number)
        return sorted(found)

    def open_application(self, number: str, out: Path) -> Path:
        """Decrypt one application by a process that has only the office's store and its key; returns ``out``."""
        store, key = self.office / "store", self.office / "keys" / "office.age"
        words = ("--store", str(store), "--key", str(key), "--number", number, "--out", str(out))
        self.run("-m", "gateway.office.open", *words)
        return out

    def processes(self) -> dict[int, str]:
        """Every process of the terminal: id and command line (the station, and all that descends from it)."""
        return below(self.station.pid)
