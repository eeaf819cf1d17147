"""``verify``: whether everything that was promised is here, whole and proved. Nothing is changed or removed.

A miss (exit code 1) is what should be here and is not, or is not what it says. What a crash may leave behind (orphans,
temporary files: a start of the station sweeps them) and a disk that is full are told, and are no miss.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, select

from offline_cache import audit, durable
from offline_cache.api import CacheError
from offline_cache.command import Said, Words, held
from offline_cache.database import FILE, Database
from offline_cache.folder import load_keys
from offline_cache.keys import Keys
from offline_cache.settings import CacheSettings
from offline_cache.tables import submission_parts

NAME, HELP = "verify", "check index, parts, signatures and receipts; changes nothing"
_MIB = 1024 * 1024


class _Words(Words):
    reserve: int


def words(parser: argparse.ArgumentParser) -> None:
    """The reserve, which stands in the station's settings."""
    usual = CacheSettings().disk_reserve // _MIB
    parser.add_argument("--reserve", type=int, default=usual, metavar="MIB", help=f"disk_reserve_mib (default {usual})")


def run(given: Words) -> Said:
    """Reads every byte of the queue: minutes for a full disk. Raises CacheError, OSError."""
    data, reserve = given.data, _Words(**vars(given)).reserve * _MIB
    with held(data):
        keys = load_keys(data)
        with _looked_at(data, keys) as connection:
            misses = audit.index(connection)
            found = audit.Audit(connection, keys, data / "parts") if not misses else None
            if found is not None:
                found.run()
                misses += found.misses
            strays = _strays(connection, data) if found is not None else []
    free = shutil.disk_usage(data).free
    return Said(
        {
            "misses": misses,
            "submissions": found.submissions if found else 0,
            "parts": found.parts if found else 0,
            "bytes": found.bytes if found else 0,
            "receipts": found.receipts if found else 0,
            "unproved": found.unproved if found else 0,
            "orphans": [name for name in strays if not name.startswith(durable.TEMPORARY)],
            "temporary": [
                *(name for name in strays if name.startswith(durable.TEMPORARY)),
                *(path.name for path in data.glob(f"{durable.TEMPORARY}*")),
            ],
            "disk_free": free,
            "full": free < reserve,
        },
        ok=not misses,
        why=f"{len(misses)} things are not as they should be" if misses else "",
    )


@contextmanager
def _looked_at(data: Path, keys: Keys) -> Generator[Connection]:
    if not (data / FILE).exists():
        raise CacheError("cache_broken", f"there is no index in {data}")
    with closing(Database.look(data, keys.database)) as database, database.read() as connection:
        yield connection


def _strays(connection: Connection, data: Path) -> list[str]:
    """Files among the parts that no row names: of a visit that was broken off, the next start removes them."""
    named = set(connection.execute(select(submission_parts.c.sha256)).scalars())
    folder = data / "parts"
    return sorted(path.name for path in folder.iterdir() if path.name not in named) if folder.is_dir() else []
