"""The rows of the terminal's disk: what a press costs beside the bare writes and fsyncs that it cannot do without.

The floors, measured before and after each press by turns, in the same folder, are bare writes with no work between. Of
keep: one file (write, fsync, rename, fsync of the folder), since which page of a draft is where stands in memory. Of
send: such a file for the form and one commit (as many bytes as this press appended to the index' log, written at a
log's end and synced): three syncs, which sync-notes §4.5 allows no power-safe program to go below. A press of send that
was foreseen has the form's file behind it and may go below; the second note gives both without anything foreseen.
"""

from __future__ import annotations

import os
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from offline_cache.api import Cache
from offline_cache.cache import open_cache
from offline_cache.identity import Identities
from offline_cache.outbox import Outbox
from offline_cache.settings import CacheSettings
from offline_cache.sync.window import Window
from tests.benchmarks import load
from tests.benchmarks.fill import fill
from tests.benchmarks.table import Row
from tests.offline_cache.office import Office

NAMES = ("send", "keep", "queue")
_PAGE = 150_000
_PAGES = 5
_FORM = 1200  # bytes of a sealed form
_MANY, _FEW = 100_000, 100
_DISK = "/var/tmp"  # not /tmp, which may be memory
_SETTINGS = CacheSettings(disk_reserve=1)


def measure(names: list[str], *, quick: bool) -> list[Row]:
    """The rows of those names."""
    made: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="adm-disk-", dir=_DISK) as folder:
        if "send" in names or "keep" in names:
            rows = _presses(Path(folder), 20 if quick else 100)
            made += [row for row in rows if row.name in names]
        if "queue" in names:
            made.append(_queue(Path(folder), 20_000 if quick else _MANY, 20 if quick else 60))
    return made


class _Raw:
    """The floor: a file and a log on the same disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def press(self, file: bytes, logged: bytes) -> tuple[float, float]:
        """One file and one commit (b"" = none): the seconds that both took, and the commit alone."""
        began = time.perf_counter()
        temporary = self._folder / "new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, file)
        os.fsync(descriptor)
        os.close(descriptor)
        temporary.rename(self._folder / secrets.token_hex(16))
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(descriptor)
        os.close(descriptor)
        half = time.perf_counter()
        if logged:
            os.write(self._log, logged)
            os.fdatasync(self._log)
        end = time.perf_counter()
        return end - began, end - half

    def close(self) -> None:
        os.close(self._log)


@dataclass
class _Took:
    """Seconds of one kind of press. ``ahead``: with what the station does while the resident looks, ``cold``: without.

    ``floor``: its file and its commit, ``commit``: that alone. ``logged``: bytes of the commit.
    """

    ahead: list[float] = field(default_factory=list[float])
    cold: list[float] = field(default_factory=list[float])
    floor: list[float] = field(default_factory=list[float])
    commit: list[float] = field(default_factory=list[float])
    logged: int = 0

    def press(self, log: Path, raw: _Raw, file: bytes, act: Callable[[], object], *, ahead: bool, count: bool) -> None:
        """Time ``act`` and the floor, one before the other by turns."""
        first = count and len(self.floor) % 4 > 1
        if first:
            self._bare(raw, file)
        took, grown = _timed(log, act)
        self.logged = max(self.logged, grown)  # a log that began anew grows by less than was written
        if count:
            (self.ahead if ahead else self.cold).append(took)
            if not first:
                self._bare(raw, file)

    def _bare(self, raw: _Raw, file: bytes) -> None:
        floor, commit = raw.press(file, bytes(self.logged))
        self.floor.append(floor)
        self.commit.append(commit)


def _presses(folder: Path, times: int) -> list[Row]:
    office, raw = Office(), _Raw(folder / "raw")
    cache = open_cache(folder / "presses", version="benchmark", settings=_SETTINGS)
    log = folder / "presses" / "index.db-wal"
    keep, send = _Took(), _Took()
    try:
        cache.enrol(office.code())
        for turn in range(2 * times + 2):  # the first turns fill caches
            draft, ahead, count = cache.begin_draft(), turn % 2 == 0, turn > 1
            cache.foresee(load.FORM["nik"])
            for number in range(_PAGES):
                page = load.page(_PAGE)
                if ahead:
                    cache.seal_ahead(draft, page)
                keep.press(log, raw, page, partial(_keep, cache, draft, number + 1, page), ahead=ahead, count=count)
            _foreseen()
            if ahead:
                cache.prepare(draft, "KTP-HILANG", 1, "id", load.FORM)
            send.press(log, raw, bytes(_FORM), partial(_send, cache, draft), ahead=ahead, count=count)
    finally:
        cache.close()
        office.close()
        raw.close()
    return [
        _row("send", "send pressed, five pages sealed (form sealed, manifest signed at the review)", send, 1.3, _FORM),
        _row("keep", "keep pressed: a page of 150 kB written, drafted (sealed at the look at it)", keep, 1.5, _PAGE),
    ]


def _keep(cache: Cache, draft: str, number: int, page: bytes) -> None:
    cache.keep_page(draft, "kk", number, page, "image/jpeg")


def _send(cache: Cache, draft: str) -> None:
    cache.submit(draft, "KTP-HILANG", 1, "id", load.FORM)


def _foreseen() -> None:
    """The resident looks at the review for a while: what was begun beforehand has ended by the press."""
    for thread in threading.enumerate():
        if thread.name == "tag":
            thread.join()


def _timed(log: Path, act: Callable[[], object]) -> tuple[float, int]:
    """The seconds that ``act`` took, and the bytes it appended to the log (0 when the log began anew)."""
    before = log.stat().st_size
    began = time.perf_counter()
    act()
    took = time.perf_counter() - began
    return took, max(0, log.stat().st_size - before)


def _row(name: str, what: str, took: _Took, must: float, file: int) -> Row:
    ours, cold, floor, commit = map(statistics.median, (took.ahead, took.cold, took.floor, took.commit))
    late = sorted(took.ahead)[int(0.95 * len(took.ahead))] / sorted(took.floor)[int(0.95 * len(took.floor))]
    syncs = f"{took.logged} B log, 3 syncs" if took.logged else "2 syncs"
    note = (
        f"floor: {file} B file, {syncs}; {len(took.ahead)} presses in turn, medians; 95th "
        f"percentiles {late:.2f}; beside the floor {1000 * (ours - floor):.2f} ms of work"
    )
    other = (
        f"with nothing done while the resident looks: {1000 * cold:.2f} ms = {cold / floor:.2f} x the same floor"
        + (f"; the commit alone, written bare: {1000 * commit:.2f} ms" if took.logged else "")
    )
    measured, against = f"{1000 * ours:.2f} ms", f"bare writes {1000 * floor:.2f} ms"
    return Row(name, what, measured, against, ours / floor, must, notes=(note, other))


class _Index:
    """A cache with so many submissions in its index."""

    def __init__(self, folder: Path, office: Office, count: int) -> None:
        cache = open_cache(folder, version="benchmark", settings=_SETTINGS)
        cache.enrol(office.code())
        cache.close()
        fill(folder, count)
        self.cache: Cache = open_cache(folder, version="benchmark", settings=_SETTINGS)
        outbox: Outbox = self.cache._outbox  # pyright: ignore[reportAttributeAccessIssue]  # the protocol hides it  # the engine's own
        identities: Identities = self.cache._identities  # pyright: ignore[reportAttributeAccessIssue]  # the protocol hides it
        me = identities.current()
        assert me is not None
        self._me, self._window = me, Window(outbox)

    def enqueue(self) -> float:
        """What the station asks at a press of send: the queue's state, then the submission."""
        draft = self.cache.begin_draft()
        self.cache.foresee(load.FORM["nik"])
        self.cache.keep_page(draft, "kk", 1, load.page(3000), "image/jpeg")
        _foreseen()
        began = time.perf_counter()
        self.cache.queue()
        self.cache.submit(draft, "KTP-HILANG", 1, "id", load.FORM)
        return time.perf_counter() - began

    def next(self) -> float:
        """What the engine does when it is woken: look into the index, choose."""
        began = time.perf_counter()
        self._window.refill(self._me)
        assert self._window.next(parts=True) is not None
        return time.perf_counter() - began


def _queue(folder: Path, many: int, times: int) -> Row:
    offices = [Office(), Office()]
    few = _Index(folder / "few", offices[0], _FEW)
    full = _Index(folder / "many", offices[1], many)
    took: dict[str, list[float]] = {"few": [], "many": [], "few next": [], "many next": []}
    try:
        for turn in range(times + 2):
            for name, index in (("few", few), ("many", full)):
                enqueued, chosen = index.enqueue(), index.next()
                if turn > 1:
                    took[name].append(enqueued)
                    took[f"{name} next"].append(chosen)
    finally:
        for index, office in ((few, offices[0]), (full, offices[1])):
            index.cache.close()
            office.close()
    middle = {name: statistics.median(values) for name, values in took.items()}
    ratio = (middle["many"] + middle["many next"]) / (middle["few"] + middle["few next"])
    note = (
        f"enqueue {1000 * middle['many']:.2f} against {1000 * middle['few']:.2f} ms, next to send "
        f"{1000 * middle['many next']:.2f} against {1000 * middle['few next']:.2f} ms; {times} in turn, medians"
    )
    return Row(
        "queue",
        f"enqueue and next-to-send with {many} queued submissions in the index",
        f"{1000 * (middle['many'] + middle['many next']):.2f} ms",
        f"with {_FEW}: {1000 * (middle['few'] + middle['few next']):.2f} ms",
        ratio,
        1.2,
        notes=(note,),
    )
