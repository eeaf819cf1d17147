"""``./adm gallery [--out DIR] [--only SCREEN ...] [--variant NAME ...]``: draw all screens, measure them, list misses.

The last line is a summary; the exit code is 1 when anything was found. Two windows draw at the same time.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.gallery import page
from tests.gallery.variants import SCREENS, Variant, every

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = min(2, os.cpu_count() or 1)


def main(words: list[str]) -> int:
    """Draw, measure, write the page. Returns the exit code."""
    options = _options(words)
    out: Path = options.out.resolve()
    if out.exists() and not _ours(out):
        print(f"{out} holds other things; name another folder with --out", file=sys.stderr)
        return 2
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    variants = [v for v in every() if not options.variant or any(part in v.name for part in options.variant)]
    started = time.monotonic()
    found, drawn, screens, broken = _draw(out, variants, options.only)
    page.write(out, screens, variants, found)
    for (screen, variant), faults in sorted(found.items()):
        for fault in faults:
            print(f"{screen} {variant}: {fault}")
    misses = sum(len(faults) for faults in found.values())
    took = time.monotonic() - started
    print(f"{out / 'index.html'}")
    end = ", and a window ended with an error" if broken else ""
    print(f"{drawn} pictures of {len(screens)} screens in {len(variants)} variants, {misses} misses{end}, {took:.0f} s")
    return 1 if misses or broken or not drawn else 0


def _draw(
    out: Path, variants: list[Variant], only: list[str]
) -> tuple[dict[tuple[str, str], list[str]], int, list[str], bool]:
    told: queue.Queue[tuple[str, str, list[str]] | int] = queue.Queue()
    shares: queue.SimpleQueue[list[Variant]] = queue.SimpleQueue()
    for size in SCREENS:
        fitting = [variant for variant in variants if variant.size == size]
        for at in range(WINDOWS):
            if share := fitting[at::WINDOWS]:
                shares.put(share)
    running = WINDOWS
    for _ in range(WINDOWS):
        threading.Thread(target=_watch, args=(out, shares, only, told), daemon=True).start()
    found: dict[tuple[str, str], list[str]] = {}
    screens: list[str] = []
    drawn, broken, shown = 0, False, 0.0
    while running:
        item = told.get()
        if isinstance(item, int):
            running -= 1
            broken = broken or item != 0
            continue
        screen, variant, faults = item
        drawn += 1
        if screen not in screens:
            screens.append(screen)
        if faults:
            found[screen, variant] = faults
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            print(f"[{drawn}] {variant} {screen}, {sum(map(len, found.values()))} misses so far", flush=True)
    return found, drawn, screens, broken


def _watch(
    out: Path,
    shares: queue.SimpleQueue[list[Variant]],
    only: list[str],
    told: queue.Queue[tuple[str, str, list[str]] | int],
) -> None:
    """Have one share after another drawn by a window of its own; puts the worst exit code at the end."""
    code = 0
    while True:
        try:
            share = shares.get_nowait()
        except queue.Empty:
            break
        words = [sys.executable, "-m", "tests.gallery.worker", str(out), *(v.name for v in share), *only]
        size = "x".join(map(str, share[0].size))
        with subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "ADM_TEST_SIZE": size}
        ) as child:
            for line in child.stdout or ():
                if line.startswith("["):
                    try:
                        screen, variant, faults = json.loads(line)
                    except ValueError:  # a line of Kivy's
                        continue
                    told.put((screen, variant, faults))
        code = code or child.returncode
    told.put(code)


def _ours(out: Path) -> bool:
    return (out / "index.html").exists() or not any(out.iterdir())


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./adm gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "gallery-out", help="folder of pictures and index.html")
    parser.add_argument("--only", nargs="*", default=[], metavar="SCREEN", help="names of tests/screens/statuses.py")
    parser.add_argument("--variant", nargs="*", default=[], metavar="PART", help="as 1280x800, id-2 or contrast")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
