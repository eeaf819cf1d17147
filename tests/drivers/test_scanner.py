"""The scanner's driver with the real ``scanimage`` and SANE's own test scanner."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.contract import Outcome, Phase
from drivers.scanner.pnm import check_image
from drivers.scanner.scanner import SaneScanner, ScannerDelays
from tests.drivers.conftest import until
from tests.drivers.scans import QUICK, SOON, Asked, held, nothing_more_than, sane_config, scanning

SLOW = {"read_delay": "true", "read_delay_duration": "100000"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return sane_config(tmp_path)


@pytest.fixture
def scanner(config: Path) -> Iterator[SaneScanner]:
    before = held()
    device = SaneScanner("sane:test:0", dpi=200, config=config, delays=QUICK, supervision=SOON)
    device.start()
    until(lambda: device.status().phase is Phase.READY)
    yield device
    device.stop()
    assert nothing_more_than(before)


def test_the_whole_bed_is_scanned_in_colour_with_progress(scanner: SaneScanner) -> None:
    asked = Asked(scanner, "page-1")
    result = asked.result()
    assert (result.job, result.outcome, result.dpi, result.faults) == ("page-1", Outcome.DONE, 200, ())
    head = check_image(result.image)
    assert head.channels == 3
    assert (head.width / 200 * 25.4, head.height / 200 * 25.4) == pytest.approx((220, 340), abs=0.3)  # F4 and more
    assert len(set(result.image[head.start : head.start + 30000])) > 8
    assert asked.progress == sorted(asked.progress)
    assert asked.progress[-1] == 1
    assert asked.status[0].phase is Phase.READY


@pytest.mark.parametrize(
    ("status", "fault", "phase"),
    [
        ("JAMMED", "scanner_jammed", Phase.NEEDS_ATTENTION),
        ("COVER_OPEN", "scanner_cover_open", Phase.NEEDS_ATTENTION),
        ("NO_DOCS", "scanner_no_paper", Phase.READY),
        ("DEVICE_BUSY", "scanner_busy", Phase.BUSY),
        ("ACCESS_DENIED", "scanner_denied", Phase.OFFLINE),
        ("IO_ERROR", "scanner_failed", Phase.READY),
        ("NO_MEM", "scanner_failed", Phase.READY),
        ("INVAL", "scanner_failed", Phase.READY),
        ("UNSUPPORTED", "scanner_failed", Phase.READY),
    ],
)
def test_each_ending_of_sane_is_its_own_fault_and_heals(
    scanner: SaneScanner, config: Path, status: str, fault: str, phase: Phase
) -> None:
    sane_config(config, read_status_code=f'"SANE_STATUS_{status}"')
    asked = Asked(scanner, "page-1")
    result = asked.result()
    assert (result.outcome, result.faults, result.image) == (Outcome.FAILED, (fault,), b"")
    assert asked.status[0].phase is phase
    assert asked.status[0].faults == (() if phase is Phase.READY else (fault,))
    sane_config(config)
    until(lambda: scanner.status().phase is Phase.READY)
    assert Asked(scanner, "page-1").result().outcome is Outcome.DONE


def test_an_image_that_ends_before_its_end_is_none(scanner: SaneScanner, config: Path) -> None:
    sane_config(config, read_status_code='"SANE_STATUS_EOF"')
    result = Asked(scanner, "page-1").result()
    assert (result.outcome, result.image) == (Outcome.FAILED, b"")
    assert result.faults in [("scanner_failed",), ("scanner_timeout",)]  # SANE's test scanner then sometimes hangs


def test_a_jam_stands_until_a_later_look_where_no_look_can_tell(scanner: SaneScanner, config: Path) -> None:
    sane_config(config, read_status_code='"SANE_STATUS_JAMMED"')
    Asked(scanner, "page-1").result()
    began = time.monotonic()
    until(lambda: scanner.status().phase is Phase.READY)
    assert time.monotonic() - began > QUICK.hold * 0.9


def test_a_scan_ends_a_jam_before_its_time(config: Path) -> None:
    device = SaneScanner("sane:test:0", dpi=200, config=config, delays=ScannerDelays(hold=60.0), supervision=SOON)
    device.start()
    try:
        sane_config(config, read_status_code='"SANE_STATUS_JAMMED"')
        Asked(device, "page-1").result()
        assert device.status().faults == ("scanner_jammed",)
        sane_config(config)
        assert Asked(device, "page-2").result().outcome is Outcome.DONE
        assert device.status().phase is Phase.READY
    finally:
        device.stop()


def test_a_cancelled_scan_ends_at_once_and_the_next_one_works(scanner: SaneScanner, config: Path) -> None:
    sane_config(config, **SLOW)
    asked = Asked(scanner, "page-1")
    until(lambda: asked.progress)
    assert scanner.status().phase is Phase.BUSY
    began = time.monotonic()
    scanner.cancel("page-1")
    result = asked.result()
    assert time.monotonic() - began < 1.0
    assert (result.outcome, result.faults, result.image) == (Outcome.CANCELLED, (), b"")
    sane_config(config)
    assert Asked(scanner, "page-1").result().outcome is Outcome.DONE


def test_a_scan_that_does_not_end_when_cancelled_is_killed(scanner: SaneScanner, config: Path) -> None:
    sane_config(config, **SLOW)
    asked = Asked(scanner, "page-1")
    until(lambda: asked.progress)
    pid = scanning()
    os.kill(pid, signal.SIGSTOP)
    scanner.cancel("page-1")
    assert asked.result().outcome is Outcome.CANCELLED
    assert not Path(f"/proc/{pid}").exists()


def test_scans_wait_their_turn_and_can_be_cancelled_there(scanner: SaneScanner, config: Path) -> None:
    sane_config(config, **SLOW)
    first, second, third = (Asked(scanner, name) for name in ("page-1", "page-2", "page-3"))
    scanner.scan("page-1", lambda share: None, lambda result: pytest.fail("a second outcome"))
    until(lambda: first.progress)
    scanner.cancel("page-2")
    assert second.result().outcome is Outcome.CANCELLED
    assert not first.results
    scanner.cancel("page-1")
    assert first.result().outcome is Outcome.CANCELLED
    scanner.cancel("page-3")
    assert third.result().outcome is Outcome.CANCELLED
    scanner.cancel("page-9")


def test_a_scanner_that_hangs_is_killed_and_works_again(config: Path) -> None:
    delays = ScannerDelays(look=0.2, first=1.0, silent=0.5)
    device = SaneScanner("sane:test:0", dpi=200, config=config, delays=delays, supervision=SOON)
    seen: list[tuple[str, ...]] = []
    device.on_change(lambda status: seen.append((status.phase.value, *status.faults)))
    device.start()
    try:
        until(lambda: device.status().phase is Phase.READY)
        sane_config(config, **SLOW)
        asked = Asked(device, "page-1")
        pid = scanning()
        until(lambda: asked.progress)
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        result = asked.result()
        assert (result.outcome, result.faults) == (Outcome.FAILED, ("scanner_timeout",))
        assert time.monotonic() - began < 1.5
        assert not Path(f"/proc/{pid}").exists()
        until(lambda: seen[-2:] == [("unknown", "scanner_timeout"), ("ready",)])
        sane_config(config)
        assert Asked(device, "page-2").result().outcome is Outcome.DONE
    finally:
        device.stop()


def test_a_scan_that_goes_on_for_ever_is_ended(config: Path) -> None:
    device = SaneScanner("sane:test:0", config=config, delays=ScannerDelays(whole=0.6), supervision=SOON)
    device.start()
    try:
        sane_config(config, **SLOW)
        assert Asked(device, "page-1").result().faults == ("scanner_timeout",)
    finally:
        device.stop()


def test_a_backend_that_crashes_takes_nothing_with_it(scanner: SaneScanner, config: Path) -> None:
    sane_config(config, **SLOW)
    asked = Asked(scanner, "page-1")
    until(lambda: asked.progress)
    os.kill(scanning(), signal.SIGSEGV)
    result = asked.result()
    assert (result.outcome, result.faults) == (Outcome.FAILED, ("scanner_failed",))
    assert scanner.status().phase is Phase.READY


def test_stopping_ends_a_scan_and_what_waits_behind_it(config: Path) -> None:
    before = held()
    device = SaneScanner("sane:test:0", config=config, delays=QUICK, supervision=SOON)
    device.start()
    sane_config(config, **SLOW)
    asked = [Asked(device, name) for name in ("page-1", "page-2")]
    until(lambda: asked[0].progress)
    began = time.monotonic()
    device.stop()
    assert time.monotonic() - began < 3
    asked.append(Asked(device, "page-3"))
    assert [one.result().outcome for one in asked] == [Outcome.CANCELLED] * 3
    assert device.status().phase is Phase.OFFLINE
    assert nothing_more_than(before)


def test_a_feeder_is_asked_by_the_scanners_own_name_for_it(config: Path) -> None:
    device = SaneScanner("sane:test:0", source="feeder", dpi=200, config=config, delays=QUICK, supervision=SOON)
    device.start()
    try:
        sane_config(config, **SLOW)
        Asked(device, "page-1")
        command = Path(f"/proc/{scanning()}/cmdline").read_bytes().split(b"\0")
        assert command[command.index(b"--source") + 1] == b"Automatic Document Feeder"
    finally:
        device.stop()


@pytest.mark.parametrize("name", ["test:7", "epson2:libusb:001:004"])
def test_a_scanner_that_is_not_there_is_unreachable_and_fails_at_once(config: Path, name: str) -> None:
    device = SaneScanner(f"sane:{name}", config=config, delays=QUICK, supervision=SOON)
    device.start()
    try:
        until(lambda: device.status().phase is Phase.OFFLINE)
        assert device.status().faults == ("scanner_unreachable",)
        assert Asked(device, "page-1").result().faults == ("scanner_unreachable",)
    finally:
        device.stop()


def test_a_scanner_that_goes_and_comes_back(config: Path) -> None:
    device = SaneScanner("sane:test:1", dpi=200, config=config, delays=QUICK, supervision=SOON)
    device.start()
    try:
        until(lambda: device.status().phase is Phase.READY)
        sane_config(config, number_of_devices="1")
        until(lambda: device.status().faults == ("scanner_unreachable",))
        assert Asked(device, "page-1").result().outcome is Outcome.FAILED
        sane_config(config)
        until(lambda: device.status().phase is Phase.READY)
        assert Asked(device, "page-2").result().outcome is Outcome.DONE
    finally:
        device.stop()


def test_a_machine_without_scanimage_says_so(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    (programs / "setpriv").symlink_to(setpriv)
    monkeypatch.setenv("PATH", str(programs))
    device = SaneScanner("sane:test:0", config=config, delays=QUICK, supervision=SOON)
    device.start()
    try:
        until(lambda: device.status().phase is Phase.UNKNOWN)
        assert device.status().faults == ("scanner_failed",)
        assert "scanimage" in device.status().notes["detail"]
    finally:
        device.stop()


@pytest.mark.parametrize(
    "link", ["", "test:0", "sane:", "sane:-h", "sane:usb:4a9:1", "escl:ftp://x/eSCL", "escl:http://"]
)
def test_a_link_that_names_no_scanner_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match=r"link|SANE device|USB device"):
        SaneScanner(link)


def test_twelve_scans_leave_nothing_behind(config: Path) -> None:
    before = held()
    device = SaneScanner("sane:test:0", dpi=200, config=config, delays=QUICK, supervision=SOON)
    device.start()
    until(lambda: device.status().phase is Phase.READY)
    running = held()
    for number in range(12):
        sane_config(config, read_status_code='"SANE_STATUS_IO_ERROR"' if number % 3 == 0 else '"Default"')
        Asked(device, f"page-{number}").result()
    until(lambda: nothing_more_than(running))
    device.stop()
    assert nothing_more_than(before)


def test_a_page_that_came_whole_counts_though_scanimage_does_not_end(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("scanimage")
    program = tmp_path / "bin" / "scanimage"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{real} "$@" || exit $?\ncase "$*" in *--format*) exec sleep 60 ;; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    device = SaneScanner("sane:test:0", dpi=200, config=config, delays=QUICK, supervision=SOON)
    device.start()
    try:
        began = time.monotonic()
        result = Asked(device, "page-1").result()
        assert result.outcome is Outcome.DONE
        check_image(result.image)
        assert time.monotonic() - began < 2 + QUICK.grace
    finally:
        device.stop()
