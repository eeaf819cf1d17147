"""Writing one volume of the courier to a stick, and reading it back before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from offline_cache import durable
from offline_cache.api import CacheError
from offline_cache.courier_queue import CourierQueue
from offline_cache.identity import Enrolled
from offline_cache.parts import Parts
from wire import canon, ids, volume
from wire.courier import CONTEXT, INDEX, SUFFIX, Index

_SYNC_EVERY = 4 * 1024 * 1024


class Writer:
    """Writes volumes into ``folder``. ``moved``: told the bytes of each file that is written, and again when proved."""

    def __init__(self, folder: Path, queue: CourierQueue, parts: Parts, moved: Callable[[int], None]) -> None:
        self._folder, self._queue, self._parts, self._moved = folder, queue, parts, moved

    def write(self, me: Enrolled, index: Index) -> tuple[str, int]:
        """Write the volume and prove it; its name and size. Raises CacheError; OSError of the stick."""
        signed = canon.sign(index.plain(), me.key, me.terminal, CONTEXT)
        path = self._folder / f"{index.name()}{SUFFIX}"
        durable.write_blocks(path, self._blocks(signed, index), sync_every=_SYNC_EVERY)
        if not self._holds(path, signed, index):
            durable.remove([path])
            raise CacheError("stick_broken", "a volume reads back otherwise than it was written")
        return path.name, volume.length(len(signed), index)

    def _blocks(self, signed: bytes, index: Index) -> Iterator[bytes]:
        yield volume.header(INDEX, len(signed)) + signed + volume.padding(len(signed))
        for packet in index.packets:
            for name, sha256, size in volume.files(packet):
                data = self._content(packet.submission_id, name, sha256)
                if len(data) != size or ids.sha256(data) != sha256:
                    raise CacheError("cache_broken", "a sealed file changed while it was copied")
                yield volume.header(name, size)
                yield data
                yield volume.padding(size)
                self._moved(size)
        yield volume.END

    def _content(self, submission_id: str, name: str, sha256: str) -> bytes:
        if name.endswith(".json"):
            kept = self._queue.kept(submission_id)
            return b"" if kept is None else kept.manifest
        try:
            return self._parts.path(sha256).read_bytes()
        except OSError as error:  # not the stick's
            raise CacheError("cache_broken", f"a sealed file: {error.strerror}") from error

    def _holds(self, path: Path, signed: bytes, index: Index) -> bool:
        with durable.from_the_disk(path) as file:
            reader = volume.Reader(file.read)
            try:
                if reader.index() != signed:
                    return False
                for packet in index.packets:
                    for name, sha256, size in volume.files(packet):
                        if ids.sha256(reader.file(name, size)) != sha256:
                            return False
                        self._moved(size)
            except volume.VolumeError:
                return False
            return path.stat().st_size == volume.length(len(signed), index)
