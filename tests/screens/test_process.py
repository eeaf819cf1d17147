"""The window as its own process on a real socket: the tree, its own pulse, a station that goes and comes back."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.intents import Alive, Intent
from kiosk.link import StationLink
from tests.screens.statuses import STATUSES


def tree(path: Path) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        probe.connect(str(path))
        probe.sendall(b"tree\n")
        data = b"".join(iter(lambda: probe.recv(65536), b""))
    found: dict[str, Any] = json.loads(data)
    return found


def until(done: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except (OSError, ValueError):
            pass
        assert time.monotonic() < end, "timed out"
        time.sleep(0.05)


def test_the_window_follows_the_station_and_survives_it(tmp_path: Path) -> None:
    link, probe = tmp_path / "link", tmp_path / "probe"
    heard: list[Intent] = []
    alive = threading.Event()

    def hear(intent: Intent) -> None:
        heard.append(intent)
        if isinstance(intent, Alive):
            alive.set()

    station = StationLink(link)
    station.on_intent(hear)
    station.publish(STATUSES["home"][1])
    environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-m", "screens", "--link", str(link), "--probe", str(probe), "--size", "540x960"]
    window = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        until(lambda: tree(probe)["screen"] == "home")
        assert (probe.stat().st_mode & 0o777) == 0o600
        assert alive.wait(5)
        station.publish(STATUSES["nik"][1])
        until(lambda: tree(probe)["screen"] == "nik")
        assert any(node["id"] == "typed" and node["label"] for node in tree(probe)["nodes"])
        station.close()
        until(lambda: tree(probe)["screen"] == "starting")
        station = StationLink(link)
        station.publish(STATUSES["done"][1])
        until(lambda: tree(probe)["screen"] == "done")
        assert any(node["label"] == "KMT-10417-6" for node in tree(probe)["nodes"])
    finally:
        window.terminate()
        _, errors = window.communicate(timeout=10)
        station.close()
    assert b"Traceback" not in errors, errors.decode()


def test_without_probe_no_socket_is_made(tmp_path: Path) -> None:
    environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-m", "screens", "--link", str(tmp_path / "none"), "--size", "540x960"]
    window = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2.5)
        assert window.poll() is None
        assert list(tmp_path.iterdir()) == []
    finally:
        window.terminate()
        window.wait(10)
