"""The installed machine's files: units that systemd accepts, settings that are read, a tree without the demo."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deploy.install import MOST_EXPOSED, TEMPLATES, UNITS, files
from drivers.roles import load_roles
from kiosk import settings

ROOT = Path(__file__).resolve().parents[2]
SYSTEMD = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")


@SYSTEMD
@pytest.mark.parametrize("unit", [unit for kind in UNITS for unit in (*UNITS[kind], *TEMPLATES[kind])])
def test_systemd_finds_nothing_wrong(unit: str, tmp_path: Path) -> None:
    # Stand-ins for what the installer puts there: systemd asks whether the commands can be run.
    text = (ROOT / "deploy" / "systemd" / unit).read_text()
    text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", text, flags=re.M)
    for name in (*UNITS["terminal"], *UNITS["office"]):
        (tmp_path / name).write_text((ROOT / "deploy" / "systemd" / name).read_text())
    (tmp_path / unit).write_text(text)
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert [line for line in said.stderr.splitlines() if unit in line] == []


@SYSTEMD
@pytest.mark.parametrize(("unit", "bound"), MOST_EXPOSED.items())
def test_exposure_stays_within_its_bound(unit: str, bound: float) -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(ROOT / "deploy" / "systemd" / unit)],
        capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+ ([0-9.]+)", said.stdout)
    assert found and float(found[1]) <= bound, said.stdout[-400:]


def test_an_installed_terminal_reads_what_is_written_for_it(tmp_path: Path) -> None:
    put = {file.target.name: file for file in files.puts("terminal", "left")}
    chosen = tmp_path / "kiosk.toml"
    chosen.write_text(put["kiosk.toml"].text)
    read = settings.load(chosen)
    assert (str(read.data), str(read.socket)) == ("/var/lib/adm", "/run/adm/window.sock")
    assert read.window_user == "kiosk-window"
    roles = tmp_path / "roles.toml"
    roles.write_text(put["roles.toml"].text)
    assert tomllib.loads(roles.read_text()) == {}
    assert load_roles(roles)
    assert '"left"' in put["70-adm.conf"].text and "@" not in put["70-adm.conf"].text
    assert put["kiosk.toml"].keep and put["roles.toml"].keep


def test_the_tree_holds_the_product_and_neither_tests_nor_virtual_devices() -> None:
    names = files.tree()
    assert {
        "adm",
        "kiosk/__main__.py",
        "screens/__main__.py",
        "gateway/__main__.py",
        "deploy/systemd/adm-station.service",
    } <= {*names}
    assert not [name for name in names if name.startswith(("tests/", "drivers/virtual/", "deploy/demo/"))]


def test_the_gateway_tells_its_manager_that_it_is_ready_and_alive(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(30)
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "600000"}
        environment.pop("WATCHDOG_PID", None)
        words = [sys.executable, "-m", "gateway", "serve", "--data", str(tmp_path / "office"), "--port", "0"]
        with subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            try:
                assert manager.recv(100) == b"READY=1"
                assert [manager.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
                child.terminate()
                while (word := manager.recv(100)) == b"WATCHDOG=1":
                    pass
                assert word == b"STOPPING=1"
            finally:
                child.kill()
