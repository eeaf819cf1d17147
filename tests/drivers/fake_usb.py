"""A USB bus without USB: pyusb's real core runs on this backend, and behind it hangs the virtual printer.

``UsbFront`` hangs a printer on the bus; ``Bus.flags`` say how the bus answers: busy, no access, a halted pipe, no
usblp. A printer that is plugged in again has a new address.
"""

from __future__ import annotations

import errno
import queue
import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from drivers.addresses import UsbAddress
from drivers.virtual.fronts import Line

VENDOR, PRODUCT, SERIAL = 0x04B8, 0x0E15, "ADM0001"
KEPT = UsbAddress(VENDOR, PRODUCT, SERIAL)
OUT, BACK = 0x03, 0x85
_BUFFER = 64  # packets that the printer takes before it stops reading
_MESSAGES = {
    errno.ENODEV: "No such device (it may have been disconnected)",
    errno.EBUSY: "Resource busy",
    errno.EACCES: "Access denied (insufficient permissions)",
    errno.EPIPE: "Pipe error",
    errno.ETIMEDOUT: "Operation timed out",
}


def fail(code: int) -> None:
    kind = usb.core.USBTimeoutError if code == errno.ETIMEDOUT else usb.core.USBError
    raise kind(_MESSAGES[code], None, code)


@dataclass
class Quirks:
    """How a device answers. ``halts``: packets that are answered with a halt. ``kernel``: usblp holds it."""

    busy: bool = False
    denied: bool = False
    halts: int = 0
    kernel: bool = True
    interface_class: int = 7
    configured: bool = True
    strings: bytes | None = None  # what every question for a text is answered with


@dataclass(eq=False)
class UsbLine:
    """One plug of one printer: the device on the bus, and the printer's line."""

    address: int
    quirks: Quirks
    serial: str = SERIAL
    plugged: bool = True
    handles: int = 0
    claimed: bool = False
    packets: queue.Queue[bytes] = field(default_factory=lambda: queue.Queue(_BUFFER))
    answers: bytearray = field(default_factory=bytearray)
    answered: threading.Condition = field(default_factory=threading.Condition)

    def receive(self) -> bytes:
        while self.plugged:
            try:
                return self.packets.get(timeout=0.05)
            except queue.Empty:
                continue
        return b""

    def send(self, data: bytes) -> None:
        with self.answered:
            self.answers += data
            self.answered.notify_all()

    def pull(self) -> None:
        self.plugged = False


class Bus(usb.backend.IBackend):
    """The backend. ``resets``: how often a device was reset, which must stay 0."""

    def __init__(self) -> None:
        self.devices: list[UsbLine] = []
        self.next_address = 5
        self.quirks = Quirks()
        self.resets = 0

    def plug(self, serial: str = SERIAL) -> UsbLine:
        line = UsbLine(self.next_address, self.quirks, serial)
        self.next_address += 1
        self.devices.append(line)
        return line

    @property
    def open_handles(self) -> int:
        return sum(device.handles for device in self.devices)

    # What pyusb asks.

    def enumerate_devices(self) -> list[UsbLine]:
        return [device for device in self.devices if device.plugged]

    def get_device_descriptor(self, dev: UsbLine) -> Any:
        return SimpleNamespace(
            bLength=18,
            bDescriptorType=1,
            bcdUSB=0x200,
            bDeviceClass=0,
            bDeviceSubClass=0,
            bDeviceProtocol=0,
            bMaxPacketSize0=64,
            idVendor=VENDOR,
            idProduct=PRODUCT,
            bcdDevice=0x100,
            iManufacturer=1,
            iProduct=2,
            iSerialNumber=3,
            bNumConfigurations=1,
            address=dev.address,
            bus=1,
            port_number=1,
            port_numbers=(1,),
            speed=3,
        )

    def get_configuration_descriptor(self, dev: UsbLine, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=2,
            wTotalLength=55,
            bNumInterfaces=2,
            bConfigurationValue=1,
            iConfiguration=0,
            bmAttributes=0xC0,
            bMaxPower=1,
            extra_descriptors=[],
        )

    def get_interface_descriptor(self, dev: UsbLine, intf: int, alt: int, config: int) -> Any:
        """Interface 0 is something else (a composite device), interface 1 the printer."""
        if intf > 1 or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9,
            bDescriptorType=4,
            bInterfaceNumber=intf,
            bAlternateSetting=0,
            bNumEndpoints=2 * intf,
            bInterfaceClass=dev.quirks.interface_class if intf else 3,
            bInterfaceSubClass=1,
            bInterfaceProtocol=2,
            iInterface=0,
            extra_descriptors=[],
        )

    def get_endpoint_descriptor(self, dev: UsbLine, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7,
            bDescriptorType=5,
            bEndpointAddress=(BACK, OUT)[ep],
            bmAttributes=2,
            wMaxPacketSize=64,
            bInterval=0,
            bRefresh=0,
            bSynchAddress=0,
            extra_descriptors=[],
        )

    def open_device(self, dev: UsbLine) -> UsbLine:
        if dev.quirks.denied:
            fail(errno.EACCES)
        self._check(dev)
        dev.handles += 1
        return dev

    def close_device(self, dev_handle: UsbLine) -> None:
        dev_handle.handles -= 1
        dev_handle.claimed = False

    def get_configuration(self, dev_handle: UsbLine) -> int:
        self._check(dev_handle)
        return 1 if dev_handle.quirks.configured else 0

    def set_configuration(self, dev_handle: UsbLine, config_value: int) -> None:
        self._check(dev_handle)
        dev_handle.quirks.configured = True

    def claim_interface(self, dev_handle: UsbLine, intf: int) -> None:
        self._check(dev_handle)
        assert intf == 1, "the printer's interface, not the first"
        if dev_handle.quirks.busy or dev_handle.quirks.kernel:
            fail(errno.EBUSY)
        dev_handle.claimed = True

    def release_interface(self, dev_handle: UsbLine, intf: int) -> None:
        self._check(dev_handle)
        dev_handle.claimed = False

    def reset_device(self, dev_handle: UsbLine) -> None:
        self.resets += 1

    def is_kernel_driver_active(self, dev_handle: UsbLine, intf: int) -> bool:
        self._check(dev_handle)
        return dev_handle.quirks.kernel

    def detach_kernel_driver(self, dev_handle: UsbLine, intf: int) -> None:
        dev_handle.quirks.kernel = False

    def clear_halt(self, dev_handle: UsbLine, ep: int) -> None:
        self._check(dev_handle)

    def bulk_write(self, dev_handle: UsbLine, ep: int, intf: int, data: Any, timeout: int) -> int:
        self._check(dev_handle)
        assert ep == OUT and timeout > 0, "0 would wait for ever"
        if dev_handle.quirks.halts:
            dev_handle.quirks.halts -= 1
            fail(errno.EPIPE)
        try:
            dev_handle.packets.put(bytes(data), timeout=timeout / 1000)
        except queue.Full:
            fail(errno.ETIMEDOUT)
        return len(data)

    def bulk_read(self, dev_handle: UsbLine, ep: int, intf: int, buff: Any, timeout: int) -> int:
        self._check(dev_handle)
        assert ep == BACK and timeout > 0
        end = time.monotonic() + timeout / 1000
        with dev_handle.answered:
            while not dev_handle.answers:
                left = end - time.monotonic()
                if left <= 0:
                    fail(errno.ETIMEDOUT)
                dev_handle.answered.wait(min(left, 0.05))
                self._check(dev_handle)
            size = min(len(buff), len(dev_handle.answers))
            buff[:size] = array("B", dev_handle.answers[:size])
            del dev_handle.answers[:size]
        return size

    def ctrl_transfer(
        self, dev_handle: UsbLine, kind: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        self._check(dev_handle)
        assert (kind, request, value >> 8) == (0x80, 6, 3), "only strings are asked for"
        text = {1: "EPSON", 2: "TM-T20III", 3: dev_handle.serial}.get(value & 0xFF)
        answer = b"\x04\x03\x09\x04" if text is None else bytes((2 + 2 * len(text), 3)) + text.encode("utf-16le")
        if dev_handle.quirks.strings is not None:
            answer = dev_handle.quirks.strings
        size = min(len(data), len(answer))
        data[:size] = array("B", answer[:size])
        return size

    def _check(self, device: UsbLine) -> None:
        if not device.plugged:
            fail(errno.ENODEV)


class UsbFront:
    """Hangs a virtual printer on a bus."""

    is_cable = True

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._line: UsbLine | None = None

    @property
    def facts(self) -> dict[str, object]:
        return {"port": 0}

    def up(self, joined: Callable[[Line], None]) -> None:
        if self._line is None:
            self._line = self._bus.plug()
            joined(self._line)

    def down(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.pull()
