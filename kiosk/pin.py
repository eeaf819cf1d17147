"""``python -m kiosk.pin [--settings FILE] [--pin-file FILE]``: make or change the PIN of the staff's pages.

Whoever may open the terminal's data folder may set a new PIN without the old one.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path

from kiosk import settings
from kiosk.settings import SettingsError
from offline_cache.api import Cache, CacheError
from offline_cache.cache import open_cache
from wire import events, pin
from wire.version import VERSION

LATER = "Make the staff's PIN with `./adm pin` while the terminal is stopped."


def add_words(parser: argparse.ArgumentParser) -> None:
    """The words that enrolment has too."""
    parser.add_argument("--settings", type=Path, help="the terminal's TOML file")
    parser.add_argument("--pin-file", metavar="FILE", help='file whose first line is the staff\'s PIN ("-": stdin)')


def read(name: str) -> str:
    """The PIN in the file's first line. Raises OSError, ValueError in words for the shell."""
    if name == "-":
        line = sys.stdin.readline()
    else:
        with Path(name).open(encoding="utf-8", errors="replace") as file:
            line = file.readline(256)
    given = line.strip()
    pin.check(given)
    return given


def ask() -> str | None:
    """Ask twice at the terminal's keyboard, unseen, until both fit; None when nothing is typed."""
    try:
        while given := getpass.getpass("PIN for the staff's pages (6 to 12 digits, Enter alone: later): ").strip():
            try:
                pin.check(given)
            except ValueError as error:
                print(error, file=sys.stderr)
                continue
            if getpass.getpass("The same PIN again: ").strip() == given:
                return given
            print("The two differ.", file=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        print(file=sys.stderr)
    return None


def open_memory(chosen: settings.Settings) -> Cache | None:
    """The terminal's memory, or None once it was said why not."""
    try:
        return open_cache(chosen.data, version=VERSION, settings=settings.for_cache(chosen))
    except CacheError as error:
        print(f"{chosen.data}: {error}\nIf the terminal runs, stop it first.", file=sys.stderr)
        return None


def main(words: list[str] | None = None) -> int:
    """Set the PIN. Returns the exit code: 1 when it was not set, 2 for wrong words or a PIN that is none."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.pin", description="Make or change the staff's PIN.")
    add_words(parser)
    options = parser.parse_args(words)
    os.umask(0o077)
    events.configure()
    try:
        chosen = settings.load(options.settings)
        if options.pin_file is None and not sys.stdin.isatty():
            parser.error("there is no keyboard to ask at: give --pin-file FILE")
        given = read(options.pin_file) if options.pin_file is not None else None
    except (SettingsError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    cache = open_memory(chosen)
    if cache is None:
        return 1
    try:
        given = given or ask()
        if given is None:
            print(f"No PIN was made. {LATER}", file=sys.stderr)
            return 1
        cache.set_pin(given)
    except CacheError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        cache.close()
    print("The staff's PIN is set.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
