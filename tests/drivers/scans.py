"""Scans asked for and waited for, SANE's own test scanner set up in a folder, and what may leak."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from drivers.contract import DeviceStatus, ScanResult
from drivers.scanner.scanner import SaneScanner, ScannerDelays
from drivers.worker import Supervision

SOON = Supervision(retry=0.2, backoff=(0.2,))
QUICK = ScannerDelays(look=0.2, question=10.0, first=5.0, silent=3.0, whole=30.0, grace=1.0, hold=0.5, ours=0.5)
_TEST_CONF = {
    "number_of_devices": "2",
    "geometry_max": "420.0",
    "geometry_quant": "0.1",
    "br_x": "210.0",
    "br_y": "297.0",
    "test-picture": '"Color pattern"',
}


class Asked:
    """One scan: its progress as it came, and its outcome."""

    def __init__(self, scanner: SaneScanner, name: str) -> None:
        self.progress: list[float] = []
        self.results: list[ScanResult] = []
        self.status: list[DeviceStatus] = []
        self._done = threading.Event()
        self._scanner = scanner
        scanner.scan(name, self.progress.append, self._take)

    def _take(self, result: ScanResult) -> None:
        self.results.append(result)
        self.status.append(self._scanner.status())
        self._done.set()

    def result(self, limit: float = 20.0) -> ScanResult:
        assert self._done.wait(limit), "no outcome in time"
        assert len(self.results) == 1
        return self.results[0]


def sane_config(folder: Path, **values: str) -> Path:
    """A configuration with SANE's test scanner alone; ``values`` by their names in test.conf, ``_`` for ``-``."""
    named = {name if name in _TEST_CONF else name.replace("_", "-"): value for name, value in values.items()}
    settings = _TEST_CONF | named
    _put(folder / "dll.conf", "test\n")
    _put(folder / "test.conf", "".join(f"{name} {value}\n" for name, value in settings.items()))
    return folder


def _put(path: Path, text: str) -> None:
    """Whole or not at all: a look at the idle scanner, five times a second here, must never read half a file."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text)
    beside.replace(path)


def held() -> tuple[int, int, int]:
    """Descriptors, threads and children of this process."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), len(children())


def nothing_more_than(before: tuple[int, int, int]) -> bool:
    """True when no more is held than was then; less, when an earlier test's rest has gone."""
    return all(now <= then for now, then in zip(held(), before, strict=True))


def children() -> list[int]:
    """Process ids of this process's children."""
    files = Path("/proc/self/task").glob("*/children")
    return [int(number) for file in files for number in _read(file).split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def scanning(limit: float = 5.0) -> int:
    """The process id of the ``scanimage`` that scans now."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        for pid in children():
            try:
                command = command_of(pid)
            except OSError:
                continue
            if command.startswith("scanimage ") and "--format=pnm" in command:
                return pid
        time.sleep(0.01)
    raise AssertionError("nothing scans")


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
