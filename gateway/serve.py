"""Serving: one gateway a data directory, its address as a JSON line on standard output.

One process, or several workers behind one listening socket: those need PostgreSQL, because SQLite has one writer.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from gateway import app, district_map, enrol, keys, pulse, sweep
from gateway.database import Database, DatabaseError
from gateway.office import application, courier, destination, fleet, inbox, locations, site, terminal
from gateway.officers import SetupCode
from gateway.rooms import Office
from gateway.settings import Settings
from gateway.workers import TICK_S, CannotStart, Crew
from wire import notify
from wire.events import log
from wire.version import VERSION

_KEEP_ALIVE_S = 75
_GONE_S = 1.5


@dataclass(frozen=True, slots=True)
class Address:
    """Where it listens. ``url``: under which terminals and officers reach it, where a proxy stands in front."""

    host: str
    port: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class _Face:
    """What every worker shows alike."""

    url: str
    zone: str
    map: district_map.DistrictMap | None
    setup: SetupCode | None


def serve(settings: Settings, at: Address, zone: str, map_file: Path | None = None) -> int:
    """Serve until a signal ends it. Raises ValueError when the map is wrong or another gateway holds the data."""
    drawn = district_map.load(map_file) if map_file else None
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.data / "serve.lock").open("w") as lock:
        if not _soon(lambda: fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB), errno.EWOULDBLOCK):
            raise ValueError(f"another gateway serves {settings.data}")
        database = Database(settings)
        listener = _listen(at.host, at.port)
        url = at.url or f"http://{_spelled(at.host)}:{listener.getsockname()[1]}"
        enrol.remember_url(database, url)
        face = _Face(url, zone, drawn, SetupCode.if_needed(database))
        database.close()
        if settings.workers == 1:
            _serve_alone(settings, face, listener)
        else:
            _serve_with_many(settings, face, listener)
    return 0


def _serve_alone(settings: Settings, face: _Face, listener: socket.socket) -> None:
    office = Office.open(settings)
    sweep.keep_tidy(office)
    _greet(face.url, face.setup)
    log("gateway_started", version=VERSION)
    notify.notify("READY=1")  # it listens; what comes before the first turn of the loop waits in the backlog
    pulse.start(listener.getsockname())
    _run(office, face, listener)
    notify.notify("STOPPING=1")
    office.database.close()


def _serve_with_many(settings: Settings, face: _Face, listener: socket.socket) -> None:
    def work(number: int, tick: int) -> None:
        office = Office.open(settings)
        if number == 0:
            sweep.keep_tidy(office)
        _run(office, face, listener, tick)
        office.database.close()

    _greet(face.url, face.setup)
    log("gateway_started", version=VERSION)
    try:
        Crew(settings.workers, work, (ValueError, keys.KeyFileError, DatabaseError, OSError)).run()
    except CannotStart as error:
        raise ValueError(str(error)) from error


def _run(office: Office, face: _Face, listener: socket.socket, tick: int | None = None) -> None:
    """Answer requests until a signal ends it. ``tick``: where a worker tells that its loop turns."""
    pages = site.Site(office, face.setup, secure=face.url.startswith("https:"), zone=face.zone, map=face.map)
    server = uvicorn.Server(
        uvicorn.Config(
            app.build(office, lambda made: add_pages(made, pages)),
            log_level="warning",
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
            server_header=False,
            lifespan="off",
        )
    )
    # uvicorn ends in order and then sends itself the signal again: that one must not cut the rest off.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    if tick is None:
        server.run(sockets=[listener])
    else:
        asyncio.run(_tick_beside(server, listener, tick))


async def _tick_beside(server: uvicorn.Server, listener: socket.socket, tick: int) -> None:
    async def turn() -> None:
        while True:
            try:
                os.write(tick, b".")
            except BlockingIOError:
                pass  # whoever reads is busy; it has enough of them
            await asyncio.sleep(TICK_S)

    ticking = asyncio.create_task(turn())
    await server.serve(sockets=[listener])
    ticking.cancel()


def add_pages(made: FastAPI, pages: site.Site) -> None:
    """Add every page of the officers."""
    for room in (site, inbox, application, destination, fleet, terminal, courier, locations):
        room.add(made, pages)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Each connection inherits it; asyncio sets it by itself only on sockets that name their protocol. Without it an
    # answer's body waits until the peer has acknowledged its head: 40 ms and more, each time.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not _soon(lambda: listener.bind((host, port)), errno.EADDRINUSE):
        raise ValueError(f"something else listens on port {port} of {host}")
    listener.listen(512)
    return listener


def _soon(act: Callable[[], None], refusal: int) -> bool:
    """Whether ``act`` is let within a second or two: the workers of one that was killed need a moment to be gone."""
    end = time.monotonic() + _GONE_S
    while True:
        try:
            act()
            return True
        except OSError as error:
            if error.errno != refusal:
                raise
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)


def _spelled(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def _greet(address: str, setup: SetupCode | None) -> None:
    if setup is not None:
        print(
            f"\n  No officer has an account yet.\n  Open {address}/setup and type this code, once:\n\n"
            f"      {setup.spelled}\n",
            file=sys.stderr,
            flush=True,
        )
    print(json.dumps({"url": address, "setup_code": setup.spelled if setup else None}), flush=True)
