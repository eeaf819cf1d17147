"""``./adm faults [NUMBER ...]``: play the fault scenarios and print what each took; exit code 1 on any miss.

A row a case: the fault's number and what it is, then the seconds from the cause to its being known (the station's event
log), from there to the window's showing it, and from the cause's end to service again. The last line sums up.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any, cast

import pytest

HERE = Path(__file__).resolve().parent
NAME = re.compile(r"test_(\d\d)_(\w+)\.py")
COLUMNS = "{:>3}  {:<46}{:>12}{:>14}{:>10}  {}"


def scenarios() -> dict[int, Path]:
    """Each fault that has its file, by number."""
    found = {path: NAME.fullmatch(path.name) for path in sorted(HERE.glob("test_*.py"))}
    return {int(match[1]): path for path, match in found.items() if match}


class Table:
    """A plugin that prints the rows as they come and counts."""

    def __init__(self) -> None:
        self.handled: dict[int, bool] = {}
        self.why: list[str] = []

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A row for each case of a test that ended; one row for a test that broke elsewhere."""
        match = NAME.fullmatch(Path(report.nodeid.partition("::")[0]).name)
        if match is None or (report.when != "call" and report.passed):
            return
        number, title = int(match[1]), match[2].replace("_", " ")
        good = report.passed
        self.handled[number] = self.handled.get(number, True) and good
        cases = [cast(dict[str, Any], value) for name, value in report.user_properties if name == "case"]
        for case in cases:
            self._row(number, title, case, case["whole"])
        if not good:
            if all(case["whole"] for case in cases):
                self._row(number, title, {}, good)
            self.why.append(f"-- {report.nodeid} ({report.when})\n{report.longreprtext}")

    def _row(self, number: int, title: str, case: dict[str, Any], good: bool) -> None:
        name = f"{title}: {case['name']}" if case.get("name") else title
        times = [seconds(case.get(moment)) for moment in ("known", "screen", "back")]
        say(COLUMNS.format(number, name, *times, "handled" if good else "MISSED"))


def seconds(value: float | None) -> str:
    """As the table shows it."""
    return "-" if value is None else f"{value:.2f} s"


def say(line: str) -> None:
    """Print it now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """Play those asked for, or all."""
    known = scenarios()
    if strange := [word for word in words if not word.isdigit() or int(word) not in known]:
        say(f"no such fault: {', '.join(strange)}; there are {', '.join(map(str, known))}")
        return 2
    asked = [int(word) for word in words] or list(known)
    table = Table()
    say(COLUMNS.format("", "fault", "cause-known", "known-screen", "back", ""))
    began = time.monotonic()
    # What pytest itself would say goes away with its reporter: the rows are the report.
    options = ["-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
    where = ["--rootdir", str(HERE.parent.parent), "-c", str(HERE.parent.parent / "pyproject.toml")]
    code = pytest.main([*options, *where, *(str(known[number]) for number in asked)], plugins=[table])
    took = time.monotonic() - began
    for reason in table.why:
        say(f"\n{reason}")
    handled = [number for number in asked if table.handled.get(number)]
    missed = [str(number) for number in asked if number not in handled]
    tail = f"; missed: {', '.join(missed)}" if missed else ""
    say(f"{len(handled)} of {len(asked)} faults handled in {took // 60:.0f}:{took % 60:02.0f}{tail}")
    return int(bool(missed) or code != 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
