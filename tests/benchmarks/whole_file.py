"""The peer of the line's benchmarks: one multipart POST of the whole file, as MOSIP's and ODK's clients send it.

It is given every advantage that has nothing to do with resuming: the socket settings of our own client, a body that is
streamed from a file, and a new try at once after each failure. ``python -m tests.benchmarks.whole_file URL CA BYTES``.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import requests
from requests.adapters import HTTPAdapter

from tests.benchmarks import load

_EDGE = "----------------------------adm"
_HEAD = (
    f'--{_EDGE}\r\nContent-Disposition: form-data; name="file"; filename="page.age"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
_TAIL = f"\r\n--{_EDGE}--\r\n".encode()
# Those of sync-notes §3.3.
_SOCKET_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 9000),
    (socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024),
    (socket.IPPROTO_TCP, 25, 8 * 1024),
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
]


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, socket_options=_SOCKET_OPTIONS)


class _Body:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size

    def __len__(self) -> int:
        return len(_HEAD) + self._size + len(_TAIL)

    def __iter__(self) -> Iterator[bytes]:
        yield _HEAD
        self._file.seek(0)
        while block := self._file.read(4096):
            yield block
        yield _TAIL


def main(url: str, ca: str, size: int) -> None:
    """Say that we are ready; at the next line of input send until it is taken; say how long that took."""
    with tempfile.TemporaryFile() as file, requests.Session() as session:
        file.write(load.page(size))
        session.trust_env = False
        session.verify = ca
        session.mount("https://", _Adapter())
        print(json.dumps({"ready": True}), flush=True)
        sys.stdin.readline()
        began = time.monotonic()
        headers = {"Content-Type": f"multipart/form-data; boundary={_EDGE}"}
        while True:
            try:
                body = _Body(file, size)
                answer = session.post(url, data=body, headers=headers, timeout=(10, 20))
                if answer.status_code == 201:
                    break
            except requests.RequestException:
                session.close()
                time.sleep(0.5)
        print(json.dumps({"seconds": time.monotonic() - began}), flush=True)


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The peer's office: takes a whole body, or nothing of it."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
