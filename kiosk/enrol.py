"""``python -m kiosk.enrol CODE [--settings FILE]``: enrol this terminal with the one-time code from its office."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from kiosk import settings
from kiosk.settings import SettingsError
from offline_cache.api import CacheError
from offline_cache.cache import open_cache
from wire import canon, events
from wire.enrol import EnrolCode
from wire.version import VERSION


def main(words: list[str] | None = None) -> int:
    """Enrol and print the terminal's code and place. Returns the exit code: 1 for a refusal, 2 for wrong words."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.enrol", description="Enrol this terminal at its office.")
    parser.add_argument("code", help="the code that the office gave, beginning with ADM1.")
    parser.add_argument("--settings", type=Path, help="the terminal's TOML file")
    options = parser.parse_args(words)
    os.umask(0o077)
    events.configure()
    try:
        EnrolCode.from_text(options.code)
        chosen = settings.load(options.settings)
    except (SettingsError, canon.CanonError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        cache = open_cache(chosen.data, version=VERSION, settings=settings.for_cache(chosen))
    except CacheError as error:
        print(f"{chosen.data}: {error}\nIf the terminal runs, stop it first, then enrol.", file=sys.stderr)
        return 1
    try:
        me = cache.enrol(options.code)
    except CacheError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        cache.close()
    print(f"{me.code}: {me.place.village}, {me.place.district}, {me.place.regency} ({me.place.office})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
