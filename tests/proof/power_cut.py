"""Power cuts: ``./adm python -m tests.proof.power_cut [--seeds N] [--json]``.

The system calls of a terminal's life (enrolment, enqueue, acknowledgement, purge) and of an office's (first start,
enrolment, intake, receipt) are recorded. For every prefix the worst disks that the fsyncs allow are built and opened
again: whatever was promised by then must be there, whole; nothing may be half; the queue must go on. And with one
precaution taken away the same must find what breaks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway import intake, parts, sweep
from gateway.rooms import Office as Gateway
from gateway.settings import Settings
from gateway.tables import Terminal
from offline_cache.api import CacheError
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.offline_cache.office import Office
from tests.proof.disk import VARIANTS, Disk, Name, Sync, Told
from tests.proof.look import WITH_PARTS, look
from tests.proof.quiet import quiet
from tests.proof.recording import Recording, record

PRECAUTIONS = ("file", "folder", "commit")
_SETTINGS = CacheSettings(retry_cap_s=0.2, probe_cap_s=0.1, disk_reserve=1)
Promises = list[dict[str, object]]


@dataclass
class Outcome:
    """``violations``: how often each was seen, over all disks."""

    side: str
    without: str
    calls: int
    fsyncs: int
    disks: int = 0
    sent: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    def line(self) -> str:
        """One line for a person."""
        what = f"{self.side}{f' without {self.without} sync' if self.without else ''}"
        worst = "; ".join(f"{count}x {text}" for text, count in self.violations.most_common(2))
        return (
            f"{what:<30} {self.calls:>4} calls, {self.fsyncs:>3} fsyncs, {self.disks:>5} disks, "
            f"{self.violations.total():>5} violations {worst}"
        )


def terminal_faults(office: Office, data: Path, promises: Promises, seen: set[object]) -> tuple[list[str], bool]:
    """What is wrong on one disk of a terminal, and whether its queue was sent (once for each state of the queue)."""
    try:
        open_cache(data, version="test", settings=_SETTINGS).close()
        found = look(data)
    except (CacheError, OSError) as error:
        return [f"it does not open: {error}"], False
    wrong = found.faults()
    told = _promised(promises)
    if "enrolled" in told and not found.next_seq:
        wrong.append("the enrolment is lost")
    reached = {name: set(told.get(name, [])) for name in ("queued", "received", "purged")}
    for submission_id in reached["queued"]:
        row = found.rows.get(submission_id)
        if row is None:
            wrong.append("a promised application is lost")
        elif submission_id in reached["received"] and row.state == "queued":
            wrong.append("a receipt is lost")
        elif submission_id in reached["purged"] and row.state != "purged":
            wrong.append("a purge is undone")
    if wrong:
        return wrong, False
    waiting = {row.submission_id for row in found.rows.values() if row.state in WITH_PARTS}
    state = tuple(sorted((row.submission_id, row.state) for row in found.rows.values()))
    if not found.next_seq or state in seen:
        return [], False
    seen.add(state)
    return _sending(office, data, waiting, len(found.rows)), True


def _sending(office: Office, data: Path, waiting: set[str], last_seq: int) -> list[str]:
    """Open it for an office that has forgotten all: everything that is here must go, and the next number too."""
    office.manifests.clear()
    office.parts.clear()
    office.receipts.clear()
    cache = open_cache(data, version="test", settings=_SETTINGS)
    try:
        shown = cache.last_shown()
        if last_seq and (shown is None or int(shown[0].split("-")[1]) != last_seq):
            return [f"the idle screen shows {shown} for {last_seq}"]
        draft = cache.begin_draft()
        cache.keep_page(draft, "kk", 0, b"one more", "image/jpeg")
        done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": "3279012304850007"})
        if done.seq != last_seq + 1:
            return [f"sequence {done.seq} after {last_seq}"]
        cache.start_sync(tuple, lambda: None)
        end = time.monotonic() + 20
        while waiting | {done.submission_id} != set(office.receipts) or cache.queue().queued:
            if time.monotonic() > end:
                return ["the queue does not go"]
            time.sleep(0.005)
    finally:
        cache.close()
    return []


def office_faults(data: Path, promises: Promises) -> list[str]:
    """What is wrong on one disk of an office."""
    try:
        office = Gateway.open(Settings(data))
    except Exception as error:  # whatever it is, it does not open
        return [f"it does not open: {type(error).__name__}"]
    try:
        sweep.sweep(office)
        with office.database.read() as session:
            found = [str(row[0]) for row in session.connection().exec_driver_sql("PRAGMA integrity_check")]
            terminal = session.query(Terminal).first()
        wrong = [f"database: {line}" for line in found if line != "ok"]
        told = _promised(promises)
        if "code" in told and terminal is None:
            return [*wrong, "a terminal is lost"]
        if "enrolled" in told and (terminal is None or terminal.public_key is None):
            return [*wrong, "an enrolment is lost"]
        if terminal is None or terminal.public_key is None:
            return wrong
        manifests = {str(p["announced"]): bytes.fromhex(str(p["manifest"])) for p in promises if "announced" in p}
        receipts = {str(p["of"]): bytes.fromhex(str(p["receipt"])) for p in promises if "receipt" in p}
        for promise in promises:
            if "part" in promise:
                wrong += _part_faults(office, terminal, promise, str(promise["of"]) in receipts)
        for submission_id, envelope in manifests.items():
            answer = intake.put(office, terminal, submission_id, envelope)
            if answer.new:
                wrong.append("an announced application is lost")
            if submission_id in receipts and answer.receipt != receipts[submission_id]:
                wrong.append("a receipt was given and the office does not know it")
        return wrong
    finally:
        office.database.close()


def _part_faults(office: Gateway, terminal: Terminal, promise: dict[str, object], received: bool) -> list[str]:
    sha256, data = str(promise["part"]), bytes.fromhex(str(promise["data"]))
    try:
        target = parts.find(office, terminal.id, sha256)
    except Exception:  # noqa: BLE001 - the row is not there
        return ["a part's row is lost"]
    here = parts.length(office, target)
    if here.offset < len(data):
        return ["an acknowledged byte of a part is lost"]
    if received and not (here.complete and office.store.prove(target.place, sha256)):
        return ["a part of a received application is not whole"]
    kept = next((file.read_bytes() for file in office.settings.data.rglob(f"{sha256}.*")), b"")
    return [] if kept[: len(data)] == data else ["an acknowledged byte of a part is another"]


def _promised(promises: Promises) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for promise in promises:
        for name, value in promise.items():
            found.setdefault(name, []).extend(map(str, value) if isinstance(value, list) else [str(value)])
    return found


def disks(
    recording: Recording, variants: Iterable[str | int], every: int, folder: Path
) -> Iterator[tuple[Path, Promises]]:
    """Each different disk once, with the most that had been promised when it could be found."""
    where: dict[str, tuple[int, str | int]] = {}
    room = folder / "disk"
    for count in range(len(recording.ops) + 1):
        last = recording.ops[count - 1] if count else None
        if every > 1 and count % every and not isinstance(last, Sync | Told | Name):
            continue
        disk = Disk(recording.root, recording.ops[:count])
        for variant in variants:
            chosen = f"{variant}/{count}" if isinstance(variant, int) else variant
            disk.build(chosen, room)
            where[_spelled(room)] = count, chosen
            shutil.rmtree(room)
    for count, chosen in where.values():
        disk = Disk(recording.root, recording.ops[:count])
        disk.build(chosen, room)
        yield room, disk.promises
        shutil.rmtree(room, ignore_errors=True)


def _spelled(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def prove(side: str, without: str, variants: Iterable[str | int], every: int = 1, *, to_first: bool = False) -> Outcome:
    """Record one life and look at every disk that a cut may leave.

    ``every``: of the calls between two that order something, look after each so-manieth. ``to_first``: one violation
    is enough.
    """
    began = time.monotonic()
    office = Office()
    seen: set[object] = set()
    with tempfile.TemporaryDirectory(prefix="adm-", dir=memory()) as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        words = [sys.executable, "-m", "tests.proof.recorded", side, str(folder / "data"), str(folder / "promises")]
        recording = record(
            [*words, "--without", without, "--code", office.code()],
            folder / "data", folder / "promises", folder / "log",
        )  # fmt: skip
        outcome = Outcome(side, without, len(recording.ops), recording.fsyncs)
        for room, promises in disks(recording, list(variants), every, folder):
            outcome.disks += 1
            if side == "terminal":
                wrong, sent = terminal_faults(office, room, promises, seen)
                outcome.sent += sent
            else:
                wrong = office_faults(room, promises)
            outcome.violations.update(set(wrong))
            if wrong and to_first:
                break
    office.close()
    outcome.took_s = time.monotonic() - began
    return outcome


def memory() -> str | None:
    """The rebuilt disks lie in memory where there is some: their own fsyncs prove nothing and take time."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own is made in it


def main(tell: Callable[[str], object] = print) -> int:
    """Print a line for each life; 1 when a promise was broken or a missing precaution not found."""
    quiet()
    parser = argparse.ArgumentParser(description="Power cuts after every system call.")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the lines")
    given = parser.parse_args()
    outcomes: list[Outcome] = []
    for side in ("terminal", "office"):
        for without in ("", *PRECAUTIONS):
            seeds = range(given.seeds if not without else 1)
            outcomes.append(prove(side, without, (*VARIANTS, *seeds), 1 if not without else 8))
            if not given.json:
                tell(outcomes[-1].line())
    missed = [one for one in outcomes if bool(one.violations) is not bool(one.without)]
    whole = [one for one in outcomes if not one.without]
    summary = (
        f"power_cut: {sum(one.calls for one in whole)} calls, {sum(one.disks for one in whole)} disks, "
        f"{sum(one.violations.total() for one in whole)} violations; "
        f"{sum(bool(one.violations) for one in outcomes if one.without)} of {len(outcomes) - len(whole)} "
        f"removed precautions caught"
    )
    if given.json:
        tell(json.dumps({"summary": summary, "ok": not missed, "outcomes": [
            {"side": one.side, "without": one.without, "calls": one.calls, "fsyncs": one.fsyncs, "disks": one.disks,
             "violations": dict(one.violations), "seconds": round(one.took_s, 1)} for one in outcomes]}))  # fmt: skip
    else:
        tell(summary)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
