"""``python -m offline_cache status --data DIR [--json]``: facts for staff, when no station holds the folder."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from offline_cache import cache
from offline_cache.api import CacheError
from offline_cache.clock import OfficeClock
from offline_cache.database import FILE, Database
from offline_cache.drafts import Drafts
from offline_cache.identity import Identities
from offline_cache.outbox import Outbox
from offline_cache.parts import Parts


class _Words(argparse.Namespace):
    data: Path
    json: bool


def facts(data: Path) -> dict[str, object]:
    """What the folder holds: who, how many, how much room. Nothing is wiped. Raises CacheError, OSError."""
    if not (data / FILE).exists():
        raise CacheError("cache_broken", f"there is no index in {data}")
    lock = cache.hold(data)
    try:
        keys = cache.open_keys(data)
        database = Database.open(data, keys.database)
        try:
            me = Identities(database, keys).current()
            parts = Parts(data / "parts")
            outbox = Outbox(database, parts, Drafts(database, parts), OfficeClock())
            counts = outbox.counts()
            return {
                "terminal": me.terminal if me else None,
                "code": me.answer.code if me else None,
                "gateway": me.url if me else None,
                "revoked": bool(me and me.revoked),
                "queued": counts.queued,
                "quarantined": [{"number": number, "problem": problem} for number, problem in outbox.refused()],
                "quarantined_count": counts.quarantined,
                "last_seq": counts.last_seq,
                "disk_free": shutil.disk_usage(data).free,
            }
        finally:
            database.close()
    finally:
        os.close(lock)


def main() -> int:
    """The command line; 1 when the folder cannot be opened (a running station holds it, or it is damaged)."""
    words = argparse.ArgumentParser(prog="python -m offline_cache", description="The terminal's memory.")
    commands = words.add_subparsers(metavar="command", required=True)
    status = commands.add_parser("status", help="who this terminal is and what waits to be sent")
    status.add_argument("--data", type=Path, required=True, help="the station's data folder")
    status.add_argument("--json", action="store_true", help="one JSON object")
    given = words.parse_args(namespace=_Words())
    try:
        found = facts(given.data)
    except CacheError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{given.data}: {error.strerror}", file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:18} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
