"""The messages between the station and the capture child: a length, a JSON object, then raw blobs.

One frame on the socket: 4 bytes length of the JSON (big endian), the JSON object, then as many blobs as its key
``blobs`` lists lengths. No pickle: neither end can make the other run code.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from typing import cast

MAX_HEAD = 1 << 20
MAX_BLOB = 64 << 20
_LENGTH = struct.Struct(">I")


class BadMessage(Exception):
    """The other end sent something that is no message, or closed in the middle of one."""


def send(
    sock: socket.socket, head: Mapping[str, object], blobs: Sequence[bytes] = (), deadline: float | None = None
) -> None:
    """Send one message. Raises OSError when the other end is gone, TimeoutError after ``deadline`` (monotonic s)."""
    text = json.dumps({**head, "blobs": [len(blob) for blob in blobs]}, allow_nan=False).encode()
    _limit(sock, deadline)
    sock.sendall(b"".join((_LENGTH.pack(len(text)), text, *blobs)))


def receive(sock: socket.socket, deadline: float | None = None) -> tuple[dict[str, object], list[bytes]]:
    """The next message and its blobs. Raises EOFError at a clean end, BadMessage, OSError or TimeoutError."""
    first = _exactly(sock, _LENGTH.size, deadline, at_start=True)
    (length,) = cast("tuple[int]", _LENGTH.unpack(first))
    if length > MAX_HEAD:
        raise BadMessage(f"head of {length} bytes")
    try:
        head: object = json.loads(_exactly(sock, length, deadline))
    except ValueError:
        raise BadMessage("head is no JSON") from None
    if not isinstance(head, dict):
        raise BadMessage("head is no object")
    fields = cast("dict[str, object]", head)
    lengths = fields.pop("blobs", None)
    if not isinstance(lengths, list):
        raise BadMessage("no list of blobs")
    blobs: list[bytes] = []
    for size in cast("list[object]", lengths):
        if not isinstance(size, int) or not 0 <= size <= MAX_BLOB:
            raise BadMessage(f"blob of {size} bytes")
        blobs.append(_exactly(sock, size, deadline))
    return fields, blobs


def _limit(sock: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        sock.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)


def _exactly(sock: socket.socket, count: int, deadline: float | None, *, at_start: bool = False) -> bytes:
    held = bytearray(count)
    view = memoryview(held)
    have = 0
    while have < count:
        _limit(sock, deadline)
        got = sock.recv_into(view[have:], count - have)
        if got == 0:
            if at_start and have == 0:
                raise EOFError
            raise BadMessage("closed in the middle of a message")
        have += got
    return bytes(held)
