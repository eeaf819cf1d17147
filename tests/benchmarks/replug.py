"""Accept 2 of issue 3: ``./adm python -m tests.benchmarks.replug code|printer|usb [--cycles N]``.

``... replug card --cycles 200 --restarts 5``: see ``replug_card``. The others:

The device is unplugged and plugged in again N times; each plug brings one code, or prints one receipt. Every second
time the device is back before its loss can be noticed. Counted: what was missed and what came twice, and threads,
children and descriptors of the driver's process and of the virtual device before and after. 1 on any miss.
"""

from __future__ import annotations

import argparse
import base64
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from drivers.contract import Device, Outcome, Phase, Printer, PrintResult
from drivers.hotplug import POLL_S, Hotplug, Watch
from drivers.printer.printer import ReceiptPrinter
from drivers.printer.usb_link import UsbLink
from drivers.roles import Roles, open_devices
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.twin import Twin
from tests.benchmarks import replug_card
from tests.drivers.fake_usb import KEPT, Bus, UsbFront

_LIMIT_S = 10.0
_STANDS_S = 1.1  # a printer that goes again within a second of its coming is not tried again at once
_LATE_S = 1.0  # after the last plug: what comes twice has come by then


@dataclass
class Tally:
    """What a run brought. ``waits``: seconds from plug to its code or receipt. ``counts``: before and after."""

    expected: list[str]
    came: Iterable[str] = ()
    waits: list[float] = field(default_factory=list)
    counts: list[dict[str, int]] = field(default_factory=list)

    @property
    def missed(self) -> int:
        return len(set(self.expected) - set(self.came))

    @property
    def doubled(self) -> int:
        return sum(count - 1 for count in Counter(self.came).values())

    @property
    def leaked(self) -> dict[str, str]:
        before, after = self.counts
        return {name: f"{before[name]} -> {after[name]}" for name in before if after[name] > before[name]}


def counts(twin: Twin | None = None) -> dict[str, int]:
    """Threads, children and descriptors of this process, descriptors and threads of the virtual device."""
    here = Path("/proc/self")
    found = {
        "threads": len(list((here / "task").iterdir())),
        "children": sum(len((task / "children").read_text().split()) for task in (here / "task").iterdir()),
        "descriptors": len(list((here / "fd").iterdir())),
    }
    if twin is not None:
        there = Path(f"/proc/{twin.pid}")
        found["twin's threads"] = len(list((there / "task").iterdir()))
        found["twin's descriptors"] = len(list((there / "fd").iterdir()))
    return found


def wait_until(condition: Callable[[], object]) -> bool:
    """True when it came true within 10 s."""
    end = time.monotonic() + _LIMIT_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def _gone(device: Device) -> bool:
    return wait_until(lambda: device.status().phase is Phase.OFFLINE)


def code(cycles: int, folder: Path) -> Tally:
    """The code scanner on a pty."""
    tally = Tally([f"KMT-{number}" for number in range(cycles)])
    heard: list[str] = []
    with Twin("code", folder) as twin:
        devices = open_devices(Roles.model_validate({"code": {"link": f"serial:{twin.facts['link']}"}}))
        reader = devices.code
        assert reader is not None
        reader.on_code(heard.append)
        devices.start()
        wait_until(lambda: reader.status().phase is Phase.READY)
        tally.counts.append(counts(twin))
        for number, text in enumerate(tally.expected):
            twin("unplug")
            if number % 2 == 0:
                _gone(reader)
            began = time.monotonic()
            twin("plug")
            wait_until(lambda began=began: reader.status().usable and reader.status().since >= began)
            twin("show", text=text)
            if wait_until(lambda text=text: text in heard):
                tally.waits.append(time.monotonic() - began)
        time.sleep(_LATE_S)
        tally.counts.append(counts(twin))
        devices.stop()
    tally.came = heard
    return tally


def _receipts(
    cycles: int, printer: Printer, words: Callable[..., dict[str, object]], count: Callable[[], dict[str, int]]
) -> Tally:
    """One receipt a plug, queued at once: the driver finds the printer by itself."""
    tally = Tally([f"KMT-{number}" for number in range(cycles)])
    wait_until(lambda: printer.status().phase is Phase.READY)
    tally.counts.append(count())
    for number, job in enumerate(tally.expected):
        results: list[PrintResult] = []
        time.sleep(_STANDS_S)
        words("unplug")
        if number % 2 == 0:
            _gone(printer)
        began = time.monotonic()
        words("plug")
        printer.print(job, f"\x1b@{job}\n".encode() + b"\x1dV\x00", results.append)
        wait_until(lambda results=results: results)
        if [result.outcome for result in results] == [Outcome.DONE]:
            tally.waits.append(time.monotonic() - began)
        else:
            print(f"{job}: {results}")
    time.sleep(_LATE_S)
    tally.counts.append(count())
    jobs = words("jobs")["jobs"]
    assert isinstance(jobs, list)
    tally.came = [base64.b64decode(job["raw"])[2:-4].decode() for job in jobs if job["cut"]]
    return tally


def printer(cycles: int, folder: Path) -> Tally:
    """The printer on a pty."""
    with Twin("printer", folder, "--pty", str(folder / "printer.tty")) as twin:
        devices = open_devices(Roles.model_validate({"printer": {"link": f"serial:{twin.facts['link']}"}}))
        assert devices.printer is not None
        devices.start()
        try:
            return _receipts(cycles, devices.printer, twin, lambda: counts(twin))
        finally:
            devices.stop()


def usb(cycles: int, folder: Path) -> Tally:
    """The printer on USB: pyusb's own core on a bus of ours, a new address at each plug."""
    bus = Bus()
    virtual = VirtualPrinter(UsbFront(bus), None)
    driver = ReceiptPrinter(UsbLink(KEPT, bus))
    hotplug = Hotplug([Watch(lambda: [line.address for line in bus.enumerate_devices()], driver.wake)])
    driver.start()
    hotplug.start()
    try:
        return _receipts(
            cycles,
            driver,
            lambda do, **args: virtual.command(do, args),
            lambda: {**counts(), "open USB handles": bus.open_handles},
        )
    finally:
        hotplug.stop()
        driver.stop()


RUNS: dict[str, Callable[[int, Path], Tally]] = {"code": code, "printer": printer, "usb": usb}


def main() -> int:
    """Print the figures; 1 on any miss, double or leak."""
    parser = argparse.ArgumentParser(description="Unplug and plug a device, again and again.")
    parser.add_argument("device", choices=[*RUNS, "card"])
    parser.add_argument("--cycles", type=int, default=50)
    parser.add_argument("--restarts", type=int, default=5, help="of the card service, with card alone")
    options = parser.parse_args()
    if options.device == "card":
        return replug_card.main(options.cycles, options.restarts)
    began = time.monotonic()
    threads = set(threading.enumerate())
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        tally = RUNS[options.device](options.cycles, Path(folder))
    left = [thread.name for thread in set(threading.enumerate()) - threads if thread.name not in ("paper", "line")]
    print(f"{options.device}: {options.cycles} plugs in {time.monotonic() - began:.0f} s, poll {POLL_S:g} s")
    print(f"missed {tally.missed}, doubled {tally.doubled}, late or wrong {options.cycles - len(tally.waits)}")
    if tally.waits:
        middle, worst = statistics.median(tally.waits), max(tally.waits)
        print(f"from plug to its code or receipt: median {middle:.2f} s, longest {worst:.2f} s")
    print("  ".join(f"{name}: {tally.counts[0][name]} -> {tally.counts[1][name]}" for name in tally.counts[0]))
    print(f"threads left after stop: {', '.join(left) or 'none'}")
    good = not (tally.missed or tally.doubled or tally.leaked or left) and len(tally.waits) == options.cycles
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
