"""Wakes a device's worker as soon as the device comes or goes, by the identity that the roles file gives it.

Once a second each identity is looked up: what a link below /dev points at, which address a USB device has. Where udev
runs, its events make that look happen at once; the rest works without it.
"""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyudev

from drivers.addresses import SERIAL, USB, UsbAddress, usb_address
from drivers.usb_bus import DEVICES, plugged

log = logging.getLogger("drivers.hotplug")

POLL_S = 1.0
_UDEV = Path("/run/udev/control")
_SUBSYSTEMS = ("tty", "usb", "video4linux")
_STOP_S = 5.0

Look = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Watch:
    """One device. ``look``: where it is now; what differs from the look before wakes it."""

    look: Look
    wake: Callable[[], None]


def look_for(link: str, usb_devices: Path = DEVICES) -> Look | None:
    """How to find the device that ``link`` names; None for one that is not plugged into this machine."""
    for prefix in (SERIAL, "v4l2:"):
        if link.startswith(prefix):
            path = link.removeprefix(prefix).partition("?")[0]
            return lambda: _path_now(path)
    ids = link.removeprefix("sane:")
    if ids.startswith(USB):
        address = usb_address(ids.removeprefix(USB))
        return lambda: _usb_now(address, usb_devices)
    return None


class Hotplug:
    """The thread that watches. ``wake`` is called from it."""

    def __init__(self, watches: Sequence[Watch], *, poll: float = POLL_S, udev: Path = _UDEV) -> None:
        """``poll``: seconds between two looks. ``udev``: the socket that is there while udev runs."""
        self._watches = tuple(watches)
        self._poll = poll
        self._udev = udev
        self._thread: threading.Thread | None = None
        self._bell = -1

    def start(self) -> None:
        """Watch from now on; returns at once. Does nothing when it watches already, or has nothing to watch."""
        if self._thread is not None or not self._watches:
            return
        alarm, self._bell = os.pipe()
        seen = [watch.look() for watch in self._watches]
        self._thread = threading.Thread(target=self._main, args=(alarm, seen), name="hotplug", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when the thread has ended, at the latest after 5 s."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        os.close(self._bell)  # the alarm becomes readable
        thread.join(_STOP_S)

    def _main(self, alarm: int, seen: list[object]) -> None:
        try:
            self._watch(alarm, seen)
        except Exception:
            log.exception("hotplug ended; devices are still tried again by their workers")
        finally:
            os.close(alarm)

    def _watch(self, alarm: int, seen: list[object]) -> None:
        monitor = self._monitor()
        while True:
            waits = [alarm] if monitor is None else [alarm, monitor.fileno()]
            ready = select.select(waits, [], [], self._poll)[0]
            if alarm in ready:
                return
            if monitor is not None and ready:
                _drain(monitor)
            for at, watch in enumerate(self._watches):
                now = watch.look()
                if now != seen[at]:
                    seen[at] = now
                    watch.wake()

    def _monitor(self) -> pyudev.Monitor | None:
        """udev's own events, which come when its rules are done; None where udev does not run."""
        if not self._udev.exists():
            return None
        try:
            monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="udev")
            for subsystem in _SUBSYSTEMS:
                monitor.filter_by(subsystem)
            monitor.start()
        except (OSError, ImportError) as error:  # ImportError: pyudev, of a libudev that is not there
            log.warning("udev cannot be heard: %s", error)
            return None
        return monitor


def _drain(monitor: pyudev.Monitor) -> None:
    try:
        while monitor.poll(0) is not None:
            pass
    except OSError:  # more came at once than the kernel keeps: something changed, which is all that is asked
        pass


def _path_now(path: str) -> object:
    """What the link points at; its mode and owner too, since udev gives them only after the device is there."""
    try:
        link, device = os.lstat(path), os.stat(path)  # noqa: PTH116 - no Path: the name is the roles file's, as it is
    except OSError:
        return None
    return (link.st_ino, link.st_mtime_ns, device.st_ino, device.st_rdev, device.st_mode, device.st_gid)


def _usb_now(wanted: UsbAddress, devices: Path) -> object:
    """Bus and number of each device of that identity: they are new after each plug."""
    return {device.at for device in plugged(devices) if wanted.is_met_by(device.address)}
