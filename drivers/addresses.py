"""How the roles file names a device on a serial line or on USB: by who it is, never by the order it was plugged in.

serial:/dev/serial/by-id/NAME[?baud=N&flow=none|xonxoff|rtscts]        usb:VENDOR:PRODUCT[:SERIAL]  (hex, hex, text)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

SERIAL = "serial:"
USB = "usb:"
BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
FLOWS = ("none", "xonxoff", "rtscts")
_STABLE = ("/dev/serial/by-id/", "/dev/serial/by-path/")


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """One serial line. ``path``: a name that follows the device. ``flow``: who may tell the sender to wait."""

    path: str
    baud: int
    flow: str = "none"


@dataclass(frozen=True, slots=True)
class UsbAddress:
    """One USB device. ``serial`` is empty when there is only one such device."""

    vendor: int
    product: int
    serial: str = ""

    def is_met_by(self, device: UsbAddress) -> bool:
        """True when ``device``, which has told its serial number, is one that this names."""
        same_kind = (self.vendor, self.product) == (device.vendor, device.product)
        return same_kind and self.serial in ("", device.serial)

    def __str__(self) -> str:
        return f"{self.vendor:04x}:{self.product:04x}" + (f":{self.serial}" if self.serial else "")


def serial_address(link: str, baud: int) -> SerialAddress:
    """The line that ``link`` names, at ``baud`` unless it says otherwise. Raises ``ValueError``: what is wrong."""
    if not link.startswith(SERIAL):
        raise ValueError(f"a serial link starts with {SERIAL}, not {link!r}")
    path, _, query = link.removeprefix(SERIAL).partition("?")
    _path_follows_the_device(path)
    flow = "none"
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "baud":
            if value not in map(str, BAUDS):
                raise ValueError(f"baud is one of {', '.join(map(str, BAUDS))}, not {value!r}")
            baud = int(value)
        elif name == "flow":
            if value not in FLOWS:
                raise ValueError(f"flow is one of {', '.join(FLOWS)}, not {value!r}")
            flow = value
        else:
            raise ValueError(f"a serial link knows baud and flow, not {name!r}")
    return SerialAddress(path, baud, flow)


def usb_address(ids: str) -> UsbAddress:
    """The device that ``ids`` (``04b8:0e15`` or ``04b8:0e15:SERIAL``) names. Raises ``ValueError``."""
    found = re.fullmatch(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::([!-~]{1,126}))?", ids)
    if found is None:
        raise ValueError(f"a USB device is named as 04b8:0e15 or 04b8:0e15:SERIAL (see lsusb), not {ids!r}")
    return UsbAddress(int(found[1], 16), int(found[2], 16), found[3] or "")


def _path_follows_the_device(path: str) -> None:
    file = Path(path)
    if "\0" in path or not file.is_absolute() or ".." in file.parts:
        raise ValueError(f"a serial link names a whole path below /dev/serial/by-id, not {path!r}")
    try:
        stable = path.startswith(_STABLE) or file.is_symlink()
        unstable = file.is_relative_to("/dev") or file.exists()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    if unstable and not stable:
        raise ValueError(
            f"{path} is a name that the next device to be plugged in can get: "
            "name the line by its link below /dev/serial/by-id or /dev/serial/by-path"
        )
