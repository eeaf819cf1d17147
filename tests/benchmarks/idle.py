"""What an idle terminal costs: ``./adm python -m tests.benchmarks.idle [--seconds N]``.

The whole terminal stands with its devices attached and the home screen shown; /proc is read before and after. Limit
(issue 2, Accept 6): under 4 % of one core for all processes of the terminal in sum. Memory is printed in sum: RSS
counts shared pages once a process, PSS shares them out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.bench import Bench
from deploy.demo.hand import Hand

LIMIT_PERCENT = 4.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """One process. ``cpu``: seconds so far. ``rss``, ``pss``: MB."""

    name: str
    cpu: float
    rss: float
    pss: float


def cost(pid: int, name: str) -> Cost:
    """Read /proc of one process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    memory = {
        line.split(":")[0]: int(line.split()[1]) / 1024
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    }
    return Cost(name, (int(fields[11]) + int(fields[12])) / _TICK, memory["Rss"], memory["Pss"])


def measure(seconds: float) -> list[tuple[Cost, float]]:
    """Per process of the idle terminal: its cost and its share of a core in per cent over ``seconds``."""
    with tempfile.TemporaryDirectory(prefix="adm-idle-") as folder, Bench(Path(folder)) as bench:
        assert bench.display is not None and bench.probe is not None
        hand = Hand(bench.display, bench.probe)
        hand.wait_screen("home", within=60)
        time.sleep(5)  # past the first heartbeat and the first camera snapshot
        before = {pid: cost(pid, name) for pid, name in bench.processes().items()}
        time.sleep(seconds)
        after = {pid: cost(pid, name) for pid, name in bench.processes().items()}
        assert before.keys() == after.keys(), "a process came or went while the terminal was idle"
        return [(after[pid], (after[pid].cpu - before[pid].cpu) / seconds * 100) for pid in after]


def main() -> int:
    """Print the table; 1 when the sum passes its limit."""
    parser = argparse.ArgumentParser(description="What an idle terminal costs.")
    parser.add_argument("--seconds", type=float, default=60)
    seconds: float = parser.parse_args().seconds
    rows = measure(seconds)
    print(f"{'% of a core':>12}{'RSS MB':>10}{'PSS MB':>10}   process, over {seconds:g} s")
    for found, share in rows:
        print(f"{share:>12.2f}{found.rss:>10.0f}{found.pss:>10.0f}   {short(found.name)}")
    total = sum(share for _, share in rows)
    print(
        f"{total:>12.2f}{sum(found.rss for found, _ in rows):>10.0f}{sum(found.pss for found, _ in rows):>10.0f}"
        f"   in sum (limit {LIMIT_PERCENT:g} %)"
    )
    return int(total >= LIMIT_PERCENT)


def short(command: str) -> str:
    """The module that a command line runs."""
    words = command.split()
    return " ".join(words[words.index("-m") : words.index("-m") + 2]) if "-m" in words else " ".join(words[:2])


if __name__ == "__main__":
    raise SystemExit(main())
