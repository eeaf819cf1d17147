"""A gateway, a line that can be cut and the terminal's driver, each its own process: the rig of the round trips."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pyrage

from tests.gateway.rig import PLACE, ROOT, Gateway, run
from wire import manifest
from wire.form import Form


class Rig:
    """A gateway and the line to it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.control = folder, folder / "line.sock"
        self.gateway = Gateway(folder / "office").start()
        words = [sys.executable, "-m", "deploy.demo.line", "--listen", "0", "--control", str(self.control)]
        self.line = subprocess.Popen(
            [*words, "--to", f"127.0.0.1:{self.gateway.port}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.line.stdout is not None
        self.port = json.loads(self.line.stdout.readline())["port"]

    def code(self) -> str:
        place = [word for name, value in PLACE.items() for word in (f"--{name}", value)]
        data, url = str(self.gateway.data), f"http://127.0.0.1:{self.port}"
        return run("gateway", "terminal", "add", "--data", data, "--code", "KMT", "--url", url, *place).strip()

    def stop(self) -> None:
        self.line.kill()
        self.line.wait()
        assert self.line.stdout is not None
        self.line.stdout.close()
        self.gateway.stop()

    def arrived(self) -> dict[str, tuple[Form, list[bytes]]]:
        """By submission id, decrypted with nothing but the store and the office key."""
        text = (self.gateway.data / "keys" / "office.age").read_text()
        secret = re.search(r"AGE-SECRET-KEY-[0-9A-Z]+", text)
        assert secret is not None
        key = pyrage.x25519.Identity.from_str(secret[0])
        found: dict[str, tuple[Form, list[bytes]]] = {}
        for path in self.gateway.data.rglob("manifest.json"):
            read = manifest.unproved(path.read_bytes())[1]
            plain = [pyrage.decrypt((path.parent / f"{p.sha256}.age").read_bytes(), [key]) for p in read.parts]
            assert path.parent.name == read.submission_id
            found[read.submission_id] = (Form.read(plain[0]), plain[1:])
        return found


def parts_of(path: Path) -> tuple[manifest.Part, ...]:
    return manifest.unproved(path.read_bytes())[1].parts


def seq(number: str) -> int:
    return int(number.split("-")[1])


def drive(data: Path, count: int, life_s: float, *, at_work: bool = False) -> list[str]:
    """Run the driver for so long, then kill -9; what it printed. ``at_work``: its life begins with its first line."""
    words = [sys.executable, "-m", "tests.offline_cache.driver", str(data), str(count)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    killer = threading.Timer(life_s, process.kill)
    assert process.stdout is not None
    with process.stdout:
        first = process.stdout.readline() if at_work else ""
        killer.start()
        said = (first + process.stdout.read()).split("\n")
    process.wait()
    killer.cancel()
    # A line that the kill cut short was not seen.
    return [line for line in said[:-1] if line.split(" ")[0] in ("number", "last", "empty")]
