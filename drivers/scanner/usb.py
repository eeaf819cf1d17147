"""Where a scanner is on USB now: from who it is, which stays, to its place on the bus and its name in SANE."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drivers.addresses import UsbAddress
from drivers.scanner.words import Listed
from drivers.usb_bus import DEVICES, plugged

NODES = Path("/dev/bus/usb")
_SERIAL_LENGTH = 4  # a shorter serial number can stand in any name by chance


@dataclass(frozen=True, slots=True)
class UsbPlace:
    """Bus and number are new after each plug. ``serial``: as the device tells it, often empty."""

    bus: int
    number: int
    serial: str = ""

    def allowed(self, nodes: Path = NODES) -> bool:
        """True when this process may speak to the device."""
        return os.access(nodes / f"{self.bus:03d}" / f"{self.number:03d}", os.R_OK | os.W_OK)


def find_usb(wanted: UsbAddress, devices: Path = DEVICES) -> UsbPlace | None:
    """The place of that device, or of the first of its kind; None when none is plugged in."""
    for device in plugged(devices):
        bus, number = device.at
        if wanted.is_met_by(device.address) and bus.isdecimal() and number.isdecimal():
            return UsbPlace(int(bus), int(number), device.address.serial)
    return None


def name_at(place: UsbPlace, address: UsbAddress, listed: Sequence[Listed]) -> Listed | None:
    """The scanner of SANE's list that is the device at ``place``; None when no driver of SANE's knows it.

    Most drivers name the place (``genesys:libusb:001:004``); some the device (``pixma:04A91909_4C3A2B``,
    ``hpaio:/usb/...?serial=...``).
    """
    at = re.compile(rf"libusb:0*{place.bus}:0*{place.number}(?![0-9])")
    kind = f"{address.vendor:04x}{address.product:04x}"
    for scanner in listed:
        if at.search(scanner.name):
            return scanner
    of_kind = [scanner for scanner in listed if kind in scanner.name.lower() and "libusb:" not in scanner.name]
    if len(place.serial) >= _SERIAL_LENGTH:
        of_serial = [scanner for scanner in of_kind or listed if place.serial in scanner.name]
        if of_serial:
            return of_serial[0]
    return of_kind[0] if len(of_kind) == 1 else None
