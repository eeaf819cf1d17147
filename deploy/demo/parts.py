"""A process of the bench: started in a group of its own, greeted, told things over a socket, ended with its group."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

ROOT = Path(__file__).resolve().parent.parent.parent

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


_PRODUCT = ("kiosk", "gateway")  # the floors that an installation has a Python of its own for


def python(arguments: Sequence[str]) -> tuple[list[str], Path]:
    """The command for ``-m module ...`` and the folder to run it in.

    ADM_INSTALLED names an installation (/opt/adm): the product's own processes are then the installed ones, and only
    the world around them comes from this checkout.
    """
    home = os.environ.get("ADM_INSTALLED")
    if home and len(arguments) > 1 and arguments[1].split(".")[0] in _PRODUCT:
        return [f"{home}/venv/bin/python", *arguments], Path(home) / "app"
    return [sys.executable, *arguments], ROOT


class Part:
    """One process in a group of its own. What it says goes to ``logs/<name>.log``; a first JSON line greets."""

    def __init__(self, name: str, logs: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start Python with ``arguments``."""
        self.name = name
        self.log = logs / f"{name}.log"
        self._out = logs / f"{name}.out"
        command, folder = python(arguments)
        with self.log.open("ab") as errors, self._out.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**environment, "PYTHONPATH": str(folder)},
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


class Screen:
    """A virtual X screen of ``size`` pixels; ``display`` names it."""

    def __init__(self, size: tuple[int, int], log: Path) -> None:
        """Start Xvfb and wait until it is up. Raises BenchError."""
        if not shutil.which("Xvfb"):
            raise BenchError("no Xvfb here: apt-get install xvfb")
        read, write = os.pipe()
        words = ["-displayfd", str(write), "-nolisten", "tcp", "-noreset", "-screen", "0", f"{size[0]}x{size[1]}x24"]
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                ["Xvfb", *words],
                pass_fds=[write],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            number = answer.readline().decode().strip()
        if not number:
            self.stop()
            raise BenchError("Xvfb did not start:\n" + log.read_text(errors="replace"))
        self.display = f":{number}"

    def stop(self) -> None:
        """Switch it off."""
        self._process.terminate()
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
    if "error" in read:
        raise BenchError(f"{command}: {read['error']}")
    return read


def below(first: int) -> dict[int, str]:
    """Process ``first`` and every process that descends from it: id and command line."""
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
        while above not in (first, 0):
            above = parents.get(above, 0)
        if above:
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            found[pid] = b" ".join(words).decode(errors="replace").strip()
    return found
