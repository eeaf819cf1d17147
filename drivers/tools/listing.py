"""``list``: every device of the roles file with what it says it is, and what is plugged in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from drivers.roles import Devices
from drivers.tools.telling import facts, line, say, settled, tell
from drivers.usb_bus import plugged

_SERIAL = (Path("/dev/serial/by-id"), Path("/dev/serial/by-path"))
_CAMERAS = (Path("/dev/v4l/by-id"),)
_SCANNERS_S = 60.0  # scanimage asks every driver that it has


def everything(devices: Devices, as_json: bool, scanners: bool) -> bool:
    """Tell all; always True: what is missing is part of the answer. ``scanners``: ask scanimage too, which is slow."""
    statuses = [settled(device) for device in devices.all]
    here: dict[str, list[str]] = {
        "serial": _links(_SERIAL),
        "cameras": _links(_CAMERAS),
        "usb": [f"usb:{device.address} {device.name}".strip() for device in plugged()],
    }
    if scanners:
        here["scanners"] = _scanners()
    if as_json:
        line({"devices": [facts(status) for status in statuses], "plugged": here})
        return True
    for status in statuses:
        tell(status, as_json)
    for kind, names in here.items():
        say(f"plugged in, {kind}: {'none' if not names else ''}".rstrip())
        for name in names:
            say(f"  {name}")
    return True


def _links(folders: tuple[Path, ...]) -> list[str]:
    return [str(link) for folder in folders if folder.is_dir() for link in sorted(folder.iterdir())]


def _scanners() -> list[str]:
    """One line a scanner that SANE finds: its device name, and what it says it is."""
    try:
        done = subprocess.run(
            ["scanimage", "-f", "sane:%d %v %m%n"], capture_output=True, text=True, timeout=_SCANNERS_S, check=False
        )
    except FileNotFoundError:
        return ["scanimage is not installed"]
    except subprocess.TimeoutExpired:
        return [f"scanimage did not end within {_SCANNERS_S:.0f} s"]
    return done.stdout.splitlines()
