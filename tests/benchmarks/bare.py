"""The peer of the intake's benchmark: an ASGI handler that makes each body a durable file, and no more.

``python -m tests.benchmarks.bare FOLDER`` serves on a free port of this machine, which it says as a JSON line.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send


class Bare:
    """Each request's body becomes one durable file: its bytes are synced, and the folder that names it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        more = scope["type"] == "http"
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await asyncio.to_thread(self._keep, bytes(body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    def _keep(self, body: bytes) -> None:
        descriptor = os.open(self._folder / str(next(self._count)), os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(descriptor, body)
        os.fsync(descriptor)
        os.close(descriptor)
        names = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(names)
        os.close(names)


def main(folder: Path) -> None:
    """Serve until the process is ended."""
    folder.mkdir()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as gateway.serve: no 40 ms between head and body
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    config = uvicorn.Config(Bare(folder), log_level="warning", access_log=False, lifespan="off", server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
