"""The courier: the queue leaves on a USB stick, and the office's receipts come back on it (``wire.courier``).

Sealed files are copied as they are; nothing here can read them. The state of the queue moves by receipts alone.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from offline_cache import clock, durable
from offline_cache.api import CacheError, Exported, Stick, Taken
from offline_cache.courier_answers import Answers, UnfitError
from offline_cache.courier_queue import CourierQueue, Waiting
from offline_cache.courier_volume import Writer
from offline_cache.database import Database
from offline_cache.identity import Identities
from offline_cache.outbox import Outbox
from offline_cache.parts import Parts
from wire import ids, volume
from wire.courier import FOLDER, MAX_PACKETS, MAX_VOLUME_BYTES, PARTLY, RECEIPTS_SUFFIX, SUFFIX, Index, read_index

_MARGIN = 1024 * 1024
"""Bytes of a stick that stay free."""
_VOLUME_ROOM = 256 * 1024
"""What a volume takes beside its files: its index' frame, and the file system's rounding."""
_INDEX_PACKET, _INDEX_PART = 300, 120
"""Most that a submission and a part of it take in the index."""


@dataclass(slots=True)
class _Load:
    """What goes into one volume. ``cost``: bytes on the stick, at most."""

    identity: int
    packets: list[Waiting] = field(default_factory=list[Waiting])
    cost: int = _VOLUME_ROOM


class Courier:
    """One errand at a time. ``sticks``: each folder in it is a stick. ``most``: bytes that a volume stays below."""

    def __init__(
        self,
        sticks: Path,
        database: Database,
        identities: Identities,
        parts: Parts,
        outbox: Outbox,
        most: int = MAX_VOLUME_BYTES,
    ) -> None:
        self._sticks, self._identities, self._parts, self._most = sticks, identities, parts, most
        self._queue = CourierQueue(database)
        self._answers = Answers(self._queue, outbox, identities)
        self._turn = threading.Lock()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """The cache is closing: a copy under way ends at its next file."""
        self._stopping.set()

    def stick(self) -> Stick | None:
        """See ``api.Cache``."""
        return max(self._all(), key=lambda one: (one.receipts > 0, one.free), default=None)

    def export(self, moved: Callable[[float], None]) -> Exported:
        """See ``api.Cache``."""
        stick = self.stick()
        if stick is None:
            raise CacheError("stick_missing", "no stick is plugged in")
        return self.export_to(stick.path, moved)

    def export_to(self, stick: Path, moved: Callable[[float], None]) -> Exported:
        """The same, to a folder that stands for a stick."""
        with self._turn, _stick_faults(stick):
            return self._export(stick, moved)

    def take(self) -> Taken:
        """See ``api.Cache``."""
        sticks = self._all()
        if not sticks:
            raise CacheError("stick_missing", "no stick is plugged in")
        return self.take_from([stick.path for stick in sticks])

    def take_from(self, sticks: Iterable[Path]) -> Taken:
        """The same, from folders that stand for sticks."""
        with self._turn:
            received = quarantined = 0
            refused: list[tuple[str, str]] = []
            for path in (path for stick in sticks for path in _files(stick / FOLDER, RECEIPTS_SUFFIX)):
                try:
                    settled = self._answers.take(path)
                except UnfitError as error:
                    refused.append((path.name, error.reason))
                    continue
                received, quarantined = received + settled.received, quarantined + settled.quarantined
                if settled.strange:
                    refused.append((path.name, PARTLY))
                else:
                    self._clear([path, *self._spent([path.with_suffix(SUFFIX)])])
            return Taken(received, quarantined, tuple(refused))

    def _all(self) -> list[Stick]:
        """Every stick that can be read. A folder that nothing is mounted on is root's, and none of ours."""
        ours = {me.answer.code for me in self._identities.every()}
        found: list[Stick] = []
        try:
            for path in sorted(self._sticks.iterdir()):
                if path.is_dir() and os.access(path, os.R_OK | os.X_OK):
                    free = shutil.disk_usage(path).free
                    answers = [one for one in _files(path / FOLDER, RECEIPTS_SUFFIX) if one.name[:3] in ours]
                    found.append(Stick(path, free, len(answers)))
        except OSError:
            pass  # no folder of sticks, or one that was pulled out at this moment
        return found

    def _export(self, stick: Path, moved: Callable[[float], None]) -> Exported:
        waiting = self._queue.waiting()
        total = sum(size for one in waiting for _, _, size in volume.files(one.packet)) * 3
        done = 0

        def step(size: int) -> None:
            nonlocal done
            if self._stopping.is_set():
                raise CacheError("cache_broken", "the cache is closing")
            done += size
            moved(min(1.0, done / total))

        folder = stick / FOLDER
        whole = [one for one in waiting if self._sound(one, step)]
        broken = len(waiting) - len(whole)
        durable.make_folder(folder)
        durable.sweep_temporary(folder)
        loads, left = self._plan(whole, shutil.disk_usage(stick).free - _MARGIN)
        if left and not loads:
            raise CacheError("stick_full", "not one submission fits")
        known = {me.row: me for me in self._identities.every()}
        writer, export, made_at = Writer(folder, self._queue, self._parts, step), ids.uuid7(), clock.wall()
        names: list[str] = []
        size = 0
        self._queue.note_leaving(export)
        for place, load in enumerate(loads, 1):
            me = known[load.identity]
            index = Index(
                export=export,
                terminal=me.terminal,
                code=me.answer.code,
                made_at=made_at,
                volume=place,
                volumes=len(loads),
                packets=tuple(one.packet for one in load.packets),
            )
            name, written = writer.write(me, index)
            names.append(name)
            size += written
        if names and not left and not broken:
            older = (path for path in _files(folder, SUFFIX) if path.name not in names)
            self._clear(self._spent(older))
        moved(1.0)
        return Exported(sum(len(load.packets) for load in loads), size, tuple(names), left, broken)

    def _sound(self, one: Waiting, step: Callable[[int], None]) -> bool:
        """Whether all of a submission is here as its manifest says."""
        sound = True
        for part in one.packet.parts:
            try:
                sound = sound and ids.sha256(self._parts.path(part.sha256).read_bytes()) == part.sha256
            except OSError:
                sound = False
            step(part.bytes)
        step(one.packet.manifest_bytes)
        return sound

    def _plan(self, whole: list[Waiting], free: int) -> tuple[list[_Load], int]:
        """Which submission goes into which volume, oldest first, and how many find no room."""
        loads: list[_Load] = []
        left = 0
        for one in whole:
            cost = sum(volume.room(size) + _INDEX_PART for _, _, size in volume.files(one.packet)) + _INDEX_PACKET
            last = loads[-1] if loads else None
            full = last is None or last.cost + cost > self._most or len(last.packets) == MAX_PACKETS
            if last is None or full or last.identity != one.identity:
                if free < _VOLUME_ROOM + cost or len(loads) == 999:
                    left += 1
                    continue
                last = _Load(one.identity)
                loads.append(last)
                free -= _VOLUME_ROOM
            elif free < cost:
                left += 1
                continue
            last.packets.append(one)
            last.cost += cost
            free -= cost
        return loads, left

    def _spent(self, paths: Iterable[Path]) -> list[Path]:
        """Those volumes of which we have every submission: acknowledged, or written anew. Never another terminal's."""
        ours = {me.terminal for me in self._identities.every()}
        spent: list[Path] = []
        for path in paths:
            try:
                with path.open("rb") as file:
                    _, index = read_index(volume.Reader(file.read).index())
            except (OSError, ValueError):
                continue
            if index.terminal in ours and all(self._queue.kept(each.submission_id) for each in index.packets):
                spent.append(path)
        return spent

    def _clear(self, paths: list[Path]) -> None:
        try:
            durable.remove(paths)
        except OSError:
            pass  # a stick that is locked or gone: it is heard as "taken already" the next time


def _files(folder: Path, suffix: str) -> list[Path]:
    """The courier's files of that kind in a folder, in order; what a desk computer hides there is none."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == suffix and not path.name.startswith("."))
    except OSError:
        return []


@contextmanager
def _stick_faults(path: Path) -> Generator[None]:
    """What goes wrong on the stick, in the words of the catalogue."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise CacheError("stick_full", f"{error.strerror}") from error
        gone = error.errno in (errno.ENODEV, errno.ENXIO) or not os.access(path, os.R_OK | os.X_OK)
        code = "stick_missing" if gone else "stick_unwritable"
        raise CacheError(code, f"{type(error).__name__}: {error.strerror}") from error
