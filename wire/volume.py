"""A courier's volume as bytes: a plain tar (ustar) of files in the order of its index, and nothing else.

Any tar lists and opens it. Our reader takes less than a tar may hold: names and sizes come from the signed index alone,
in its order; a link, a folder, another name or size is no file of the volume. So a damaged stretch costs the files that
it touches and nothing after them.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator

from wire.courier import INDEX, MAX_INDEX_BYTES, Index, Packet

BLOCK = 512
END = bytes(2 * BLOCK)
_SKIP = 64 * 1024
_OCTAL = re.compile(rb"[0-7]{1,11}")


class VolumeError(ValueError):
    """What stands here is not what the index says; the files after it can still be read."""


class EndedError(VolumeError):
    """The volume ends before this: it was cut."""


def header(name: str, size: int) -> bytes:
    """The block before a file."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)


def padding(size: int) -> bytes:
    """What fills a file up to whole blocks."""
    return bytes(-size % BLOCK)


def room(size: int) -> int:
    """Bytes that a file of that size takes in a volume."""
    return BLOCK + size + -size % BLOCK


def files(packet: Packet) -> Iterator[tuple[str, str, int]]:
    """Name, SHA-256 and size of each file of a packet, in order: the manifest first."""
    yield f"{packet.submission_id}.json", packet.manifest_sha256, packet.manifest_bytes
    for part in packet.parts:
        yield f"{part.sha256}.age", part.sha256, part.bytes


def length(index_bytes: int, index: Index) -> int:
    """Bytes of a whole volume."""
    inside = sum(room(size) for packet in index.packets for _, _, size in files(packet))
    return room(index_bytes) + inside + len(END)


class Reader:
    """Reads a volume from front to back. ``read(n)``: up to n bytes, none at the end; its OSError passes through."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def index(self) -> bytes:
        """The bytes of the index, the first file. Raises VolumeError."""
        size = _announced(self._exactly(BLOCK), INDEX)
        if size is None or not 0 < size <= MAX_INDEX_BYTES:
            raise VolumeError("no index stands first")
        data = self._exactly(size)
        self._exactly(-size % BLOCK)
        return data

    def file(self, name: str, size: int) -> bytes:
        """The next file, which must have this name and size. Raises VolumeError, and is past it then all the same."""
        block = self._exactly(BLOCK)
        if _announced(block, name) != size:
            self._pass(size + -size % BLOCK)
            raise VolumeError(f"{name} does not stand here")
        data = self._exactly(size)
        self._exactly(-size % BLOCK)
        return data

    def skip(self, size: int) -> None:
        """Pass over the next file without looking at it. Raises EndedError."""
        self._pass(room(size))

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            block = self._read(count - len(data))
            if not block:
                raise EndedError("the volume ends early")
            data += block
        return bytes(data)

    def _pass(self, count: int) -> None:
        while count:
            count -= len(self._exactly(min(count, _SKIP)))


def _announced(block: bytes, name: str) -> int | None:
    """The size of the plain file ``name`` that this header announces, or None when it announces anything else."""
    size, told = _octal(block[124:136]), _octal(block[148:156])
    summed = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
    plain = block[156:157] in (b"0", b"\0") and block[257:262] == b"ustar" and not any(block[345:500])
    named = block[:100].rstrip(b"\0") == name.encode()
    return size if plain and named and told == summed else None


def _octal(field: bytes) -> int | None:
    digits = field.strip(b" \0")
    return int(digits, 8) if _OCTAL.fullmatch(digits) else None
