"""One real terminal or one office machine: ``sudo ./adm install terminal|office``, ``sudo ./adm uninstall``.

The standard library alone: it runs before there is an environment.
"""

from __future__ import annotations

import json
from pathlib import Path

HOME = Path("/opt/adm")
APP, VENV, RECORD = HOME / "app", HOME / "venv", HOME / "installed.json"
ETC = Path("/etc/adm")
KINDS = ("terminal", "office")
DATA = {"terminal": Path("/var/lib/adm"), "office": Path("/var/lib/adm-gateway")}
USERS = {"terminal": ("kiosk", "kiosk-window"), "office": ("adm-gateway",)}
GROUPS = {"terminal": ("kiosk", "kiosk-link"), "office": ("adm-gateway",)}
OWNER = {"terminal": ("kiosk", "kiosk-link"), "office": ("adm-gateway", "adm-gateway")}
"""User and group of the data."""
UNITS = {
    "terminal": ("adm-station.service", "adm-display.service", "adm-window.service"),
    "office": ("adm-gateway.service", "adm-backup.timer"),
}
TEMPLATES = {"terminal": ("adm-stick@.service",), "office": ("adm-backup.service",)}
"""Units that others start: a rule of udev (each time with another name), a timer."""
STICKS = Path("/run/adm-sticks")
"""Where the courier's USB sticks are mounted."""
VIRTUAL_READER = "vsmartcard-vpcd"
"""The tests' card reader: never on a terminal."""
PURGE = f"apt-get purge -y {VIRTUAL_READER}"
MOST_EXPOSED = {
    "adm-station.service": 3.0,
    "adm-window.service": 3.0,
    "adm-gateway.service": 3.0,
    "adm-backup.service": 3.0,
}
"""Bounds of ``systemd-analyze security``; Xorg's unit has none, it drives the hardware as root."""


class InstallError(Exception):
    """It cannot be done so; the message says what to do."""


def installed() -> str:
    """What this machine is installed as: terminal, office, or "" for nothing."""
    try:
        return str(json.loads(RECORD.read_text()).get("kind", ""))
    except (OSError, ValueError):
        return ""


def booted() -> bool:
    """True where systemd runs this machine (not in a chroot)."""
    return Path("/run/systemd/system").is_dir()
