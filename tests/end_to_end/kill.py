"""``kill -9`` at random moments: ``./adm python -m tests.end_to_end.kill --times 30 [--seed N] [--restless]``.

In turn the window, the station with all its children, and the same in the middle of an upload; ``--restless``: on the
way to each of these the window and the gateway fall too, every few seconds. A number counts as
promised once it was seen from outside: on the screen's accessible tree or in the printer's bytes. Every promised number
must be at the office exactly once; after a crash the idle screen shows the last number alone; the abandoned visit is
wiped, and nothing of the person is left on the disk.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from deploy.demo.bench import Bench, BenchError, wait_for
from deploy.demo.hand import Hand
from deploy.demo.pilot import Pilot
from deploy.demo.play import SITI, number_on
from wire import manifest

TARGETS = ("window", "station", "upload")
RESTLESS_S = (1.0, 5.0)  # between two kills on the way
QUICK = "[cache]\nprobe_cap_s = 1.0\nretry_cap_s = 2.0\n"
VISIT_S = 28.0  # a visit of the pilot takes about so long: kills fall anywhere in it
SLOW_BPS = 150_000  # bits a second while an upload shall be cut in two
NUMBER = re.compile(rb"KMT-[0-9]+-[0-9A-Z]")
SECRETS = (SITI.nik, SITI.kk, SITI.phone, SITI.name, *SITI.name.split(), SITI.address)


@dataclass
class Round:
    """One kill. ``screen``: what was shown when it fell. ``promised``: the number that had been seen, or "".

    ``sent``: how many parts of that application were whole at the office by then.
    """

    target: str
    after_s: float = 0.0
    screen: str = ""
    promised: str = ""
    sent: str = ""
    back_s: float = 0.0
    then: str = ""
    faults: list[str] = field(default_factory=list[str])


class Killer:
    """Plays visits on a bench and kills parts of the terminal while they go on."""

    def __init__(self, bench: Bench, hand: Hand, chance: random.Random, *, restless: bool = False) -> None:
        self._bench, self._hand, self._chance = bench, hand, chance
        self._restless = restless
        self.promised: set[str] = set()
        self.kills: Counter[str] = Counter()
        self._newest = ""

    def look(self) -> str:
        """Note every number that can be seen from outside; the one on the screen is returned."""
        for receipt in self._bench.receipts():
            self.promised |= {found.decode() for found in NUMBER.findall(receipt)}
        tree = self._hand.look()
        shown = number_on(tree) if tree else ""
        if shown:
            self.promised.add(shown)
            self._newest = shown
        return shown

    def round(self, target: str) -> Round:
        """One visit with one kill in it, to the idle screen."""
        done = Round(target)
        self._newest = ""
        self._bench.line("up" if target != "upload" else f"slow {SLOW_BPS}")
        self._bench.camera("clear")
        pilot = Pilot(self._bench, self._hand)
        began = time.monotonic()
        self._play(pilot, self._moment(target, began), done)
        done.after_s = time.monotonic() - began
        done.screen = self._hand.screen()
        done.promised = self.look() or self._newest
        done.sent = parts_at_office(self._bench, done.promised)
        self._kill(target)
        killed = time.monotonic()
        if target != "window":
            self._bench.start_station()
            done.then = self._hand.wait_screen("home", "last_number", within=60)
            done.back_s = time.monotonic() - killed
            self._check_wiped(done)
        else:
            done.then = wait_for("the window", self._hand.screen, within=30)
            done.back_s = time.monotonic() - killed
        self._home(pilot)
        return done

    def _moment(self, target: str, began: float) -> Callable[[], bool]:
        """When the kill falls: at a random time of the visit, or at a random time of the upload."""
        if target != "upload":
            at = began + self._chance.uniform(0.5, VISIT_S)
            return lambda: time.monotonic() > at
        wait = self._chance.uniform(0.0, 6.0)
        seen: list[float] = []

        def uploading() -> bool:
            if not seen and self.look():
                seen.append(time.monotonic())
            return bool(seen) and time.monotonic() > seen[0] + wait

        return uploading

    def _play(self, pilot: Pilot, moment: Callable[[], bool], done: Round) -> None:
        started = False
        shake = time.monotonic() + self._chance.uniform(*RESTLESS_S)
        while not moment():
            if self._restless and time.monotonic() > shake:
                self._shake()
                shake = time.monotonic() + self._chance.uniform(*RESTLESS_S)
            screen = self._hand.screen()
            if started and screen == "home" and done.target != "upload":
                return  # the visit is over before its time came: the kill falls on the idle terminal
            started = started or screen not in ("home", "")
            try:
                pilot.step(stay=done.target == "upload")
            except BenchError:
                pass  # the screen changed under the hand
            self.look()
            time.sleep(0.05)

    def _shake(self) -> None:
        """A kill on the way: the visit goes on."""
        if self._chance.random() < 0.5:
            self._kill("window")
            return
        self.kills["gateway"] += 1
        self._bench.parts["gateway"].kill()
        self._bench.start_gateway()

    def _kill(self, target: str) -> None:
        self.kills[target] += 1
        if target == "window":
            for pid, command in self._bench.processes().items():
                if "-m screens" in command:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue  # it was dead already
            return
        pids = self._bench.processes()
        self._bench.station.kill()
        for pid in pids:  # children that lead a group of their own fall with the machine too
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _check_wiped(self, done: Round) -> None:
        shown = self.look()
        if done.then == "last_number":
            if not shown:
                done.faults.append("the idle screen shows no number")
        elif done.promised and done.screen not in ("home", "last_number"):
            done.faults.append(f"{done.promised} was promised and the idle screen does not show it")
        done.faults += traces(self._bench)
        owner = hashlib.sha256(os.fsencode(self._bench.data.resolve())).hexdigest()[:12]
        if list(Path("/dev/shm").glob(f"adm-{owner}-*")):
            done.faults.append("a live picture is left in shared memory")

    def _home(self, pilot: Pilot) -> None:
        """Let the visit end (after a window's death it goes on), and put the number away."""
        self._bench.line("up")

        def at_home() -> bool:
            self.look()
            screen = self._hand.screen()
            if screen == "home":
                return True
            try:
                pilot.step()
            except BenchError:
                pass
            return False

        try:
            wait_for("the idle screen", at_home, within=120)
        except BenchError as error:
            raise BenchError(f"{error}; on the screen {self._hand.screen()!r}: {self._hand.texts()}") from None
        self._bench.camera("clear")


def parts_at_office(bench: Bench, number: str) -> str:
    """ "2 of 5": parts of the application that are whole in the office's store."""
    for path in (bench.office / "store").glob("*/*/manifest.json"):
        _, read = manifest.unproved(path.read_bytes())
        if read.number == number:
            whole = sum((path.parent / f"{part.sha256}.age").is_file() for part in read.parts)
            return f"{whole} of {len(read.parts)}"
    return ""


def sealed(bench: Bench) -> set[str]:
    """The sealed parts on the terminal's disk, by their hash."""
    return {path.name for path in (bench.data / "parts").iterdir() if path.is_file()}


def sealed_at_office(bench: Bench) -> set[str]:
    """The parts that the office's manifests name: what a terminal keeps until its purge, and nothing else."""
    manifests = (manifest.unproved(path.read_bytes())[1] for path in (bench.office / "store").glob("*/*/manifest.json"))
    return {part.sha256 for read in manifests for part in read.parts}


def traces(bench: Bench) -> list[str]:
    """Everything of the person that is left where the terminal may write."""
    found: list[str] = []
    for folder in (bench.data, bench.tmp, bench.home, bench.logs, bench.sockets):
        for path in folder.rglob("*"):
            if not path.is_file():
                continue
            try:
                content = path.read_bytes()
            except OSError:
                continue
            found += [f"{path.name} holds {secret!r}" for secret in SECRETS if secret.encode() in content]
            if path.suffix != ".age" and b"%PDF" in content[:1024]:
                found.append(f"{path.name} is a PDF")
            try:
                with Image.open(path) as image:
                    found.append(f"{path.name} is a picture ({image.format})")
            except (UnidentifiedImageError, OSError, ValueError):
                continue
    return found


@dataclass
class Tally:
    """What a run came to. ``kills``: by target. ``promised``: numbers that were seen. ``office``: records there."""

    kills: Counter[str] = field(default_factory=Counter[str])
    promised: int = 0
    office: int = 0
    faults: list[str] = field(default_factory=list[str])


def run(
    times: int,
    seed: int,
    folder: Path,
    tell: Callable[[str], None],
    *,
    restless: bool = False,
    kills: float = math.inf,
    until_s: float = math.inf,
) -> Tally:
    """``times`` rounds in turn (fewer when so many ``kills`` fell, or ``until_s`` seconds are over); ``tell`` gets a
    line each.
    """
    tally, began = Tally(), time.monotonic()
    faults = tally.faults
    with Bench(folder, settings=QUICK) as bench:
        assert bench.display is not None and bench.probe is not None
        hand = Hand(bench.display, bench.probe)
        hand.wait_screen("home", within=60)
        killer = Killer(bench, hand, random.Random(seed), restless=restless)
        tell(
            f"{'':>3} {'killed':<8} {'after':>7}  {'on the screen':<16}{'promised':<12}{'sent':<8}"
            f"{'back in':>8}  {'then':<14}"
        )
        for number in range(1, times + 1):
            if killer.kills.total() >= kills or time.monotonic() - began > until_s:
                break
            done = killer.round(TARGETS[(seed + number) % len(TARGETS)])
            faults += done.faults
            tell(
                f"{number:>3} {done.target:<8} {done.after_s:>5.1f} s  "
                f"{done.screen or '-':<16}{done.promised or '-':<12}{done.sent or '-':<8}"
                f"{done.back_s:>6.1f} s  {done.then:<14}{'; '.join(done.faults)}"
            )
        bench.line("up")
        try:
            wait_for(
                "every promised number at the office", lambda: killer.promised <= set(bench.at_office()), within=90
            )
        except BenchError:
            faults.append(f"not at the office: {sorted(killer.promised - set(bench.at_office()))}")
        counts = Counter(bench.at_office())
        faults += [f"{number} is at the office {count} times" for number, count in counts.items() if count != 1]
        faults += traces(bench)
        if (kept := sealed(bench)) != (sent := sealed_at_office(bench)):
            faults.append(
                f"{len(kept - sent)} sealed parts of abandoned visits are left, {len(sent - kept)} are missing"
            )
        tally.kills, tally.promised, tally.office = killer.kills, len(killer.promised), sum(counts.values())
        tell(f"{tally.promised} numbers promised, {tally.office} applications at the office")
    return tally


def main() -> int:
    """Print the table; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description="kill -9 at random moments of visits.")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--restless", action="store_true", help="window and gateway fall on the way too")
    options = parser.parse_args()

    def tell(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    tell(f"seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="adm-kill-") as folder:
        faults = run(options.times, options.seed, Path(folder), tell, restless=options.restless).faults
    for fault in faults:
        tell(f"BROKEN: {fault}")
    if not faults:
        tell("Every promise held.")
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main())
