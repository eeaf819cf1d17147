"""The offline work's whole table: ``./adm python -m tests.benchmarks.offline [ROW ...] [--quick] [--json]``.

Rows by name: wire, wire-cut, link-clean, link-cut128, link-cut256, send, keep, queue, intake, heartbeats; none = all.
Exit 1 when a must is missed. How to read each row: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import time

from tests.benchmarks import disk, lines, office
from tests.benchmarks.table import Row, spell
from wire import events

NAMES = (*lines.NAMES, *disk.NAMES, *office.NAMES)
_SEEDS = 5


def measure(names: list[str], *, seeds: int, quick: bool, cut_after: bool = False) -> list[Row]:
    """The rows of those names, in the table's order."""
    found: list[Row] = []
    wanted = [name for name in lines.NAMES if name in names]
    if wanted:
        found += lines.measure(wanted, seeds, cut_after=cut_after)
    wanted = [name for name in disk.NAMES if name in names]
    if wanted:
        found += disk.measure(wanted, quick=quick)
    wanted = [name for name in office.NAMES if name in names]
    if wanted:
        found += office.measure(wanted, quick=quick)
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.offline", description="The offline work's table.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="one seed a link, fewer repetitions")
    parser.add_argument("--seeds", type=int, default=0, help=f"runs a link (default {_SEEDS})")
    parser.add_argument("--cut-after", action="store_true", help="count a cut's period from the end of the one before")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    names: list[str] = given.rows or list(NAMES)
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"no such row: {', '.join(unknown)}")
    events.configure()  # the log to standard error, the table to standard output
    began = time.monotonic()
    rows = measure(
        names, seeds=given.seeds or (1 if given.quick else _SEEDS), quick=given.quick, cut_after=given.cut_after
    )
    missed = [row.name for row in rows if row.missed]
    if given.json:
        print(json.dumps([row.plain() for row in rows], indent=1))
    else:
        print(spell(rows))
        end = f"missed: {', '.join(missed)}" if missed else "every must is met"
        print(f"\n{len(rows)} rows in {time.monotonic() - began:.0f} s; {end}")
    return int(bool(missed))


if __name__ == "__main__":
    raise SystemExit(main())
