"""A scanner on USB is found by who it is, through the real ``scanimage``, whatever SANE calls it after a plug.

There is no USB scanner here: the bus is a folder like the kernel's, and a ``scanimage`` that stands before the real one
lists the scanner by its place on that bus and opens SANE's test scanner in its stead.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import UsbAddress, usb_address
from drivers.contract import Outcome, Phase
from drivers.scanner.scanner import SaneScanner
from drivers.scanner.usb import UsbPlace, find_usb, name_at
from drivers.scanner.way import UsbWay
from drivers.scanner.words import Listed
from tests.drivers.conftest import until
from tests.drivers.scans import QUICK, SOON, Asked, sane_config

_BEFORE = """#!/bin/sh
for word in "$@"; do
    case $word in
    -f)
        cat "{listed}"
        exit 0 ;;
    genesys:*)
        if ! grep -q "^$word	" "{listed}"; then
            echo "scanimage: open of device $word failed: Invalid argument" >&2
            exit 1
        fi ;;
    esac
done
args=""
for word in "$@"; do
    case $word in genesys:*) word=test:0 ;; esac
    set -- "$@" "$word"
    shift
done
exec "{real}" "$@"
"""
LIDE = UsbAddress(0x04A9, 0x1909)


def plug(bus: Path, at: str, ids: tuple[str, str], place: tuple[int, int], serial: str = "") -> None:
    folder = bus / at
    folder.mkdir(parents=True)
    facts = {
        "idProduct": ids[1],
        "serial": serial,
        "busnum": str(place[0]),
        "devnum": str(place[1]),
        "idVendor": ids[0],
    }
    for name, fact in facts.items():
        if fact:
            (folder / name).write_text(f"{fact}\n")


class Desk:
    """A bus and what SANE lists on it."""

    def __init__(self, folder: Path) -> None:
        self.bus = folder / "devices"
        self.nodes = folder / "nodes"
        self.listed = folder / "listed"
        self.config = sane_config(folder)
        self.listed.write_text("")
        real = shutil.which("scanimage")
        assert real is not None
        program = folder / "bin" / "scanimage"
        program.parent.mkdir()
        program.write_text(_BEFORE.format(listed=self.listed, real=real))
        program.chmod(0o755)
        self.path = f"{program.parent}:{os.environ['PATH']}"

    def plug(self, number: int, known: bool = True) -> None:
        self.unplug()
        self.listed.write_text(f"genesys:libusb:001:{number:03d}\tCanon\tLiDE 220\n" if known else "")
        plug(self.bus, "1-1", ("04a9", "1909"), (1, number))

    def unplug(self) -> None:
        shutil.rmtree(self.bus, ignore_errors=True)
        self.listed.write_text("")

    def scanner(self) -> SaneScanner:
        way = UsbWay(LIDE, QUICK.question, self.bus, self.nodes)
        return SaneScanner(f"sane:usb:{LIDE}", dpi=200, config=self.config, way=way, delays=QUICK, supervision=SOON)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path)
    monkeypatch.setenv("PATH", desk.path)
    return desk


def test_a_replugged_scanner_is_found_again_under_its_new_name(desk: Desk) -> None:
    desk.plug(4)
    scanner = desk.scanner()
    scanner.start()
    try:
        until(lambda: scanner.status().phase is Phase.READY)
        assert scanner.status().notes["device"] == "genesys:libusb:001:004"
        assert scanner.status().notes["model"] == "Canon LiDE 220"
        assert Asked(scanner, "page-1").result().outcome is Outcome.DONE
        desk.unplug()
        scanner.wake()
        until(lambda: scanner.status().faults == ("scanner_unreachable",))
        assert Asked(scanner, "page-2").result().faults == ("scanner_unreachable",)
        desk.plug(7)
        scanner.wake()
        until(lambda: scanner.status().phase is Phase.READY)
        assert scanner.status().notes["device"] == "genesys:libusb:001:007"
        assert Asked(scanner, "page-2").result().outcome is Outcome.DONE
        desk.plug(8)  # out and in again between two looks
        until(lambda: scanner.status().notes.get("device") == "genesys:libusb:001:008")
        until(lambda: scanner.status().phase is Phase.READY)
    finally:
        scanner.stop()


def test_a_scan_that_fails_because_the_cable_was_pulled_says_so(desk: Desk) -> None:
    desk.plug(4)
    scanner = desk.scanner()
    scanner.start()
    try:
        until(lambda: scanner.status().phase is Phase.READY)
        sane_config(desk.config, read_status_code='"SANE_STATUS_IO_ERROR"')
        desk.unplug()
        result = Asked(scanner, "page-1").result()
        assert (result.outcome, result.faults) == (Outcome.FAILED, ("scanner_unreachable",))
        assert scanner.status().phase is Phase.OFFLINE
    finally:
        scanner.stop()


def test_a_scanner_that_may_not_be_used_and_one_that_sane_does_not_know_are_told_apart(desk: Desk) -> None:
    desk.plug(4, known=False)
    node = desk.nodes / "001" / "004"
    node.parent.mkdir(parents=True)
    scanner = desk.scanner()
    scanner.start()
    try:
        until(lambda: scanner.status().faults == ("scanner_denied",))
        node.write_text("")
        until(lambda: scanner.status().faults == ("scanner_failed",))
        assert "no driver of SANE" in scanner.status().notes["detail"]
    finally:
        scanner.stop()


def test_the_right_one_of_several_is_found(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", ("04a9", "1909"), (1, 4), "A1")
    plug(tmp_path, "1-2", ("04a9", "1909"), (1, 5), "KJ4531")
    plug(tmp_path, "1-3", ("04b8", "0142"), (1, 6))
    (tmp_path / "usb1").mkdir()
    (tmp_path / "1-4").mkdir()
    (tmp_path / "1-4" / "idVendor").write_bytes(b"\xff\xfe")
    assert find_usb(usb_address("04a9:1909:KJ4531"), tmp_path) == UsbPlace(1, 5, "KJ4531")
    assert find_usb(usb_address("04A9:1909"), tmp_path) == UsbPlace(1, 4, "A1")
    assert find_usb(usb_address("04a9:1909:other"), tmp_path) is None
    assert find_usb(usb_address("04a9:1909"), tmp_path / "nowhere") is None


def test_sanes_name_is_found_by_place_by_kind_and_by_serial_number() -> None:
    names = [
        "epson2:libusb:001:004",
        "genesys:libusb:001:014",
        "pixma:04A91909_4C3A2B",
        "hpaio:/usb/HP_LaserJet?serial=CN123456",
        "v4l:/dev/video0",
    ]
    listed = [Listed(name, "", "") for name in names]

    def found(place: UsbPlace) -> str | None:
        scanner = name_at(place, LIDE, listed)
        return None if scanner is None else scanner.name

    assert found(UsbPlace(1, 14)) == "genesys:libusb:001:014"
    assert found(UsbPlace(1, 4)) == "epson2:libusb:001:004"
    assert found(UsbPlace(1, 1)) == "pixma:04A91909_4C3A2B"
    assert name_at(UsbPlace(1, 9, "CN123456"), UsbAddress(0x03F0, 0x0001), listed) == listed[3]
    assert name_at(UsbPlace(1, 9, ""), UsbAddress(0x03F0, 0x0001), listed) is None


@given(st.text(max_size=60), st.integers(0, 300), st.integers(0, 300), st.text(max_size=8))
def test_no_name_of_sanes_breaks_the_search(name: str, bus: int, number: int, serial: str) -> None:
    found = name_at(UsbPlace(bus, number, serial), LIDE, [Listed(name, "", "")])
    assert found is None or found.name == name
