"""Hand tools: what a technician asks the devices before and beside the terminal.

python -m drivers [--roles FILE] [--json] printer status|test|feed | camera shot -o FILE | scanner scan -o FILE
                                          | card watch [--seconds N] | code watch [--seconds N] | list [--scanners]

The end code is 0 when the device did what was asked, 1 when it did not, 2 when the roles file or the words are wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from drivers.roles import Devices, Roles, RolesError, load_roles, open_devices
from drivers.tools import listing, pictures, printer, watching

_PRINTER = {"status": printer.status, "test": printer.test, "feed": printer.feed}
_LIST = "list"


def _words() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: these may stand before or behind the device's name, and the later one must not be undone by a default.
    shared.add_argument("--roles", type=Path, default=argparse.SUPPRESS, help="which device plays which role")
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer in lines of JSON")
    parser = argparse.ArgumentParser(
        prog="python -m drivers", description="Ask the devices of this terminal.", parents=[shared]
    )
    devices = parser.add_subparsers(dest="device", required=True)

    def add(device: str, about: str, *words: str) -> argparse.ArgumentParser:
        one = devices.add_parser(device, help=about, parents=[shared])
        if words:
            one.add_argument("do", choices=words)
        return one

    add("printer", "the receipt printer", *_PRINTER)
    add("camera", "the document camera", "shot").add_argument("-o", "--out", type=Path, required=True, help="a JPEG")
    add("scanner", "the document scanner", "scan").add_argument("-o", "--out", type=Path, required=True, help="a PNM")
    for device, about in (("card", "the card reader"), ("code", "the code scanner")):
        add(device, about, "watch").add_argument("--seconds", type=float, help="how long; until Ctrl-C otherwise")
    every = add(_LIST, "every device of the roles file, and what is plugged in")
    every.add_argument("--scanners", action="store_true", help="ask SANE for scanners too, which takes a while")
    return parser


def _do(options: argparse.Namespace, devices: Devices) -> bool:
    """Start the one device that was opened, or all for ``list``, and use it."""
    as_json: bool = options.json
    if devices.card is not None and options.device != _LIST:
        return watching.card(devices.card, as_json, options.seconds, devices.start)
    if devices.code is not None and options.device != _LIST:
        return watching.code(devices.code, as_json, options.seconds, devices.start)
    devices.start()
    if options.device == _LIST:
        return listing.everything(devices, as_json, options.scanners)
    if devices.printer is not None:
        return _PRINTER[options.do](devices.printer, as_json)
    if devices.camera is not None:
        return pictures.shot(devices.camera, as_json, options.out)
    assert devices.scanner is not None
    return pictures.scan(devices.scanner, as_json, options.out)


def main(words: Sequence[str] | None = None) -> int:
    """Run one hand tool and return its end code."""
    given = argparse.Namespace(roles=Path("data/roles.toml"), json=False)
    options = _words().parse_args(words, given)
    try:
        roles = load_roles(options.roles)
    except RolesError as error:
        if options.device != _LIST or options.roles.exists():
            sys.stderr.write(f"{error}\n")
            return 2
        roles = Roles()  # before the first roles file: what is plugged in is what one wants to know
    if options.device != _LIST:
        # Only the device that is asked is opened: the others may be in use.
        roles = roles.model_copy(update={role: None for role in Roles.model_fields if role != options.device})
    devices = open_devices(roles)
    if options.device != _LIST and not devices.all:
        sys.stderr.write(f"{options.roles}: {options.device}: this terminal has none\n")
        return 2
    try:
        return 0 if _do(options, devices) else 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 1
    finally:
        devices.stop()


if __name__ == "__main__":
    sys.exit(main())
