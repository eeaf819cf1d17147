"""The station as a process: its start and end, its settings, its window, the service manager, enrolment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from kiosk import intents
from kiosk.link import WindowLink
from kiosk.settings import SettingsError, load
from kiosk.status import KioskStatus
from kiosk.window import Window
from tests.offline_cache.office import Office

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], T], limit: float = 15.0) -> T:
    end = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


class Station:
    """``python -m kiosk`` with its data in ``folder``, and a window's end of the link."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.settings = folder / "kiosk.toml"
        self.settings.write_text(f'data = "{folder}/data"\nroles = "{folder}/roles.toml"\nruntime = "{folder}"\n{more}')
        self.seen: list[KioskStatus] = []
        self.window = WindowLink()
        self.window.on_status(self.seen.append)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *words: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "--settings", str(self.settings), *words],
            cwd=ROOT,
            env=os.environ | environment,
            stderr=(self.folder / "log").open("ab"),
        )
        self.window.connect(str(self.folder / "window.sock"))

    def until(self, condition: Callable[[KioskStatus], object]) -> KioskStatus:
        until(lambda: self.seen and condition(self.seen[-1]))
        return self.seen[-1]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(15)

    def close(self) -> None:
        self.window.close()
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def station() -> Iterator[Station]:
    """A station that was not started yet, in a folder with a short name."""
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        station = Station(Path(folder))
        yield station
        station.close()


def group(pgid: int) -> list[str]:
    """The command lines of a process group."""
    found: list[str] = []
    for path in Path("/proc").iterdir():
        try:
            if path.name.isdigit() and int((path / "stat").read_text().rpartition(")")[2].split()[2]) == pgid:
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in found if line]


def test_start_to_orderly_end(station: Station) -> None:
    station.start("--no-window")
    status = station.until(lambda s: s.ready)
    assert status.closed == ("not_enrolled",)
    assert station.seen[0].ready is False or len(station.seen) == 1
    assert station.process is not None and os.getpgid(station.process.pid) == station.process.pid
    assert any("kiosk.capture.child" in line for line in group(station.process.pid))
    assert "roles.toml is not there" in station.log()
    assert station.end() == 0
    assert not (station.folder / "window.sock").exists()
    assert not group(station.process.pid)
    assert "station_stopped" in station.log()
    for path in (station.folder / "data").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_enrol_then_open(station: Station) -> None:
    office = Office()
    command = [sys.executable, "-m", "kiosk.enrol", office.code(), "--settings", str(station.settings)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "KMT: Desa Karyamukti, Kec. Pataruman, Kota Banjar (Disdukcapil)\n"
    station.start("--no-window")
    status = station.until(lambda s: s.ready and s.line.online)
    assert (status.code, status.closed, status.place.village) == ("KMT", (), "Desa Karyamukti")
    station.window.send(intents.Start(kind="apply"))
    station.until(lambda s: s.visit)
    held = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert held.returncode == 1 and "stop it first" in held.stderr
    assert station.end(signal.SIGINT) == 0
    office.close()


@pytest.mark.parametrize("code", ["", "ADM1.x", "hello"])
def test_enrol_with_a_wrong_code_says_so(station: Station, code: str) -> None:
    command = [sys.executable, "-m", "kiosk.enrol", code, "--settings", str(station.settings)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr and "Traceback" not in done.stderr
    assert not (station.folder / "data").exists()


def test_a_second_station_on_the_same_data_is_closed_and_says_why(station: Station) -> None:
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        second = Station(Path(folder))
        second.settings.write_text(f'data = "{station.folder}/data"\nruntime = "{folder}"\n')
        station.start("--no-window")
        station.until(lambda s: s.ready)
        second.start("--no-window")
        assert second.until(lambda s: s.ready).closed == ("cache_broken",)
        assert "another process uses this data folder" in second.log()
        second.close()


def test_every_role_is_among_the_devices(station: Station) -> None:
    (station.folder / "roles.toml").write_text(
        f"""
[scanner]
link = "escl:http://127.0.0.1:9/eSCL"
[card]
socket = "{station.folder}/none"
[code]
link = "serial:/dev/serial/by-id/none"
"""
    )
    station.start("--no-window")
    status = station.until(lambda s: all((seen := s.device(r)) and seen.faults for r in ("scanner", "code")))
    assert {device.role for device in status.devices} == {"scanner", "card", "code", "capture"}
    assert status.devices[0].role == "scanner"  # the most urgent: a visit needs it
    assert "device_changed" in station.log() and '"code_unreachable"' in station.log()
    assert station.end() == 0
    assert station.process is not None and not group(station.process.pid)


def test_wrong_roles_end_the_start_with_the_name_of_the_key(station: Station) -> None:
    (station.folder / "roles.toml").write_text('[printer]\nlink = "ftp://x"\n')
    station.start("--no-window")
    assert station.process is not None and station.process.wait(15) == 2
    assert "roles.toml: printer.link" in station.log()


def test_the_service_manager_hears_of_start_life_and_end(station: Station) -> None:
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(station.folder / "notify"))
    manager.settimeout(15)
    station.start("--no-window", NOTIFY_SOCKET=str(station.folder / "notify"), WATCHDOG_USEC="900000")
    heard = [manager.recv(100).decode() for _ in range(5)]
    assert "READY=1" in heard and heard.count("WATCHDOG=1") >= 3
    station.end()
    while "STOPPING=1" not in heard:
        heard.append(manager.recv(100).decode())
    manager.close()


@pytest.mark.slow
def test_the_window_is_started_again_and_dies_with_the_station(station: Station) -> None:
    station.start("--size", "480x800", SDL_VIDEODRIVER="offscreen")
    station.window.close()  # the real one wins
    assert station.process is not None
    pgid = station.process.pid

    def window() -> list[int]:
        return [
            int(path.name)
            for path in Path("/proc").iterdir()
            if path.name.isdigit()
            and b"screens\0--link\0" + os.fsencode(station.folder) in _cmdline(path)
            and b"setpriv" not in _cmdline(path)
        ]

    (first,) = until(window)
    os.kill(first, signal.SIGKILL)
    (second,) = until(lambda: [pid for pid in window() if pid != first])
    os.kill(station.process.pid, signal.SIGKILL)  # the station alone, not its group
    station.process.wait()
    until(lambda: not window() and not group(pgid))
    assert second


def test_a_window_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.window.SILENT_S", 0.3)
    monkeypatch.setattr("kiosk.window.START_S", 0.3)
    window = Window([], lambda: 0.0)
    window._command = [sys.executable, "-c", "import time; time.sleep(60)"]  # it draws nothing and says nothing
    window.start()
    first = window._process
    assert first is not None

    def replaced() -> bool:
        window.watch()
        return window._process is not None and window._process is not first

    until(replaced)
    assert first.poll() == -signal.SIGKILL
    window.stop()
    assert window._process is None


@pytest.mark.slow
def test_idle_costs_nearly_nothing(station: Station) -> None:
    station.start("--no-window")
    station.until(lambda s: s.ready)
    time.sleep(3)
    assert station.process is not None
    stat = Path(f"/proc/{station.process.pid}/stat")

    def ticks() -> int:
        return sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))

    before = ticks()
    time.sleep(5)
    share = (ticks() - before) / os.sysconf("SC_CLK_TCK") / 5
    assert share < 0.02, f"{share:.1%} of a core"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("data = 3", "data"),
        ("x = 1", "x"),
        ('size = "big"', "size"),
        ("[delays]\nnap = 1", "delays"),
        ("[delays]\nidle = 0", "delays"),
        ('languages = ["Indonesia"]', "languages"),
        ("data =", "TOML"),
        (f'runtime = "/{"x" * 100}"', "runtime"),
    ],
)
def test_settings_name_what_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=named) as caught:
        load(file)
    assert "kiosk.toml" in str(caught.value)


def test_the_example_is_what_stands_without_a_file() -> None:
    example = load(ROOT / "deploy" / "config" / "kiosk.toml.example")
    usual = load(None)
    assert example.all_delays() == usual.all_delays()
    assert example.model_copy(update={"delays": {}}) == usual


def _cmdline(path: Path) -> bytes:
    try:
        return (path / "cmdline").read_bytes()
    except OSError:
        return b""
