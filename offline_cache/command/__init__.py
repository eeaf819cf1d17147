"""The commands of ``python -m offline_cache``: one room a command, each with ``NAME``, ``HELP``, ``words`` and ``run``.

Exit codes: 0 done and well, 1 refused or something is not as it should be (the reason on stderr), 2 wrong words.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from offline_cache.api import CacheError
from offline_cache.database import FILE, Database
from offline_cache.folder import hold, open_keys
from offline_cache.identity import Identities
from offline_cache.keys import Keys
from offline_cache.parts import Parts


class Words(argparse.Namespace):
    """What was typed; a command's own words join these."""

    data: Path
    json: bool
    command: Command


@dataclass(frozen=True, slots=True)
class Said:
    """What a command found: ``facts`` is what --json prints. ``ok``: exit code 0, else 1. ``why``: for stderr then."""

    facts: dict[str, object]
    ok: bool = True
    why: str = ""


class Command(Protocol):
    """A room of this package (the module itself)."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """The word that is typed."""
        ...

    @property
    def HELP(self) -> str:  # noqa: N802 - a module's constant
        """One line."""
        ...

    def words(self, parser: argparse.ArgumentParser, /) -> None:
        """Add the command's own words."""
        ...

    def run(self, given: Words, /) -> Said:
        """Do it. Raises CacheError, OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """The folder, opened as a station opens it, without the drafts' sweep and without a line to the office."""

    data: Path
    keys: Keys
    database: Database
    identities: Identities
    parts: Parts


@contextmanager
def held(data: Path, *, wiping: bool = False) -> Generator[None]:
    """Hold the folder. Raises CacheError when a station (or another command) holds it, OSError where there is none."""
    lock = hold(data, wiping=wiping)
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def contents(data: Path) -> Generator[Opened]:
    """Open what is in a folder that is held, the schema brought up as at a start. Raises CacheError, OSError."""
    if not (data / FILE).exists():
        raise CacheError("cache_broken", f"there is no index in {data}")
    keys = open_keys(data)
    database = Database.open(data, keys.database)
    try:
        yield Opened(data, keys, database, Identities(database, keys), Parts(data / "parts"))
    finally:
        database.close()


@contextmanager
def opened(data: Path) -> Generator[Opened]:
    """Hold and open it. Raises CacheError, OSError."""
    with held(data), contents(data) as it:
        yield it
