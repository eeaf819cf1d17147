"""The rows of the terminal's disk: what a press costs beside the bare writes and fsyncs that it cannot do without.

The floor of a press, measured in turn with it in the same folder, is one sealed file (write, fsync, rename, fsync of
the folder) and one commit (as many bytes as this press appended to the index' log, written at a log's end and synced):
three syncs, which is what sync-notes §4.5 allows no power-safe program to go below, and no work between them.
"""

from __future__ import annotations

import os
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
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

    def press(self, file: bytes, logged: bytes) -> float:
        """One file and one commit; the seconds it took."""
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
        os.write(self._log, logged)
        os.fdatasync(self._log)
        return time.perf_counter() - began

    def close(self) -> None:
        os.close(self._log)


def _presses(folder: Path, times: int) -> list[Row]:
    office, raw = Office(), _Raw(folder / "raw")
    cache = open_cache(folder / "presses", version="benchmark", settings=_SETTINGS)
    log = folder / "presses" / "index.db-wal"
    page = load.page(_PAGE)
    keep, keep_raw, send, send_raw = list[float](), list[float](), list[float](), list[float]()
    logged = {"keep": 0, "send": 0}
    try:
        cache.enrol(office.code())
        for turn in range(times + 2):
            draft = cache.begin_draft()
            cache.foresee(load.FORM["nik"])
            for number in range(_PAGES):
                took, grown = _timed(log, lambda d=draft, n=number: cache.keep_page(d, "kk", n + 1, page, "image/jpeg"))
                logged["keep"] = grown or logged["keep"]
                if turn > 1:  # the first turns fill caches
                    keep.append(took)
                    keep_raw.append(raw.press(page, bytes(logged["keep"])))
            _foreseen()
            took, grown = _timed(log, lambda d=draft: cache.submit(d, "KTP-HILANG", 1, "id", load.FORM))
            logged["send"] = grown or logged["send"]
            if turn > 1:
                send.append(took)
                send_raw.append(raw.press(page[:1200], bytes(logged["send"])))
    finally:
        cache.close()
        office.close()
        raw.close()
    return [
        _press(
            "send", "send pressed with five pages sealed: form sealed, manifest signed, row, commit", send, send_raw
        )(1.3, logged["send"], 1200),
        _press("keep", "keep pressed: a page of 150 kB sealed, written, drafted", keep, keep_raw)(
            1.5, logged["keep"], _PAGE
        ),
    ]


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


def _press(name: str, what: str, took: list[float], raw: list[float]) -> Callable[[float, int, int], Row]:
    def row(must: float, logged: int, file: int) -> Row:
        ours, floor = statistics.median(took), statistics.median(raw)
        late = sorted(took)[int(0.95 * len(took))] / sorted(raw)[int(0.95 * len(raw))]
        note = (
            f"floor: {file} B file, {logged} B log, 3 syncs; {len(took)} presses in turn, medians; 95th percentiles "
            f"{late:.2f}; beside the floor {1000 * (ours - floor):.2f} ms of work"
        )
        measured, against = f"{1000 * ours:.2f} ms", f"bare writes {1000 * floor:.2f} ms"
        return Row(name, what, measured, against, ours / floor, must, notes=(note,))

    return row


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
