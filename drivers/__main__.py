"""Hand tools: what a technician asks the devices before and beside the terminal.

python -m drivers [--roles FILE] [--json] printer status | printer test | camera shot -o FILE

The end code is 0 when the device did what was asked, 1 when it did not, 2 when the roles file or the words are wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from drivers.contract import Camera, DeviceStatus, Outcome, Phase, Printer, PrintResult
from drivers.printer.blocks import Align, Cut, Feed, Rule, Text
from drivers.printer.bytes import receipt_bytes
from drivers.roles import RolesError, load_roles, open_devices

_LOOK_S = 8.0  # longer than a printer's or camera's first answer takes, also when it is asked a second time
_PRINT_S = 30.0


def _settled(device: Printer | Camera) -> DeviceStatus:
    """The device's status once it is known, or after 8 s whatever is known then."""
    end = time.monotonic() + _LOOK_S
    while (status := device.status()).phase is Phase.STARTING and time.monotonic() < end:
        time.sleep(0.05)
    return status


def _facts(status: DeviceStatus) -> dict[str, object]:
    return {
        "role": status.role,
        "phase": status.phase.value,
        "faults": list(status.faults),
        "notes": dict(status.notes),
    }


def _tell(status: DeviceStatus, as_json: bool, **more: object) -> None:
    """One line of JSON, or lines for a person."""
    facts = {**_facts(status), **more}
    if as_json:
        sys.stdout.write(json.dumps(facts) + "\n")
        return
    notes = "".join(f"\n  {name}: {note}" for name, note in status.notes.items())
    rest = "".join(f"\n  {name}: {value}" for name, value in more.items())
    sys.stdout.write(f"{status.role}: {status.phase.value} {' '.join(status.faults)}".rstrip() + notes + rest + "\n")


def _printer_status(printer: Printer, as_json: bool) -> bool:
    status = _settled(printer)
    _tell(status, as_json)
    return status.usable


def _printer_test(printer: Printer, as_json: bool) -> bool:
    """Print a short slip and wait until the printer says that it is on paper."""
    _settled(printer)
    told = threading.Event()
    results: list[PrintResult] = []

    def done(result: PrintResult) -> None:
        results.append(result)
        told.set()

    slip = (
        Text("UJI CETAK", Align.CENTER, bold=True, size=2),
        Text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789", Align.CENTER),
        Rule(),
        Text(time.strftime("%d-%m-%Y %H:%M:%S"), Align.CENTER),
        Feed(),
        Cut(),
    )
    printer.print("test", receipt_bytes(slip), done)
    told.wait(_PRINT_S)
    outcome = results[-1].outcome if results else Outcome.DOUBTFUL
    _tell(printer.status(), as_json, outcome=outcome.value)
    return outcome is Outcome.DONE


def _camera_shot(camera: Camera, as_json: bool, out: Path) -> bool:
    """Write the newest picture as the camera sent it."""
    _settled(camera)
    frame = camera.newest()
    if frame is None:
        _tell(camera.status(), as_json)
        return False
    out.write_bytes(frame.jpeg)
    _tell(camera.status(), as_json, file=str(out), bytes=len(frame.jpeg))
    return True


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m drivers", description="Ask the devices of this terminal.")
    parser.add_argument("--roles", type=Path, default=Path("data/roles.toml"), help="which device plays which role")
    parser.add_argument("--json", action="store_true", help="answer with one line of JSON")
    devices = parser.add_subparsers(dest="device", required=True)
    printer = devices.add_parser("printer", help="the receipt printer")
    printer.add_argument("do", choices=["status", "test"])
    camera = devices.add_parser("camera", help="the document camera")
    camera.add_argument("do", choices=["shot"])
    camera.add_argument("-o", "--out", type=Path, required=True, help="the JPEG to write")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run one hand tool and return its end code."""
    options = _words().parse_args(words)
    try:
        roles = load_roles(options.roles)
    except RolesError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # Only the device that is asked is opened: the other may be in use.
    devices = open_devices(roles.model_copy(update={"camera" if options.device == "printer" else "printer": None}))
    device = devices.printer or devices.camera
    if device is None:
        sys.stderr.write(f"{options.roles}: {options.device}: this terminal has none\n")
        return 2
    devices.start()
    try:
        if devices.camera is not None:
            good = _camera_shot(devices.camera, options.json, options.out)
        else:
            assert devices.printer is not None
            tool = _printer_status if options.do == "status" else _printer_test
            good = tool(devices.printer, options.json)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        devices.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
