"""The receipt printer on a serial line (a pty) and on USB (pyusb's own core on a bus of ours): the same driver.

What TCP shows is in ``test_printer.py``; here stands what a cable can do beside it.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import SerialAddress, UsbAddress, serial_address
from drivers.contract import Outcome, Phase, PrintResult
from drivers.hotplug import Hotplug, Watch, look_for
from drivers.printer.face import LinkLost, LinkStalled
from drivers.printer.link import link_from
from drivers.printer.printer import ReceiptPrinter
from drivers.printer.serial_link import SerialLink
from drivers.printer.usb_link import UsbLink
from drivers.usb_bus import plugged
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.twin import Twin
from drivers.worker import Supervision
from tests.drivers.conftest import until
from tests.drivers.fake_usb import KEPT, PRODUCT, VENDOR, Bus, UsbFront, UsbLine
from tests.drivers.receipts import LONG, QUICK, RECEIPT, SOON, Told

Words = Callable[..., dict[str, Any]]


class Cable:
    """A printer on one kind of cable, and the driver at its other end."""

    def __init__(self, words: Words, printer: ReceiptPrinter, bus: Bus | None = None) -> None:
        self.words = words
        self.printer = printer
        self.bus = bus

    def ready(self) -> None:
        until(lambda: self.printer.status().phase is Phase.READY)

    def on_paper(self) -> list[bytes]:
        return [base64.b64decode(job["raw"]) for job in self.words("jobs")["jobs"] if job["cut"]]


def on_pty(folder: Path) -> Iterator[Cable]:
    with Twin("printer", folder, "--pty", str(folder / "printer.tty")) as twin:
        link = link_from(f"serial:{twin.facts['link']}?baud=115200")
        assert isinstance(link, SerialLink)
        yield Cable(twin, ReceiptPrinter(link, delays=QUICK, supervision=SOON))


def on_usb() -> Iterator[Cable]:
    bus = Bus()
    virtual = VirtualPrinter(UsbFront(bus), None)
    printer = ReceiptPrinter(UsbLink(KEPT, bus), delays=QUICK, supervision=SOON)
    yield Cable(lambda do, **args: virtual.command(do, args), printer, bus)
    assert bus.resets == 0, "a device that is reset can come back as another one"
    assert bus.open_handles == 0


@pytest.fixture(params=["serial", "usb"])
def cable(request: pytest.FixtureRequest, sockets: Path) -> Iterator[Cable]:
    for one in on_pty(sockets) if request.param == "serial" else on_usb():
        one.printer.start()
        one.ready()
        yield one
        one.printer.stop()


def test_a_receipt_is_done_when_the_printer_says_so(cable: Cable) -> None:
    told = Told()
    cable.printer.print("KMT-1-1", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("KMT-1-1", Outcome.DONE)]
    assert cable.on_paper() == [RECEIPT]


@pytest.mark.parametrize(
    ("flags", "phase", "faults"),
    [
        ({"paper_out": True}, Phase.NEEDS_ATTENTION, ("printer_paper_out",)),
        ({"near_end": True}, Phase.READY, ("printer_paper_near_end",)),
        ({"cover": True, "cutter": True}, Phase.NEEDS_ATTENTION, ("printer_cutter", "printer_cover_open")),
        ({"unrecoverable": True}, Phase.BROKEN, ("printer_unrecoverable",)),
        ({"mute": True}, Phase.UNKNOWN, ("printer_mute",)),
    ],
)
def test_the_printer_says_what_is_wrong(
    cable: Cable, flags: dict[str, bool], phase: Phase, faults: tuple[str, ...]
) -> None:
    cable.words("set", **flags)
    until(lambda: (cable.printer.status().phase, cable.printer.status().faults) == (phase, faults))
    cable.words("set", **dict.fromkeys(flags, False))
    until(lambda: not cable.printer.status().faults)


def test_a_long_job_arrives_whole(cable: Cable) -> None:
    told = Told()
    cable.printer.print("long", LONG, told)
    until(lambda: told.results)
    assert told.outcomes == [Outcome.DONE]
    assert cable.on_paper() == [LONG]


def test_paper_that_ends_in_the_job_is_doubtful_until_it_is_refilled(cable: Cable) -> None:
    told = Told()
    cable.words("set", paper_out_after=200)
    cable.printer.print("KMT-1-1", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("KMT-1-1", Outcome.DOUBTFUL, ("printer_paper_out",))]
    cable.words("set", paper_out=False)
    until(lambda: len(told.results) == 2)
    assert told.outcomes == [Outcome.DOUBTFUL, Outcome.DONE]
    assert cable.on_paper() == [RECEIPT]


def test_unplugged_in_the_job_is_doubtful_and_not_sent_again(cable: Cable) -> None:
    told = Told()
    cable.words("set", hang_up_after=20_000)
    cable.printer.print("long", LONG, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("long", Outcome.DOUBTFUL, ("printer_unreachable",))]
    until(lambda: cable.printer.status().phase is Phase.OFFLINE)
    assert cable.printer.status().faults == ("printer_unreachable",)
    cable.words("plug")
    cable.ready()
    time.sleep(0.3)
    assert told.outcomes == [Outcome.DOUBTFUL]
    assert cable.on_paper() == []


def test_plugged_in_again_it_is_the_same_printer(cable: Cable) -> None:
    for job in ("a", "b"):
        cable.words("unplug")
        until(lambda: cable.printer.status().phase is Phase.OFFLINE)
        cable.words("plug")
        cable.ready()
        told = Told()
        cable.printer.print(job, RECEIPT, told)
        until(lambda told=told: told.results)
        assert told.outcomes == [Outcome.DONE]
    assert len(cable.on_paper()) == 2


def test_noise_is_never_a_state(cable: Cable) -> None:
    cable.words("set", garbage="ff0091", mute=False)
    cable.words("push", hex=os.urandom(64).hex())
    until(lambda: cable.printer.status().phase in (Phase.READY, Phase.UNKNOWN))
    cable.words("set", garbage="")
    cable.ready()


# The serial line alone.


@pytest.fixture
def line(sockets: Path) -> Iterator[Cable]:
    yield from on_pty(sockets)


def test_a_line_that_another_program_holds(line: Cable, sockets: Path) -> None:
    with serial.Serial(str(sockets / "printer.tty"), exclusive=True):
        line.printer.start()
        until(lambda: line.printer.status().phase is Phase.OFFLINE)
        assert line.printer.status().faults == ("printer_busy",)
    line.ready()
    line.printer.stop()


def test_a_line_that_takes_nothing_has_a_limit_and_is_let_go_at_once(line: Cable, sockets: Path) -> None:
    line.words("set", stall=True)
    link = SerialLink(SerialAddress(str(sockets / "printer.tty"), 4_000_000))
    began = time.monotonic()
    for give_up in (False, True):
        link.open()
        with pytest.raises(LinkStalled) as caught:
            link.write(bytes(400_000), 0.2, lambda given=give_up: given)
        assert caught.value.sent < 400_000
        assert not give_up or not caught.value.sent
        link.close()
    assert time.monotonic() - began < 4


def test_a_line_that_it_may_not_open(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (sockets / "printer.tty").symlink_to("/dev/null")

    def refuse(*_: object) -> int:  # root may open anything, so no mode of a file refuses it
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os.open", refuse)
    with pytest.raises(LinkLost) as caught:
        SerialLink(serial_address(f"serial:{sockets / 'printer.tty'}", 9600)).open()
    assert caught.value.fault == "printer_denied"


def test_what_is_no_serial_line_is_unreachable(sockets: Path) -> None:
    link = SerialLink(serial_address(f"serial:{sockets / 'printer.tty'}", 9600))
    for target in ("/dev/null", "/nowhere"):
        (sockets / "printer.tty").unlink(missing_ok=True)
        (sockets / "printer.tty").symlink_to(target)
        with pytest.raises(LinkLost) as caught:
            link.open()
        assert caught.value.fault == "printer_unreachable"
        with pytest.raises(LinkLost, match="not open"):
            link.read(0)
    link.close()


# USB alone.


@pytest.fixture
def bus() -> Bus:
    return Bus()


def lost(link: UsbLink) -> LinkLost:
    with pytest.raises(LinkLost) as caught:
        link.open()
    return caught.value


def test_the_bus_says_why_a_printer_cannot_be_had(bus: Bus) -> None:
    link = UsbLink(KEPT, bus)
    assert lost(link).fault == "printer_unreachable"
    line = bus.plug()
    line.quirks.denied = True
    assert lost(link).fault == "printer_denied"
    assert lost(UsbLink(UsbAddress(VENDOR, PRODUCT), bus)).fault == "printer_denied"
    line.quirks.denied = False
    line.quirks.busy = True
    assert lost(link).fault == "printer_busy"
    line.quirks.busy = False
    line.quirks.interface_class = 255
    assert "no printer interface" in str(lost(link))
    assert bus.open_handles == 0
    line.quirks.interface_class = 7
    line.quirks.configured = False
    link.open()
    assert line.claimed and not line.quirks.kernel
    link.close()
    link.close()
    assert bus.open_handles == 0


def test_two_of_a_kind_are_told_apart_by_their_serial_number_or_not_at_all(bus: Bus) -> None:
    other, mine = bus.plug("OTHER"), bus.plug()
    assert "serial number" in str(lost(UsbLink(UsbAddress(VENDOR, PRODUCT), bus)))
    link = UsbLink(KEPT, bus)
    link.open()
    assert mine.claimed and not other.claimed and not other.handles
    link.close()
    mine.pull()
    assert lost(link).fault == "printer_unreachable"
    assert bus.open_handles == 0
    bus.plug()
    link.open()
    link.close()


@given(st.binary(max_size=300))
def test_a_device_that_answers_noise_for_its_name_is_not_the_printer(noise: bytes) -> None:
    bus = Bus()
    line = bus.plug()
    line.quirks.strings = noise
    lost(UsbLink(KEPT, bus))
    assert bus.open_handles == 0 and not line.claimed


def opened(bus: Bus) -> tuple[UsbLink, UsbLine]:
    line = bus.plug()
    link = UsbLink(KEPT, bus)
    link.open()
    return link, line


def test_a_halt_is_cleared_once_and_nothing_is_sent_twice(bus: Bus) -> None:
    link, line = opened(bus)
    line.quirks.halts = 1
    link.write(b"a" * 200, 1.0, lambda: False)
    sent = b"".join(line.packets.get_nowait() for _ in range(line.packets.qsize()))
    assert sent == b"a" * 200
    line.quirks.halts = 2
    with pytest.raises(LinkLost) as caught:
        link.write(b"b" * 200, 1.0, lambda: False)
    assert caught.value.sent == 0
    link.close()


def test_a_bus_that_takes_nothing_has_a_limit(bus: Bus) -> None:
    link, _ = opened(bus)
    began = time.monotonic()
    with pytest.raises(LinkStalled) as caught:
        link.write(bytes(64 * 100), 0.5, lambda: False)
    assert caught.value.sent == 64 * 64
    with pytest.raises(LinkStalled) as caught:
        link.write(b"x", 5.0, lambda: True)
    assert caught.value.sent == 0
    assert link.read(0.2) == b""
    assert time.monotonic() - began < 2
    link.close()
    with pytest.raises(LinkLost, match="not open"):
        link.read(0.1)


def test_a_usb_printer_that_stops_reading_does_not_hold_the_driver() -> None:
    for cable in on_usb():
        told = Told()
        cable.printer.start()
        cable.ready()
        cable.words("set", rate=1000)
        cable.printer.print("long", LONG * 20, told)
        until(lambda printer=cable.printer: printer.status().phase is Phase.BUSY)
        cable.words("set", stall=True)
        until(lambda told=told: told.results)
        assert told.outcomes == [Outcome.DOUBTFUL]
        cable.words("set", stall=False, rate=0)
        cable.ready()
        cable.printer.stop()


def test_without_libusb_it_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.printer.usb_link._libusb", lambda: None)
    assert "libusb" in str(lost(UsbLink(KEPT)))


# Hot-plug.


def test_a_plug_wakes_the_worker_before_its_next_try(sockets: Path) -> None:
    slow = Supervision(retry=30.0)
    with Twin("printer", sockets, "--pty", str(sockets / "printer.tty")) as twin:
        address = f"serial:{twin.facts['link']}"
        twin("unplug")
        printer = ReceiptPrinter(link_from(address), delays=QUICK, supervision=slow)
        look = look_for(address)
        assert look is not None
        hotplug = Hotplug([Watch(look, printer.wake)], poll=0.1)
        hotplug.start()
        printer.start()
        for _ in range(2):
            until(lambda: printer.status().phase is Phase.OFFLINE)
            twin("plug")
            until(lambda: printer.status().phase is Phase.READY, 3)
            twin("unplug")
        hotplug.stop()
        hotplug.stop()
        printer.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in ("hotplug", "driver-printer")]


def test_a_usb_device_is_watched_by_its_identity(tmp_path: Path) -> None:
    def plug(port: str, number: int, serial_number: str) -> None:
        folder = tmp_path / port
        folder.mkdir()
        facts = {"idVendor": "04b8", "idProduct": "0e15", "serial": serial_number, "busnum": "1", "devnum": str(number)}
        for name, text in facts.items():
            (folder / name).write_text(text + "\n")

    any_one, mine = look_for("usb:04b8:0e15", tmp_path), look_for("sane:usb:04B8:0E15:A", tmp_path)
    assert any_one is not None and mine is not None
    nothing = mine()
    plug("1-1", 4, "B")
    assert mine() == nothing and any_one() != nothing
    plug("1-2", 5, "A")
    first = mine()
    assert first != nothing
    (tmp_path / "1-2" / "devnum").write_text("6\n")
    assert mine() != first
    (tmp_path / "1-3").mkdir()
    (tmp_path / "1-3" / "idVendor").write_bytes(b"\xff\x00?")
    assert [str(device.address) for device in plugged(tmp_path)] == ["04b8:0e15:B", "04b8:0e15:A"]
    assert look_for("tcp://127.0.0.1:9100") is None and look_for("sane:test:0") is None
