"""``export`` and ``import``: the queue onto a stick by hand, and the office's answers from it."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from offline_cache.api import CacheError
from offline_cache.clock import OfficeClock
from offline_cache.command import Said, Words, opened
from offline_cache.courier import Courier
from offline_cache.drafts import Drafts
from offline_cache.outbox import Outbox
from offline_cache.settings import CacheSettings
from wire.courier import FOLDER


class _Words(Words):
    folder: Path


class _Export:
    NAME, HELP = "export", f"copy the whole queue into the folder {FOLDER} of a stick"

    def words(self, parser: argparse.ArgumentParser) -> None:
        """Whereto."""
        parser.add_argument("--to", dest="folder", type=Path, required=True, metavar="FOLDER", help="the stick")

    def run(self, given: Words) -> Said:
        """No state moves. Raises CacheError, OSError."""
        with _courier(given) as (courier, folder):
            done = courier.export_to(folder, lambda _part: None)
        facts: dict[str, object] = {**asdict(done), "volumes": list(done.volumes)}
        if not (done.left or done.broken):
            return Said(facts)
        return Said(facts, ok=False, why=f"{done.left} without room, {done.broken} damaged on this disk")


class _Import:
    NAME, HELP = "import", f"take the office's answers from the folder {FOLDER} of a stick"

    def words(self, parser: argparse.ArgumentParser) -> None:
        """Wherefrom."""
        parser.add_argument("--from", dest="folder", type=Path, required=True, metavar="FOLDER", help="the stick")

    def run(self, given: Words) -> Said:
        """Exit code 1 when a file was refused. Raises CacheError, OSError."""
        with _courier(given) as (courier, folder):
            done = courier.take_from([folder])
        refused = [{"file": name, "reason": reason} for name, reason in done.refused]
        facts: dict[str, object] = {"received": done.received, "quarantined": done.quarantined, "refused": refused}
        return Said(facts, ok=not refused, why="not every file was taken" if refused else "")


EXPORT, IMPORT = _Export(), _Import()


@contextmanager
def _courier(given: Words) -> Generator[tuple[Courier, Path]]:
    folder = _Words(**vars(given)).folder
    if not folder.is_dir():
        raise CacheError("stick_missing", f"there is no folder {folder}")
    with opened(given.data) as it:
        outbox = Outbox(it.database, it.parts, Drafts(it.database, it.parts), OfficeClock())
        yield Courier(CacheSettings().sticks, it.database, it.identities, it.parts, outbox), folder
