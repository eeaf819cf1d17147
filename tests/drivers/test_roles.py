"""The roles file: what a technician writes, and what is told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.v4l2 import V4l2Camera
from drivers.printer.link import link_from
from drivers.printer.printer import ReceiptPrinter
from drivers.roles import RolesError, load_roles, open_devices

GOOD = """
[printer]
link = "tcp://127.0.0.1:9100"

[camera]
link = "http://127.0.0.1:8080/stream"
snapshot = "http://127.0.0.1:8080/snapshot?size=full"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "roles.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_named_devices_are_opened(tmp_path: Path) -> None:
    devices = open_devices(load_roles(write(tmp_path, GOOD)))
    assert isinstance(devices.printer, ReceiptPrinter)
    assert isinstance(devices.camera, MjpegCamera)
    assert len(devices.all) == 2


def test_a_terminal_may_lack_a_device(tmp_path: Path) -> None:
    devices = open_devices(load_roles(write(tmp_path, "")))
    assert devices.all == ()
    devices.start()
    devices.stop()


def test_a_usb_camera_by_its_stable_path(tmp_path: Path) -> None:
    file = write(tmp_path, '[camera]\nlink = "v4l2:/dev/v4l/by-id/usb-Acme_Cam-video-index0"')
    assert isinstance(open_devices(load_roles(file)).camera, V4l2Camera)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[printer]\nlink = "usb://1"', "printer.link"),
        ('[printer]\nlink = "tcp://host"', "tcp://host:port"),
        ('[printer]\nlink = "tcp://host:99999"', "port"),
        ('[printer]\nlink = "tcp://host:9100/x"', "printer.link"),
        ('[printer]\nlinks = "tcp://h:1"', "printer.links"),
        ("[printer]\nlink = 9100", "printer.link"),
        ('[camera]\nlink = "/dev/video0"', "camera.link"),
        ('[camera]\nlink = "v4l2:/dev/video0"', "by-id"),
        ('[camera]\nlink = "http://h/"\nsnapshot = "ftp://h/"', "camera.snapshot"),
        ("[scanner]\nlink = 1", "scanner"),
        ("printer = 1", "printer"),
        ("[printer", "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(RolesError) as caught:
        load_roles(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert told in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RolesError, match="cannot be read"):
        load_roles(tmp_path / "none.toml")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_roles_or_a_roles_error(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "roles.toml"
    file.write_bytes(data)
    try:
        load_roles(file)
    except RolesError:
        pass


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.text(max_size=40).map("tcp://".__add__))
def test_any_link_is_a_link_or_a_value_error(address: str) -> None:
    try:
        link_from(address)
    except ValueError:
        pass
