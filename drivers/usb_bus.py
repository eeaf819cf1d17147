"""What is plugged into USB, as the kernel tells it in /sys: no device is opened, no right is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivers.addresses import UsbAddress

DEVICES = Path("/sys/bus/usb/devices")


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """One device. ``at``: bus and number, new after each plug. ``name``: maker and product, as it says itself."""

    address: UsbAddress
    at: tuple[str, str]
    name: str


def plugged(devices: Path = DEVICES) -> list[UsbDevice]:
    """Every device, hubs too, in the order of their ports; empty where there is no USB."""
    try:
        folders = sorted(file.parent for file in devices.glob("*/idVendor"))
    except OSError:  # the bus changes while it is read
        return []
    found: list[UsbDevice] = []
    for folder in folders:
        try:
            vendor, product = (int(_text(folder / name), 16) for name in ("idVendor", "idProduct"))
        except ValueError:
            continue
        name = f"{_text(folder / 'manufacturer')} {_text(folder / 'product')}".strip()
        at = (_text(folder / "busnum"), _text(folder / "devnum"))
        found.append(UsbDevice(UsbAddress(vendor, product, _text(folder / "serial")), at, name))
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # not every device has every fact, and it may just be taken away
        return ""
