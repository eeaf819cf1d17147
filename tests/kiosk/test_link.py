"""The link over a real socket: what arrives, who wins, what is refused."""

from __future__ import annotations

import os
import queue
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import intents
from kiosk.intents import Intent
from kiosk.link import MAX_INTENT, MemoryLink, StationLink, WindowLink
from kiosk.status import KioskStatus


@pytest.fixture
def path() -> Iterator[Path]:
    """A socket's name that is short enough."""
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        yield Path(folder) / "window.sock"


def until(condition: Callable[[], object], limit: float = 5.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Ends:
    """A station's end and a window's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: queue.SimpleQueue[Intent] = queue.SimpleQueue()
        self.seen: list[KioskStatus] = []
        self.connected: list[bool] = []
        self.listen()
        self.window = WindowLink()
        self.window.on_status(self.seen.append)
        self.window.on_connected(self.connected.append)
        self.window.connect(str(path))

    def listen(self) -> None:
        self.station = StationLink(self.path)
        self.station.on_intent(self.heard.put)

    def close(self) -> None:
        self.window.close()
        self.station.close()


@pytest.fixture
def ends(path: Path) -> Iterator[Ends]:
    """Both ends, connected."""
    ends = Ends(path)
    until(lambda: True in ends.connected)
    yield ends
    ends.close()


def test_both_ways(ends: Ends) -> None:
    ends.station.publish(KioskStatus(rev=1, code="KMT"))
    until(lambda: ends.seen and ends.seen[-1].code == "KMT")
    ends.window.send(intents.Key(key="7"))
    ends.window.send(intents.Redo(paper="f102", page=2))
    assert ends.heard.get(timeout=5) == intents.Key(key="7")
    assert ends.heard.get(timeout=5) == intents.Redo(paper="f102", page=2)


def test_only_this_user_may_open_it(ends: Ends) -> None:
    assert ends.path.stat().st_mode & 0o777 == 0o600


def test_a_window_that_comes_late_gets_the_newest_status(ends: Ends) -> None:
    for rev in range(50):
        ends.station.publish(KioskStatus(rev=rev))
    late = WindowLink()
    seen: list[KioskStatus] = []
    late.on_status(seen.append)
    late.connect(str(ends.path))
    until(lambda: seen)
    assert seen[0].rev == 49
    late.close()


def test_the_window_comes_back_to_a_new_station(ends: Ends) -> None:
    ends.station.close()
    until(lambda: ends.connected[-1] is False)
    ends.window.send(intents.Next())  # nobody hears it, now or later
    ends.listen()
    ends.station.publish(KioskStatus(rev=7))
    until(lambda: ends.seen and ends.seen[-1].rev == 7)
    ends.window.send(intents.Back())
    assert ends.heard.get(timeout=5) == intents.Back()


def test_the_newest_window_wins(ends: Ends) -> None:
    with socket.socket(socket.AF_UNIX) as second:
        second.connect(str(ends.path))
        ends.station.publish(KioskStatus(rev=1))
        second.settimeout(5)
        assert second.recv(4)
        until(lambda: ends.connected[-1] is False)


def test_a_window_that_does_not_read_holds_nobody_up(ends: Ends) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(str(ends.path))
        time.sleep(0.1)
        begun = time.monotonic()
        for rev in range(200):
            ends.station.publish(KioskStatus(rev=rev, code="K" * 20000))
        assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize(
    "data", [struct.pack(">I", MAX_INTENT + 1), struct.pack(">I", 3) + b"abc", struct.pack(">I", 2) + b"{}"]
)
def test_nonsense_closes_the_connection_and_not_the_station(ends: Ends, data: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as strange:
        strange.connect(str(ends.path))
        strange.sendall(data)
        strange.settimeout(5)
        assert strange.recv(1) == b""

    def heard() -> bool:
        ends.window.send(intents.Next())  # a word is dropped while the window has no station: it says it again
        return not ends.heard.empty()

    until(heard)
    assert ends.heard.get(timeout=5) == intents.Next()


def test_any_bytes_are_survived(path: Path) -> None:
    station = StationLink(path)
    alive = threading.Event()
    station.on_intent(lambda intent: alive.set())

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=200), st.booleans())
    def storm(data: bytes, framed: bool) -> None:
        with socket.socket(socket.AF_UNIX) as strange:
            strange.connect(str(path))
            try:
                strange.sendall(struct.pack(">I", len(data)) + data if framed else data)
            except OSError:
                pass  # closed on us already

    storm()
    alive.clear()
    window = WindowLink()
    window.connect(str(path))
    until(lambda: window.send(intents.Alive()) or alive.wait(0.05))
    window.close()
    station.close()


def test_memory_link_has_the_same_face() -> None:
    link = MemoryLink()
    heard: list[Intent] = []
    seen: list[KioskStatus] = []
    link.on_intent(heard.append)
    link.publish(KioskStatus(rev=1))
    link.on_status(seen.append)
    link.send(intents.End())
    assert (heard, [status.rev for status in seen]) == ([intents.End()], [1])


@pytest.mark.skipif(os.getuid() != 0, reason="only root may be somebody else")
def test_only_the_windows_user_may_come_beside_our_own(path: Path) -> None:
    nobody, daemon = 65534, 1
    path.parent.chmod(0o755)
    station = StationLink(path, nobody)
    station.publish(KioskStatus(rev=7))
    path.chmod(0o666)  # what keeps the others out below is the question who they are
    words = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(5)"
    words += "; s.connect(sys.argv[1]); print(len(s.recv(4)))"
    for user, heard in ((nobody, "4"), (daemon, "0")):
        setpriv = ["setpriv", f"--reuid={user}", "--clear-groups", "--", "/usr/bin/python3", "-I", "-S", "-c", words]
        done = subprocess.run([*setpriv, str(path)], capture_output=True, text=True, timeout=20)
        assert done.stdout.strip() == heard or (heard == "0" and "ConnectionReset" in done.stderr), done
    station.close()
