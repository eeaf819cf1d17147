"""The roles file: what a technician writes, and what is told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.addresses import SerialAddress, serial_address
from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.v4l2 import V4l2Camera
from drivers.card.reader import PcscReader
from drivers.code.serial import SerialCodeReader
from drivers.printer.link import link_from
from drivers.printer.printer import ReceiptPrinter
from drivers.roles import Roles, RolesError, load_roles, open_devices
from drivers.scanner.scanner import SaneScanner

ROOT = Path(__file__).resolve().parents[2]
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
        ("[scanner]\nlink = 1", "scanner.link"),
        ('[scanner]\nlink = "usb:04a9:1909"', "scanner.link"),
        ('[scanner]\nlink = "sane:usb:4a9:1909"', "04b8:0e15"),
        ('[scanner]\nlink = "sane:"', "scanimage -L"),
        ('[scanner]\nlink = "sane:-h"', "scanimage -L"),
        ('[scanner]\nlink = "escl:ftp://h/eSCL"', "scanner.link"),
        ('[scanner]\nlink = "escl:http://h:99999/eSCL"', "scanner.link"),
        ('[scanner]\nlink = "sane:test:0"\nsource = "adf"', "scanner.source"),
        ('[scanner]\nlink = "sane:test:0"\nlid = "grey"', "scanner.lid"),
        ('[scanner]\nlink = "sane:test:0"\ndpi = 600', "scanner.dpi"),
        ('[scanner]\nlink = "sane:test:0"\ndpi = "300"', "scanner.dpi"),
        ('[scanner]\nlink = "sane:test:0"\nconfig = "/nowhere/at/all"', "scanner.config"),
        ('[scanner]\nlink = "sane:test:0"\nconfig = "."', "scanner.config"),
        ('[scanner]\nsource = "flatbed"', "scanner.link"),
        ("[card]\nreader = 1", "card.reader"),
        ('[card]\nsocket = "pcscd.comm"', "card.socket"),
        ('[card]\nstaff = "3B00"', "card.staff"),
        ('[card]\nstaff = ["3B 0G"]', "card.staff"),
        ('[card]\npin = "1"', "card.pin"),
        ('[code]\nlink = "serial:/dev/ttyUSB0"', "next device to be plugged in"),
        ('[code]\nlink = "serial:/dev/ttyUSB0"', "code.link"),
        ('[code]\nlink = "serial:/dev/serial/by-id/../../ttyUSB0"', "code.link"),
        ('[code]\nlink = "serial:by-id/x"', "code.link"),
        ('[code]\nlink = "/dev/serial/by-id/x"', "serial:"),
        ('[code]\nlink = "serial:/dev/serial/by-id/x?baud=9601"', "9600"),
        ('[code]\nlink = "serial:/dev/serial/by-id/x?parity=odd"', "parity"),
        ("[code]\n", "code.link"),
        ("[pager]\nlink = 1", "pager"),
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


def test_every_role_of_the_example_is_understood() -> None:
    roles = load_roles(ROOT / "deploy/config/roles.toml.example")
    assert all(getattr(roles, role) is not None for role in Roles.model_fields)
    devices = open_devices(roles)
    assert isinstance(devices.card, PcscReader) and isinstance(devices.code, SerialCodeReader)
    assert isinstance(devices.printer, ReceiptPrinter) and isinstance(devices.scanner, SaneScanner)


def test_a_line_is_named_by_any_link_that_follows_the_device(tmp_path: Path) -> None:
    link = tmp_path / "scanner"
    link.symlink_to("/dev/null")
    for path in (link, tmp_path / "not-plugged-in", "/dev/serial/by-id/x", "/dev/serial/by-path/y"):
        assert serial_address(f"serial:{path}?baud=19200&flow=rtscts", 9600) == SerialAddress(
            str(path), 19200, "rtscts"
        )
    with pytest.raises(ValueError, match="by-id"):
        serial_address("serial:/dev/null", 9600)


PREFIXES = st.sampled_from(["tcp://", "serial:/", "usb:04b8:0e15", "usb:", "serial:/dev/serial/by-id/x?", ""])
PARTS = {
    "printer": {"link"},
    "camera": {"link", "snapshot"},
    "scanner": {"link", "source", "lid", "dpi", "config"},
    "card": {"reader", "socket", "staff"},
    "code": {"link"},
}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([(role, key) for role, keys in PARTS.items() for key in sorted(keys)]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300).map(lambda text: text.replace("'", "")),
    st.sampled_from(["", "sane:", "sane:usb:", "escl:http://", "serial:/", "http://", "v4l2:"]),
)
def test_any_value_is_taken_or_named_by_its_key(tmp_path: Path, key: tuple[str, str], text: str, prefix: str) -> None:
    file = write(tmp_path, f"[{key[0]}]\n{key[1]} = '{prefix}{text}'\n")
    try:
        load_roles(file)
    except RolesError as error:
        assert str(error).startswith(f"{file}: {key[0]}.")


@settings(max_examples=200, deadline=None)
@given(st.tuples(PREFIXES, st.text(max_size=60)).map("".join))
def test_any_link_is_a_link_or_a_value_error(address: str) -> None:
    try:
        link_from(address)
    except ValueError:
        pass
