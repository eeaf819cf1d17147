"""systemd's notify protocol for every process with a unit: READY=1, WATCHDOG=1, STOPPING=1 (sd_notify(3))."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Send ``state`` to the service manager; nothing happens where there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        try:
            manager.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            pass  # a manager that is gone cannot be told so


def watchdog_s() -> float | None:
    """The seconds within which the manager wants a WATCHDOG=1 from this very process, or None."""
    micros, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    return int(micros) / 1e6 if micros.isdigit() and int(micros) > 0 and pid == str(os.getpid()) else None
