"""``python -m kiosk.enrol CODE [--settings FILE]``: enrol this terminal with the one-time code from its office.

Then the PIN of the staff's pages is asked for twice, unless there is one. ``--pin-file FILE`` or no keyboard: nothing
is asked.
"""

from __future__ import annotations

import argparse
import os
import sys

from kiosk import pin, settings
from kiosk.settings import SettingsError
from offline_cache.api import Cache, CacheError
from wire import canon, events
from wire.enrol import EnrolCode


def main(words: list[str] | None = None) -> int:
    """Enrol and print the terminal's code and place. Returns the exit code: 1 for a refusal, 2 for wrong words."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.enrol", description="Enrol this terminal at its office.")
    parser.add_argument("code", help="the code that the office gave, beginning with ADM1.")
    pin.add_words(parser)
    parser.add_argument("--no-pin", action="store_true", help="do not ask for the staff's PIN now")
    options = parser.parse_args(words)
    os.umask(0o077)
    events.configure()
    try:
        EnrolCode.from_text(options.code)
        chosen = settings.load(options.settings)
        given = pin.read(options.pin_file) if options.pin_file is not None else None
    except (SettingsError, canon.CanonError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    cache = pin.open_memory(chosen)
    if cache is None:
        return 1
    try:
        me = cache.enrol(options.code)
        print(f"{me.code}: {me.place.village}, {me.place.district}, {me.place.regency} ({me.place.office})", flush=True)
        _make_pin(cache, given, may_ask=not options.no_pin and sys.stdin.isatty())
    except CacheError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        cache.close()
    return 0


def _make_pin(cache: Cache, given: str | None, *, may_ask: bool) -> None:
    """Raises CacheError."""
    if given is None and cache.pin_set():
        return
    if given is None and may_ask:
        given = pin.ask()
    if given is None:
        print(f"The staff's pages have no PIN yet. {pin.LATER}", file=sys.stderr)
        return
    cache.set_pin(given)


if __name__ == "__main__":
    sys.exit(main())
