"""Rows of sync-notes §2 at full size: ``./adm python -m tests.proof.rows [--json]``.

L8: 1,000 applications over a line that is cut at random. L9: kill -9 after every second system call of keep and send,
nothing in clear on the disk. L14: a disk with 20 levels of room left. S6: 1,000 queued, one cycle. The tests run them
smaller.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from offline_cache.api import Cache, CacheError
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.offline_cache.office import Office, Reset, Say
from tests.proof.disk import Disk
from tests.proof.look import look
from tests.proof.power_cut import memory, terminal_faults
from tests.proof.quiet import quiet
from tests.proof.recording import record
from tests.proof.verdict import said
from wire import tag

NIK = "3279012304850007"
SETTINGS = CacheSettings(retry_cap_s=0.05, probe_cap_s=0.05, disk_reserve=1, spread_s=0)
CLEAR = (NIK.encode(), b"SITI", b"replaced" * 4, b"dropped" * 4, b"abandoned" * 4, bytes([1]) * 64)
"""What the recorded life of a terminal (tests/proof/recorded.py) handles in clear."""
LEVELS = 20


def send(cache: Cache, size: int = 400) -> str:
    """A whole application with one page; its number."""
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8" + b"p" * size, "image/jpeg")
    return cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}).number


def arrive(cache: Cache, within_s: float) -> None:
    """Wait until the queue is empty. Raises TimeoutError."""
    end = time.monotonic() + within_s
    while cache.queue().queued:
        if time.monotonic() > end:
            raise TimeoutError(f"{cache.queue()} {cache.line()}")
        time.sleep(0.02)


@contextlib.contextmanager
def cheap_tags() -> Iterator[None]:
    """The second fact's argon2 costs a fifth of a second by design: not what thousands of applications prove here."""
    before, tag._MEMORY_KIB = tag._MEMORY_KIB, 64
    try:
        yield
    finally:
        tag._MEMORY_KIB = before


@contextlib.contextmanager
def enrolled(folder: Path) -> Iterator[tuple[Office, Cache]]:
    """A small office and a terminal of it; the engine is not started, and tags cost little."""
    office = Office()
    cache = open_cache(folder / "data", version="test", settings=SETTINGS)
    try:
        with cheap_tags():
            cache.enrol(office.code())
            yield office, cache
    finally:
        cache.close()
        office.close()


def cut_at_random(count: int, folder: Path, seed: int) -> list[str]:
    """L8: presses, receipts and what the office holds are the same, each once, whatever the line does."""
    chance = random.Random(seed)

    def cut(method: str, path: str) -> Say | None:
        if path != "/v1/enrol" and chance.random() < 0.15:
            raise Reset
        return None

    with enrolled(folder) as (office, cache):
        office.trick = office.after = cut
        cache.start_sync(tuple, lambda: None)
        pressed = [send(cache, chance.randrange(1, 3000)) for _ in range(count)]
        arrive(cache, 30 + count)
        cache.close()
        found = look(folder / "data")
        received = sorted(row.number for row in found.rows.values() if row.state == "received")
        wrong = found.faults()
        if not sorted(pressed) == received == sorted(office.numbers()):
            wrong.append(f"{len(pressed)} pressed, {len(received)} receipts, {len(office.numbers())} at the office")
    return wrong


def one_cycle(count: int, folder: Path) -> list[str]:
    """S6: so many wait; one run of the engine sends them all, and asks for each only once more than it must."""
    with enrolled(folder) as (office, cache):
        pressed = [send(cache, 10) for _ in range(count)]
        cache.start_sync(tuple, lambda: None)
        arrive(cache, 30 + count)
        announced = Counter(path for method, path in office.calls if method == "PUT")
        wrong = [] if sorted(office.numbers()) == sorted(pressed) else [f"{len(office.numbers())} of {count} arrived"]
        return wrong + [f"{n} PUTs of one" for n in announced.values() if n > 2][:1]


def killed_while_sealing(every: int, folder: Path) -> tuple[list[str], int]:
    """L9: after each system call the process is gone and the page cache is not. Faults, and how many places."""
    office = Office()
    wrong: list[str] = []
    (folder / "data").mkdir(mode=0o700)
    words = [sys.executable, "-m", "tests.proof.recorded", "terminal", str(folder / "data"), str(folder / "promises")]
    recording = record([*words, "--code", office.code()], folder / "data", folder / "promises", folder / "log")
    places = range(0, len(recording.ops) + 1, every)
    seen: set[object] = set()
    for count in places:
        disk = Disk(recording.root, recording.ops[:count])
        disk.build("all", folder / "disk")
        content = b"\0".join(path.read_bytes() for path in (folder / "disk").rglob("*") if path.is_file())
        wrong += [f"{secret[:9]!r} in clear after {count} calls" for secret in CLEAR if secret in content]
        found, _ = terminal_faults(office, folder / "disk", disk.promises, seen)
        wrong += found
        shutil.rmtree(folder / "disk")
    office.close()
    return wrong, len(places)


def full_at_every_level(folder: Path, levels: int = LEVELS) -> tuple[list[str], int]:
    """L14: ``folder`` lies on a small disk. With so little room left: done or refused as full, and nothing half.

    Faults, and how many were refused.
    """
    wrong: list[str] = []
    refused = 0
    ballast = folder / "ballast"
    with enrolled(folder) as (office, cache):
        done = [send(cache)]
        for level in range(levels):
            room = shutil.disk_usage(folder).free - level * 6000
            ballast.write_bytes(bytes(max(room, 0)))
            try:
                done.append(send(cache, 20_000))
            except CacheError as error:
                refused += 1
                if error.code != "disk_full":
                    wrong.append(f"level {level}: {error}")
            ballast.unlink()
            if cache.queue().queued != len(done):
                wrong.append(f"level {level}: {cache.queue().queued} queued of {len(done)}")
        cache.close()
        open_cache(folder / "data", version="test", settings=SETTINGS).close()
        wrong += look(folder / "data").faults()
        again = open_cache(folder / "data", version="test", settings=SETTINGS)
        again.start_sync(tuple, lambda: None)
        try:
            arrive(again, 30)
        finally:
            again.close()
        if sorted(office.numbers()) != sorted(done):
            wrong.append("not all arrived")
    return wrong, refused


@contextlib.contextmanager
def small_disk(size: int) -> Iterator[Path | None]:
    """A file system of its own of so many bytes, or None where this user may not mount one."""
    with tempfile.TemporaryDirectory(prefix="adm-") as name:
        words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", name]
        if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
            yield None
            return
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


def main() -> int:
    """One summary line; 1 when a row does not hold."""
    quiet()
    parser = argparse.ArgumentParser(description="Rows of the fault list at full size.")
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures: dict[str, str] = {}
    wrong: list[str] = []

    def row(name: str, run: Callable[[Path], tuple[list[str], str]]) -> None:
        with tempfile.TemporaryDirectory(prefix="adm-", dir=memory()) as folder:
            try:
                faults, figure = run(Path(folder))
            except (TimeoutError, CacheError) as error:
                faults, figure = [str(error)], "stuck"
        figures[name] = figure
        wrong.extend(f"{name}: {fault}" for fault in faults)

    def full(_: Path) -> tuple[list[str], str]:
        with small_disk(4 << 20) as disk:
            if disk is None:
                return [], "not run (no tmpfs for this user)"
            faults, refused = full_at_every_level(disk)
            return faults, f"{LEVELS} levels, {refused} refused"

    def sealing(folder: Path) -> tuple[list[str], str]:
        faults, places = killed_while_sealing(2, folder)
        return faults, f"{places} kills"

    row("L8", lambda folder: (cut_at_random(given.times, folder, 8), f"{given.times} sent over cuts"))
    row("L9", sealing)
    row("L14", full)
    row("S6", lambda folder: (one_cycle(given.times, folder), f"{given.times} in one cycle"))
    summary = f"rows: {'; '.join(f'{name} {figure}' for name, figure in figures.items())}; {len(wrong)} faults"
    return said(summary, wrong, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
