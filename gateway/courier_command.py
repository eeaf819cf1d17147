"""``gateway courier import PATH...``: sticks, their folders, or single volumes; the answers are written beside them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway import courier
from gateway.rooms import Office, iso
from gateway.store import StoreError, durable
from wire.courier import FOLDER, RECEIPTS_SUFFIX, SUFFIX, UNREADABLE


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file and what became of it. ``reason``: why nothing of it was taken, or "". ``unwritten``: no answer."""

    path: Path
    imported: courier.Imported | None
    reason: str = ""
    unwritten: str = ""

    @property
    def whole(self) -> bool:
        """Nothing of the file stayed out, and its answer is written."""
        return self.imported is not None and not self.imported.refused and not self.unwritten

    def plain(self) -> dict[str, object]:
        """The outcome as JSON."""
        done = self.imported
        if done is None:
            return {"file": str(self.path), "taken": False, "reason": self.reason}
        return {
            "file": str(self.path),
            "taken": True,
            "terminal": done.code,
            "volume": done.volume,
            "volumes": done.volumes,
            "received": done.received,
            "refused": [{"submission_id": one.submission_id, "problem": one.problem} for one in done.refused],
            "imported_at": iso(done.imported_at),
            "again": done.again,
            "answer": "" if self.unwritten else str(self.path.with_suffix(RECEIPTS_SUFFIX)),
            "reason": self.unwritten,
        }

    def line(self) -> str:
        """The outcome for people."""
        done = self.imported
        if done is None:
            return f"{self.path.name}: not taken. {self.reason}"
        again = f", as on {iso(done.imported_at)}" if done.again else ""
        words = f"{self.path.name}: {done.received} received{again}, volume {done.volume} of {done.volumes}"
        words += "".join(f"\n    refused {one.submission_id}: {one.problem}" for one in done.refused)
        return words + (f"\n    the answer could not be written: {self.unwritten}" if self.unwritten else "")


def run(office: Office, paths: Sequence[Path], as_json: bool) -> int:
    """Take in every volume; 0 when all of it was received and answered, 1 otherwise.

    Raises ValueError: no volume; StoreError: what was taken is kept, the rest comes when it is taken in again.
    """
    files = [file for path in paths for file in volumes(path)]
    if not files:
        raise ValueError(f"no courier volume (*{SUFFIX}) there")
    outcomes: list[Outcome] = []
    for file in files:
        outcomes.append(_one(office, file))
        if not as_json:
            print(outcomes[-1].line(), flush=True)
    if as_json:
        print(json.dumps([outcome.plain() for outcome in outcomes], indent=2))
    return 0 if all(outcome.whole for outcome in outcomes) else 1


def volumes(path: Path) -> Iterator[Path]:
    """The volumes that a path names: itself, those in it, or those in its courier's folder. Raises OSError."""
    if not path.is_dir():
        yield path
        return
    folder = path / FOLDER if (path / FOLDER).is_dir() else path
    yield from sorted(file for file in folder.iterdir() if file.suffix == SUFFIX and not file.name.startswith("."))


def _one(office: Office, file: Path) -> Outcome:
    try:
        with file.open("rb") as opened:
            done = courier.take(office, opened.read, file.name)
    except courier.VolumeRefusedError as error:
        return Outcome(file, None, error.reason)
    except StoreError:  # not the stick's fault: an OSError too, and for who called
        raise
    except OSError as error:
        print(f"gateway: {file}: {error.strerror}", file=sys.stderr)
        return Outcome(file, None, UNREADABLE)
    try:
        durable.write_over(file.with_suffix(RECEIPTS_SUFFIX), done.answer)
    except OSError as error:
        return Outcome(file, done, unwritten=error.strerror or "unknown")
    return Outcome(file, done)
