"""Hot-plug by udev's own events: pyudev and pyserial unchanged, on a machine that umockdev makes up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_plug_is_heard_from_udev() -> None:
    plug = ["umockdev-wrapper", "/usr/bin/python3", str(ROOT / "tests/drivers/udev_plug.py"), sys.executable]
    done = subprocess.run(plug, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["watching", "ready", "KMT-10417-6"]
