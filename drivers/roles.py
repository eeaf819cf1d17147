"""Which device plays which role: the roles file that a technician writes, and the devices that it names.

[printer]
link = "tcp://127.0.0.1:9100"

[camera]
link = "http://127.0.0.1:8080/stream"       # or "v4l2:/dev/v4l/by-id/..."
snapshot = "http://127.0.0.1:8080/snapshot" # optional: a URL of single pictures
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from drivers.camera.mjpeg import MjpegCamera, split_url
from drivers.camera.v4l2 import V4l2Camera
from drivers.contract import Camera, Device, Printer
from drivers.printer.link import link_from
from drivers.printer.printer import ReceiptPrinter

_V4L2 = "v4l2:"


class RolesError(ValueError):
    """The roles file cannot be used; the text names the file and the key."""


class _Role(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PrinterRole(_Role):
    """``link``: tcp://host:port of an ESC/POS printer for 80 mm paper."""

    link: str = Field(max_length=200)

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


class Roles(_Role):
    """The roles that this terminal has. A missing role is a device that this terminal lacks."""

    printer: PrinterRole | None = None
    camera: CameraRole | None = None


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

    printer: Printer | None
    camera: Camera | None

    @property
    def all(self) -> tuple[Device, ...]:
        """Those that are there."""
        return tuple(device for device in (self.printer, self.camera) if device is not None)

    def start(self) -> None:
        """Start all workers; returns at once."""
        for device in self.all:
            device.start()

    def stop(self) -> None:
        """Stop all workers and release the devices."""
        for device in self.all:
            device.stop()


def open_devices(roles: Roles) -> Devices:
    """The devices that ``roles`` names, not started yet."""
    camera: Camera | None = None
    if roles.camera is not None:
        link = roles.camera.link
        if link.startswith(_V4L2):
            camera = V4l2Camera(link.removeprefix(_V4L2))
        else:
            camera = MjpegCamera(link, roles.camera.snapshot)
    printer = None if roles.printer is None else ReceiptPrinter(link_from(roles.printer.link))
    return Devices(printer, camera)
