"""``wipe``: the terminal is taken out of service; nothing readable of keys, index and queue stays on its disk.

A marker comes first and goes last: a crash in between is finished by the next call, and until then no station opens
the folder. The keys go before everything else: without them index and queue say nothing to anybody.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sqlalchemy import func, select

from offline_cache import durable
from offline_cache.api import CacheError
from offline_cache.command import Said, Words, contents, held
from offline_cache.database import FILE as INDEX
from offline_cache.folder import WIPING
from offline_cache.keys import FILE as KEYS
from offline_cache.tables import Delivery, submissions

NAME, HELP = "wipe", "take the terminal out of service: remove keys, index and parts"


class _Words(Words):
    yes: bool


def words(parser: argparse.ArgumentParser) -> None:
    """The one that means it."""
    parser.add_argument("--yes", action="store_true", help="really")


def run(given: Words) -> Said:
    """Refused while anything waits for the office. Raises CacheError (cache_broken), OSError."""
    data = given.data
    with held(data, wiping=True):
        waiting = 0 if (data / WIPING).exists() else _waiting(data)
        if waiting:
            why = (
                f"{waiting} applications have not reached the office. Let them be sent, or take them out with a stick"
                " (export), import that stick at the office and bring its answers back (import). Then wipe."
            )
            return Said({"wiped": False, "undelivered": waiting}, ok=False, why=why)
        if not _Words(**vars(given)).yes:
            why = "Nothing was removed. With --yes keys, index and parts are removed for good."
            return Said({"wiped": False, "undelivered": 0}, ok=False, why=why)
        return Said({"wiped": True, "undelivered": 0, "files": remove(data)})


def remove(data: Path) -> int:
    """Remove everything of a folder that is held, the keys first. How many files. Raises OSError."""
    durable.write(data / WIPING, b"wipe\n")
    parts = data / "parts"
    rest = [
        *data.glob(f"{INDEX}*"),
        *data.glob(f"{durable.TEMPORARY}*"),
        *(parts.iterdir() if parts.is_dir() else ()),
    ]
    durable.remove([data / KEYS])
    durable.remove(rest)
    durable.remove([data / WIPING])
    return len(rest) + 1


def _waiting(data: Path) -> int:
    undelivered = submissions.c.state.in_((Delivery.QUEUED.value, Delivery.QUARANTINED.value))
    try:
        with contents(data) as it, it.database.read() as connection:
            return connection.execute(select(func.count()).select_from(submissions).where(undelivered)).scalar_one()
    except CacheError as error:
        raise CacheError(error.code, f"what waits here cannot be read, so nothing is removed ({error})") from error
