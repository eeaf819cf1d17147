"""A whole terminal and its office on one machine, every part its own process in one folder.

The demo plays on it and the end-to-end tests stand on it: a virtual X screen, the office's gateway, a line that can be
cut between the two, a virtual printer and a virtual camera, and the product itself, started as any installation starts
it: by its settings file and the roles file that a technician would write.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from drivers.virtual.control import call
from wire import manifest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = "KMT"
PLACE = {
    "village": "Desa Karyamukti",
    "district": "Kec. Pataruman",
    "regency": "Kota Banjar",
    "office": "Disdukcapil Kota Banjar",
}
OFFICER = ("Rina Petugas", "rina", "sandi-contoh-2026")  # name, login and password of the officer who decides

T = TypeVar("T")


class BenchError(Exception):
    """A part did not start, or did not do what was asked, in time."""


def wait_for(what: str, look: Callable[[], T], *, within: float = 15, every: float = 0.05) -> T:
    """Look again and again until the answer is true, and return it. Raises BenchError after ``within`` seconds."""
    end = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise BenchError(f"not within {within:g} s: {what}")
        time.sleep(every)


class Part:
    """One process in a group of its own. What it says goes to ``logs/<name>.log``; a first JSON line greets."""

    def __init__(self, name: str, logs: Path, command: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._out = logs / f"{name}.out"
        with self.log.open("ab") as errors, self._out.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the first process; the group has the same id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True while the first process runs."""
        return self._process.poll() is None

    def greeting(self, *, within: float = 20) -> dict[str, Any]:
        """The JSON line that the part prints when it is ready. Raises BenchError."""

        def first() -> bytes:
            line, end, _ = self._out.read_bytes().partition(b"\n")
            if not end and not self.alive:
                raise BenchError(f"{self.name} ended with {self._process.returncode}:\n{self.tail()}")
            return line if end else b""

        return cast(dict[str, Any], json.loads(wait_for(f"{self.name} is ready\n{self.tail()}", first, within=within)))

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, *, within: float = 10) -> None:
        """Ask it to end, then make its whole group end."""
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group at once, as a power cut would."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()


def tell(control: Path, command: str, *, within: float = 20) -> dict[str, Any]:
    """Send one line of words to the line's control socket and return its answer. Raises BenchError."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(within)
        line.connect(os.fspath(control))
        line.sendall(command.encode() + b"\n")
        with line.makefile("rb") as answers:
            answer = answers.readline()
    if not answer:
        raise BenchError(f"no answer to {command}")
    read = cast(dict[str, Any], json.loads(answer))
    if not read.get("ok", True):
        raise BenchError(f"{command}: {read}")
    return read


class Bench:
    """Everything together. ``size``: of the window in pixels. ``settings``: further lines for the station's settings.

    ``display``: an X display that is there already; without it a virtual one is started. ``probe``: serve the
    accessible tree. ``cut``: the line is cut after the enrolment, before the station starts.
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
    ) -> None:
        self.folder = folder
        self.size = size
        self.display = display
        self.parts: dict[str, Part] = {}
        self._extra, self._cut = settings, cut
        # Socket names have at most 107 bytes, and a test's folder may be deep: they get a short one.
        self.sockets = Path(tempfile.mkdtemp(prefix="adm-"))
        self.probe = self.sockets / "probe.sock" if probe else None
        self.logs, self.data, self.office = (folder / name for name in ("logs", "kiosk", "office"))
        self.home, self.tmp = folder / "home", folder / "tmp"
        for path in (self.logs, self.data, self.office, self.home, self.tmp):
            path.mkdir(parents=True, exist_ok=True)
        self.settings = folder / "kiosk.toml"
        self.url = ""

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
            self._start_screen()
        python = ["-m", "drivers.virtual.printer", "--port", "0", "--control", str(self.sockets / "printer.sock")]
        self._start("printer", python)
        self._start(
            "camera", ["-m", "drivers.virtual.mjpeg", "--port", "0", "--control", str(self.sockets / "camera.sock")]
        )
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
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": "Asia/Jakarta",
            "SDL_AUDIODRIVER": "dummy",
            **({"DISPLAY": self.display} if self.display else {}),
        }

    def _start(self, name: str, arguments: list[str]) -> Part:
        part = Part(name, self.logs, [sys.executable, *arguments], self._environment())
        self.parts[name] = part
        return part

    def _start_screen(self) -> None:
        if not shutil.which("Xvfb"):
            raise BenchError("no Xvfb here: apt-get install xvfb")
        read, write = os.pipe()
        screen_size = f"{self.size[0]}x{self.size[1]}x24"
        with (self.logs / "screen.log").open("ab") as log:
            screen = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-noreset", "-screen", "0", screen_size],
                pass_fds=[write],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        os.close(write)
        self._screen = screen
        with os.fdopen(read, "rb") as answer:
            number = answer.readline().decode().strip()
        if not number:
            raise BenchError("Xvfb did not start:\n" + (self.logs / "screen.log").read_text(errors="replace"))
        self.display = f":{number}"

    _screen: subprocess.Popen[bytes] | None = None

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

    line_port: int = 0

    def _write_settings(self) -> None:
        roles = self.folder / "roles.toml"
        printer, camera = (cast(int, self.parts[name].greeting()["port"]) for name in ("printer", "camera"))
        roles.write_text(
            f'[printer]\nlink = "tcp://127.0.0.1:{printer}"\n\n[camera]\nlink = "http://127.0.0.1:{camera}/stream"\n'
        )
        runtime = self.sockets / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.settings.write_text(
            f'data = "{self.data}"\nroles = "{roles}"\nruntime = "{runtime}"\n{self._extra}\n', encoding="utf-8"
        )

    def run(self, *arguments: str, stdin: str = "", within: float = 60) -> str:
        """Run one of the product's commands to its end and return what it printed. Raises BenchError."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._environment(),
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
        self.run("-m", "kiosk.enrol", code, "--settings", str(self.settings))

    def add_officer(self) -> None:
        """The account of the officer who decides."""
        name, login, password = OFFICER
        words = ("officer", "add", "--data", str(self.office), "--name", name, "--login", login)
        self.run("-m", "gateway", *words, stdin=password + "\n")

    def start_station(self) -> None:
        """Start the terminal (the station starts its window)."""
        probe = ["--probe", str(self.probe)] if self.probe else []
        size = f"{self.size[0]}x{self.size[1]}"
        self._start("station", ["-m", "kiosk", "--settings", str(self.settings), "--size", size, *probe])

    @property
    def station(self) -> Part:
        """The station's process; its group holds all that the terminal runs."""
        return self.parts["station"]

    def close(self) -> None:
        """End every part, the station first, and remove the sockets."""
        for name in ("station", "line", "camera", "printer", "gateway"):
            if name in self.parts:
                self.parts[name].stop()
        if self._screen is not None:
            self._screen.terminate()
            self._screen.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)

    # -- the world around the terminal

    def line(self, command: str) -> None:
        """What happens to the line: "up", "down", "blackhole", "slow BPS", "cut-every SECONDS"."""
        tell(self.sockets / "line.sock", command)

    def printer(self, do: str, **values: object) -> dict[str, Any]:
        """What happens to the printer: the words of drivers/virtual/printer.py."""
        return call(self.sockets / "printer.sock", do, values)

    def camera(self, do: str, **values: object) -> dict[str, Any]:
        """What lies under the camera: the words of drivers/virtual/mjpeg.py."""
        return call(self.sockets / "camera.sock", do, values)

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
        parents: dict[int, int] = {}
        for path in Path("/proc").iterdir():
            if path.name.isdigit():
                try:
                    parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        found: dict[int, str] = {}
        for pid in parents:
            above = pid
            while above not in (self.station.pid, 0):
                above = parents.get(above, 0)
            if above:
                try:
                    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                found[pid] = b" ".join(words).decode(errors="replace").strip()
        return found
