"""Which device plays which role: the roles file that a technician writes, and the devices that it names.

See ``deploy/config/roles.toml.example``. A role that is left out is a device that this terminal lacks.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from drivers.addresses import serial_address
from drivers.camera.mjpeg import MjpegCamera, split_url
from drivers.camera.v4l2 import V4l2Camera
from drivers.card.reader import PcscReader
from drivers.code.serial import BAUD as CODE_BAUD
from drivers.code.serial import SerialCodeReader
from drivers.contract import Camera, CardReader, CodeReader, Device, Printer, Scanner
from drivers.hotplug import Hotplug, Watch, look_for
from drivers.printer.link import link_from
from drivers.printer.printer import ReceiptPrinter
from drivers.scanner.scanner import SaneScanner
from drivers.scanner.way import way_from

_V4L2 = "v4l2:"


class RolesError(ValueError):
    """The roles file cannot be used; the text names the file and the key."""


class _Role(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PrinterRole(_Role):
    """``link``: an ESC/POS printer for 80 mm paper, as ``drivers.printer.link`` names it."""

    link: str = Field(max_length=500)

    @field_validator("link")
    @classmethod
    def _link_is_usable(cls, link: str) -> str:
        link_from(link)
        return link


class CameraRole(_Role):
    """``link``: http://host:port/path of an MJPEG stream, or v4l2:/dev/v4l/by-id/... of a USB camera."""

    link: str = Field(max_length=500)
    snapshot: str | None = Field(default=None, max_length=500)

    @field_validator("link")
    @classmethod
    def _link_is_usable(cls, link: str) -> str:
        if link.startswith(_V4L2):
            if not link.removeprefix(_V4L2).startswith("/dev/v4l/by-"):
                raise ValueError("a USB camera is named by its path below /dev/v4l/by-id or /dev/v4l/by-path")
        else:
            split_url(link)
        return link

    @field_validator("snapshot")
    @classmethod
    def _snapshot_is_usable(cls, snapshot: str | None) -> str | None:
        if snapshot is not None:
            split_url(snapshot)
        return snapshot


class ScannerRole(_Role):
    """``link``: sane:DEVICE, sane:usb:VENDOR:PRODUCT[:SERIAL] or escl:http://host:port/eSCL. ``dpi``: dots an inch.

    ``lid``: what lies behind a page. ``config``: a folder with SANE's configuration, instead of the system's.
    """

    link: str = Field(max_length=500)
    source: Literal["flatbed", "feeder"] = "flatbed"
    lid: Literal["white", "black"] = "white"
    dpi: Literal[200, 300] = 300
    config: Path | None = None

    @field_validator("link")
    @classmethod
    def _link_is_usable(cls, link: str) -> str:
        way_from(link, feeder=False, limit=1.0)
        return link

    @field_validator("config")
    @classmethod
    def _config_is_a_folder(cls, config: Path | None) -> Path | None:
        try:
            usable = config is None or (config.is_absolute() and config.is_dir())
        except OSError:
            usable = False
        if not usable:
            raise ValueError(f"{config} is no folder, or not a whole path")
        return config


class CardRole(_Role):
    """``reader``: how the PC/SC reader's name begins, empty: any. ``socket``: pcscd's, empty: the system's own.

    ``staff``: answers to reset (ATR) of the staff's cards, in hex, ``??`` for any byte.
    """

    reader: str = Field(default="", max_length=200)
    socket: str = Field(default="", max_length=107)
    staff: tuple[str, ...] = Field(default=(), max_length=100)

    @field_validator("socket")
    @classmethod
    def _socket_is_a_path(cls, socket: str) -> str:
        if socket and not Path(socket).is_absolute():
            raise ValueError(f"{socket!r} is no whole path")
        return socket

    @field_validator("staff")
    @classmethod
    def _answers_are_hex(cls, staff: tuple[str, ...]) -> tuple[str, ...]:
        for atr in staff:
            if not re.fullmatch(r"(?:\s*(?:[0-9A-Fa-f]{2}|\?\?)){2,33}\s*", atr):
                raise ValueError(f"{atr!r} is no answer to reset: 2 to 33 bytes in hex, ?? for any")
        return staff


class CodeRole(_Role):
    """``link``: serial:/dev/serial/by-id/...[?baud=9600] of a QR and barcode scanner in serial mode."""

    link: str = Field(max_length=500)

    @field_validator("link")
    @classmethod
    def _link_is_usable(cls, link: str) -> str:
        serial_address(link, CODE_BAUD)
        return link


class Roles(_Role):
    """The roles that this terminal has. A missing role is a device that this terminal lacks."""

    printer: PrinterRole | None = None
    camera: CameraRole | None = None
    scanner: ScannerRole | None = None
    card: CardRole | None = None
    code: CodeRole | None = None


def load_roles(file: Path) -> Roles:
    """Read a roles file. Raises ``RolesError``."""
    try:
        with file.open("rb") as opened:
            table = tomllib.load(opened)
    except OSError as error:
        raise RolesError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RolesError(f"{file}: not TOML: {error}") from error
    try:
        return Roles.model_validate(table)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        )
        raise RolesError(f"{file}: {faults}") from error


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of this terminal, each with its own worker. None: this terminal has no such device."""

    printer: Printer | None = None
    camera: Camera | None = None
    scanner: Scanner | None = None
    card: CardReader | None = None
    code: CodeReader | None = None
    hotplug: Hotplug = field(default_factory=lambda: Hotplug(()))

    @property
    def all(self) -> tuple[Device, ...]:
        """Those that are there."""
        devices = (self.printer, self.camera, self.scanner, self.card, self.code)
        return tuple(device for device in devices if device is not None)

    def start(self) -> None:
        """Start all workers; returns at once."""
        for device in self.all:
            device.start()
        self.hotplug.start()

    def stop(self) -> None:
        """Stop all workers and release the devices."""
        self.hotplug.stop()
        for device in self.all:
            device.stop()


def open_devices(roles: Roles) -> Devices:
    """The devices that ``roles`` names, not started yet."""
    printer = None if roles.printer is None else ReceiptPrinter(link_from(roles.printer.link))
    camera = None if roles.camera is None else _camera(roles.camera)
    scanner = card = None
    if roles.scanner is not None:
        role = roles.scanner
        scanner = SaneScanner(role.link, source=role.source, lid=role.lid, dpi=role.dpi, config=role.config)
    if roles.card is not None:
        card = PcscReader(roles.card.reader, roles.card.socket, roles.card.staff)
    code = None if roles.code is None else SerialCodeReader(roles.code.link)
    watched = (
        (printer, roles.printer),
        (camera, roles.camera),
        (scanner, roles.scanner),
        (code, roles.code),
    )
    watches = [
        Watch(look, device.wake)
        for device, role in watched
        if device is not None and role is not None and (look := look_for(role.link)) is not None
    ]
    return Devices(printer, camera, scanner, card, code, Hotplug(watches))


def _camera(role: CameraRole) -> MjpegCamera | V4l2Camera:
    if role.link.startswith(_V4L2):
        return V4l2Camera(role.link.removeprefix(_V4L2))
    return MjpegCamera(role.link, role.snapshot)
