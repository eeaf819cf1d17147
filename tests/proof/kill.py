"""``kill -9``, 500 times (issue 5, proof 2): ``./adm python -m tests.proof.kill [--times 500] [--seed N] [--json]``.

Two terminals at once, one a core, each with an office of its own behind a line that is cut:

* the *whole* terminal, played by taps: window, station (also in the middle of an upload) and gateway fall;
* the *queue* alone, which applies as fast as its disk takes it: nine kills in ten, every ninth one the gateway's.

A number counts from the moment it was seen outside. At the end every number is at its office exactly once, the
sequences have no gap, both disks hold what their manifests name and nothing more, and both command lines' ``verify``
find nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from deploy.demo.bench import BenchError
from deploy.demo.line import tell
from offline_cache.cache import open_cache
from tests.end_to_end import kill
from tests.gateway.rig import ROOT
from tests.offline_cache.conftest import everything
from tests.offline_cache.driver import SECRETS, SETTINGS
from tests.offline_cache.roundtrip import Rig, drive, parts_of, seq

GATEWAY_EVERY = 9
LIFE_S = (0.02, 0.9)
BY_HAND = 10  # one kill in so many falls on the whole terminal
BY_HAND_S = 700.0  # at most so long for those


def whole(times: int, seed: int, folder: Path, say: bool) -> kill.Tally:
    """The whole terminal until ``times`` kills fell."""

    def told(line: str) -> None:
        if say:
            sys.stderr.write(line + "\n")

    tally = kill.run(max(1, times), seed, folder, told, restless=True, kills=times, until_s=BY_HAND_S)
    tally.faults += left_over(folder / "kiosk", folder / "office")
    return tally


def queue(times: int, seed: int, folder: Path) -> kill.Tally:
    """The queue alone and its gateway."""
    tally, chance, data = kill.Tally(), random.Random(seed), folder / "data"
    folder.mkdir(exist_ok=True)
    rig = Rig(folder)
    try:
        cache = open_cache(data, version="test", settings=SETTINGS)
        cache.enrol(rig.code())
        cache.close()
        tell(rig.control, "cut-every 2")
        shown: list[str] = []
        last: list[str] = []
        for turn in range(1, times + 1):
            if turn % GATEWAY_EVERY == 0:
                tally.kills["gateway"] += 1
                rig.gateway.kill()
                rig.gateway.start()
                continue
            tally.kills["queue"] += 1
            said = drive(data, 100, chance.uniform(*LIFE_S), at_work=turn % 4 != 3)
            numbers = [line.split()[1] for line in said if line.startswith("number ")]
            remembered = [line.split()[1] for line in said if line.startswith("last ")]
            if shown and remembered and seq(remembered[0]) < seq(shown[-1]):
                tally.faults.append(f"after the crash {remembered[0]} is remembered, {shown[-1]} was seen later")
            shown += numbers
            last += remembered
        tell(rig.control, "good")
        if drive(data, 0, 300)[-1:] != ["empty 0"]:
            tally.faults.append("the queue did not run empty")
        arrived = rig.arrived()
        count = Counter(form.number for form, _ in arrived.values())
        tally.promised, tally.office = len(set(shown) | set(last)), sum(count.values())
        tally.faults += [f"{number} is not at the office" for number in sorted((set(shown) | set(last)) - set(count))]
        tally.faults += [f"{number} is there {times} times" for number, times in count.items() if times != 1]
        if sorted(map(seq, count)) != list(range(1, len(count) + 1)):
            tally.faults.append("the sequence has a gap")
        tally.faults += [f"{form.number} is not whole" for form, pages in arrived.values() if len(pages) != 2]
        disk = everything(data)
        tally.faults += ["something of the person is on the disk in clear" for secret in SECRETS if secret in disk]
        kept = {part.sha256 for path in rig.gateway.data.rglob("manifest.json") for part in parts_of(path)}
        if (here := {path.name for path in (data / "parts").iterdir()}) != kept:
            tally.faults.append(f"{len(here - kept)} orphans, {len(kept - here)} missing on the terminal's disk")
    finally:
        rig.stop()
    tally.faults += left_over(data, folder / "office")
    return tally


def left_over(data: Path, office: Path) -> list[str]:
    """What the product's own checks, run by hand, have to say of both ends after all."""
    found: list[str] = []
    for words in (("offline_cache", "verify", "--data", str(data)), ("gateway", "verify", "--data", str(office))):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            found.append(f"{' '.join(words[:2])}: {(done.stderr or done.stdout).strip()[-600:]}")
    names = {part.sha256 for path in (office / "store").rglob("manifest.json") for part in parts_of(path)}
    strays = [path.name for path in (office / "store").rglob("*") if path.is_file() and not _named(path, names)]
    return found + [f"{name} is an orphan at the office" for name in strays]


def _named(path: Path, names: set[str]) -> bool:
    return path.name == "manifest.json" or path.name.partition(".")[0] in names


def run(times: int, seed: int, folder: Path, *, say: bool = False) -> tuple[kill.Tally, kill.Tally]:
    """Both terminals at once: ``times`` kills in all."""
    by_hand = times // BY_HAND
    (folder / "whole").mkdir()
    done: list[kill.Tally] = []

    def play() -> None:
        try:
            done.append(whole(by_hand, seed, folder / "whole", say))
        except BenchError as error:
            done.append(kill.Tally(faults=[str(error)]))

    hand = threading.Thread(target=play)
    hand.start()
    quick = queue(times - by_hand, seed, folder / "queue")
    hand.join()
    return done[0], quick


def main() -> int:
    """One line; 1 when a promise was broken or fewer kills fell than were asked for."""
    parser = argparse.ArgumentParser(description="kill -9 at random moments, many times.")
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="the rounds by hand, on standard error")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="adm-proof-") as folder:
        tallies = run(options.times, options.seed, Path(folder), say=options.verbose)
    kills = tallies[0].kills + tallies[1].kills
    faults = [fault for tally in tallies for fault in tally.faults]
    if kills.total() < options.times:
        faults.append(f"only {kills.total()} of {options.times} kills")
    told = {
        "proof": "kill",
        "seed": options.seed,
        "kills": dict(kills),
        "promised": sum(tally.promised for tally in tallies),
        "at_office": sum(tally.office for tally in tallies),
        "faults": faults,
        "seconds": round(time.monotonic() - began),
    }
    if options.json:
        print(json.dumps(told))
    else:
        for fault in faults:
            print(f"BROKEN: {fault}")
        print(
            f"kill: {kills.total()} kills ({', '.join(f'{n} {name}' for name, n in kills.items())}), "
            f"{told['promised']} numbers seen, {told['at_office']} applications at the offices, "
            f"{len(faults)} broken promises; {told['seconds']} s, seed {options.seed}"
        )
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main())
