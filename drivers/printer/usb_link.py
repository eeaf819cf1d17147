"""The wire to a printer on USB: the printer class, bulk out and bulk in, claimed from the kernel's usblp.

The device is looked for anew at each ``open``: after a plug it has another address, and is still the same printer.
It is never reset, since some printers then leave the bus and come back as another one.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import usb.core
import usb.util
from usb.backend import IBackend, libusb1

from drivers.addresses import USB, UsbAddress
from drivers.printer.codes import DENIED, IN_USE, UNREACHABLE
from drivers.printer.face import LinkLost, LinkStalled

_PRINTER_CLASS = 7
_ONE_WAY, _BOTH_WAYS = 1, 2  # protocols of the class; 4 is IPP, which is no byte stream
_SLICE_MS = 250
_PAUSE_S = 0.01  # after an empty packet, which costs no time
_FAULTS = {errno.EBUSY: IN_USE, errno.EACCES: DENIED, errno.EPERM: DENIED}
# ValueError, IndexError: pyusb, of descriptors that are not there. NotImplementedError: of a system that cannot detach.
_TROUBLE = (usb.core.USBError, ValueError, IndexError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class _Pipes:
    """An open printer. ``packet``: bytes of one packet out; ``read_size``: bytes of whole packets in."""

    device: usb.core.Device
    out: int
    back: int
    packet: int
    read_size: int


class UsbLink:
    """ESC/POS over USB."""

    def __init__(self, address: UsbAddress, backend: IBackend | None = None) -> None:
        """``backend``: the way to the bus; libusb unless told otherwise."""
        self._at = address
        self._backend = backend
        self._pipes: _Pipes | None = None
        self._cleared = False

    @property
    def address(self) -> str:
        """``usb:`` and the identity."""
        return f"{USB}{self._at}"

    def open(self) -> None:
        """Find the printer and claim its interface. Raises ``LinkLost``."""
        self.close()
        self._cleared = False
        device = self._find()
        try:
            self._pipes = _claim(device)
        except _TROUBLE as error:
            _let_go(device)
            raise _lost(error) from error
        except LinkLost:
            _let_go(device)
            raise

    def close(self) -> None:
        """Release the interface; never raises, may be called twice."""
        pipes, self._pipes = self._pipes, None
        if pipes is not None:
            _let_go(pipes.device)

    def write(self, data: bytes, limit: float, give_up: Callable[[], bool]) -> None:
        """Write all of ``data`` within ``limit`` seconds. Raises ``LinkLost`` or ``LinkStalled``.

        A packet at a time: so ``sent`` is exact, and a packet that the printer halted at can be sent again.
        """
        pipes = self._open_pipes()
        sent = 0
        end = time.monotonic() + limit
        while sent < len(data):
            left = end - time.monotonic()
            if left <= 0 or give_up():
                raise LinkStalled(sent)
            try:
                packet = data[sent : sent + pipes.packet]
                sent += pipes.device.write(pipes.out, packet, min(_SLICE_MS, _ms(left)))
                self._cleared = False
            except usb.core.USBTimeoutError:
                continue
            except _TROUBLE as error:
                self._after(error, pipes.out, sent)

    def read(self, limit: float) -> bytes:
        """What has come, after at most ``limit`` seconds; ``b""`` for silence. Raises ``LinkLost``."""
        pipes = self._open_pipes()
        end = time.monotonic() + limit
        while True:
            try:
                data = pipes.device.read(pipes.back, pipes.read_size, _ms(end - time.monotonic())).tobytes()
                self._cleared = False
            except usb.core.USBTimeoutError:
                data = b""
            except _TROUBLE as error:
                self._after(error, pipes.back, 0)
                data = b""
            left = end - time.monotonic()
            if data or left <= 0:
                return data
            time.sleep(min(_PAUSE_S, left))

    def _after(self, error: Exception, endpoint: int, sent: int) -> None:
        """Clear a halt, once until something gets through again. Raises ``LinkLost`` for anything else."""
        if not isinstance(error, usb.core.USBError) or error.errno != errno.EPIPE or self._cleared:
            raise _lost(error, sent) from error
        self._cleared = True
        try:
            self._open_pipes().device.clear_halt(endpoint)
        except _TROUBLE as worse:
            raise _lost(worse, sent) from worse

    def _find(self) -> usb.core.Device:
        backend = self._backend or _libusb()
        if backend is None:
            raise LinkLost("libusb-1.0 is missing, or this system has no USB")
        try:
            same = list(usb.core.find(True, backend, idVendor=self._at.vendor, idProduct=self._at.product))
        except _TROUBLE as error:
            raise _lost(error) from error
        if self._at.serial:
            return self._with_serial(same)
        if len(same) > 1:
            raise LinkLost(f"{len(same)} devices are {self._at}: name one by its serial number")
        if not same:
            raise LinkLost(f"no device on USB is {self._at}")
        return same[0]

    def _with_serial(self, devices: list[usb.core.Device]) -> usb.core.Device:
        trouble: Exception | None = None
        for device in devices:
            try:
                _configuration(device)  # opens it: reading the serial number alone would hide a refusal
                if device.serial_number == self._at.serial:
                    return device
            except _TROUBLE as error:
                trouble = error
            _let_go(device)
        if trouble is not None:
            raise _lost(trouble) from trouble
        raise LinkLost(f"no device on USB is {self._at}")

    def _open_pipes(self) -> _Pipes:
        if self._pipes is None:
            raise LinkLost("not open")
        return self._pipes


@cache
def _libusb() -> IBackend | None:
    """The one libusb of this process: each further one would have a thread of its own."""
    return libusb1.get_backend()


def _configuration(device: usb.core.Device) -> usb.core.Configuration:
    try:
        return device.get_active_configuration()
    except usb.core.USBError as error:
        if error.errno is not None:
            raise
    device.set_configuration()  # pyusb's own error, without a number: the device has none yet
    return device.get_active_configuration()


def _claim(device: usb.core.Device) -> _Pipes:
    """Take the printer's interface from the kernel. Raises ``LinkLost`` or what pyusb raises."""
    found: dict[int, tuple[usb.core.Interface, usb.core.Endpoint, usb.core.Endpoint]] = {}
    for interface in _configuration(device):
        out, back = _bulk(interface, usb.util.ENDPOINT_OUT), _bulk(interface, usb.util.ENDPOINT_IN)
        if interface.bInterfaceClass == _PRINTER_CLASS and out is not None and back is not None:
            found.setdefault(interface.bInterfaceProtocol, (interface, out, back))
    chosen = found.get(_BOTH_WAYS) or found.get(_ONE_WAY)
    if chosen is None:
        raise LinkLost("the device has no printer interface with a way back")
    interface, out, back = chosen
    number = interface.bInterfaceNumber
    if device.is_kernel_driver_active(number):
        device.detach_kernel_driver(number)
    usb.util.claim_interface(device, number)
    if interface.bAlternateSetting:
        device.set_interface_altsetting(number, interface.bAlternateSetting)
    return _Pipes(device, out.bEndpointAddress, back.bEndpointAddress, _size(out), 8 * _size(back))


def _bulk(interface: usb.core.Interface, direction: int) -> usb.core.Endpoint | None:
    for endpoint in interface:
        is_bulk = usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        if is_bulk and usb.util.endpoint_direction(endpoint.bEndpointAddress) == direction:
            return endpoint
    return None


def _size(endpoint: usb.core.Endpoint) -> int:
    return endpoint.wMaxPacketSize & 0x7FF or 64


def _let_go(device: usb.core.Device) -> None:
    try:
        usb.util.dispose_resources(device)
    except _TROUBLE:
        pass  # it was taken away: there is nothing left to release


def _lost(error: Exception, sent: int = 0) -> LinkLost:
    code = error.errno if isinstance(error, usb.core.USBError) else None
    return LinkLost(str(error), sent, _FAULTS.get(code, UNREACHABLE) if code is not None else UNREACHABLE)


def _ms(seconds: float) -> int:
    """Milliseconds for libusb, where 0 would mean for ever."""
    return max(1, int(seconds * 1000))
