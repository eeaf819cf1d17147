"""Serving: one process a data directory, its address as a JSON line on standard output."""

from __future__ import annotations

import fcntl
import json
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from gateway import app, district_map, enrol, intake, pulse
from gateway.office import application, destination, fleet, inbox, locations, site, terminal
from gateway.officers import SetupCode
from gateway.rooms import Office
from gateway.settings import Settings
from wire import notify
from wire.events import log
from wire.version import VERSION

_KEEP_ALIVE_S = 75


def serve(data: Path, host: str, port: int, url: str | None, zone: str, map_file: Path | None = None) -> int:
    """Serve until a signal ends it. Raises ValueError when the map is wrong or another gateway holds the data."""
    drawn = district_map.load(map_file) if map_file else None
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(f"another gateway serves {data}") from error
        office = Office.open(Settings(data))
        intake.sweep(office)
        listener = _listen(host, port)
        address = url or f"http://{_spelled(host)}:{listener.getsockname()[1]}"
        enrol.remember_url(office, address)
        setup = SetupCode.if_needed(office)
        _greet(address, setup)
        log("gateway_started", version=VERSION)
        notify.notify("READY=1")  # it listens; what comes before the first turn of the loop waits in the backlog
        pulse.start(listener.getsockname())
        pages = site.Site(office, setup, secure=address.startswith("https:"), zone=zone, map=drawn)
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
        server.run(sockets=[listener])
        notify.notify("STOPPING=1")
        office.database.close()
    return 0


def add_pages(made: FastAPI, pages: site.Site) -> None:
    """Add every page of the officers."""
    for room in (site, inbox, application, destination, fleet, terminal, locations):
        room.add(made, pages)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    return listener


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
