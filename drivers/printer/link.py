"""From the roles file's words to the wire: tcp://host:port, serial:PATH[?baud=N] or usb:VENDOR:PRODUCT[:SERIAL]."""

from __future__ import annotations

from urllib.parse import urlsplit

from drivers.addresses import SERIAL, USB, serial_address, usb_address
from drivers.printer.face import Link
from drivers.printer.serial_link import SerialLink
from drivers.printer.tcp_link import TcpLink
from drivers.printer.usb_link import UsbLink

_BAUD = 19200


def link_from(address: str) -> Link:
    """The link that ``address`` names. Raises ``ValueError``, saying what is wrong."""
    if address.startswith(SERIAL):
        return SerialLink(serial_address(address, _BAUD))
    if address.startswith(USB):
        return UsbLink(usb_address(address.removeprefix(USB)))
    parts = urlsplit(address)
    if parts.scheme != "tcp":
        raise ValueError(f"a printer's link starts with tcp://, {SERIAL} or {USB}, not {address!r}")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the port of {address!r} is not a number from 1 to 65535") from error
    if not parts.hostname or not port or parts.path or parts.query or parts.username:
        raise ValueError(f"a printer's link is tcp://host:port, not {address!r}")
    return TcpLink(parts.hostname, port)
