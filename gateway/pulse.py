"""The service manager's watchdog: fed only while the gateway answers itself over HTTP."""

from __future__ import annotations

import http.client
import threading
import time

from wire import notify

_ANSWER_S = 10.0


def start(address: tuple[str, int]) -> None:
    """Feed the watchdog from a thread of its own, where the manager wants it. ``address``: that we listen on."""
    every = notify.watchdog_s()
    if every is not None:
        threading.Thread(target=_feed, args=(address, every / 3), name="pulse", daemon=True).start()


def _feed(address: tuple[str, int], every: float) -> None:
    host, port = address[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while True:
        if answers(host, port):
            notify.notify("WATCHDOG=1")
        time.sleep(every)


def answers(host: str, port: int) -> bool:
    """Whether the gateway tells the time within ten seconds."""
    line = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
    try:
        line.request("GET", "/v1/time", headers={"connection": "close"})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
