"""A terminal without a window: real cache, printer driver, camera driver and capture child, on the in-memory link.

Around it stand a small office over HTTP, a virtual printer as a process, and a camera over HTTP whose mat a test lays
papers on.
"""

from __future__ import annotations

import base64
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from drivers.camera.mjpeg import MjpegCamera
from drivers.contract import CardReader, CodeReader, Scanner
from drivers.printer.link import link_from
from drivers.printer.printer import PrinterDelays, ReceiptPrinter
from drivers.virtual.twin import Twin
from kiosk import intents
from kiosk.capture.worker import CaptureWorker
from kiosk.controller import Controller, Parts
from kiosk.ladder import Screen, screen_for
from kiosk.link import MemoryLink
from kiosk.status import KioskStatus
from kiosk.visit.delays import DELAYS, Delays
from offline_cache.api import Cache
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.capture import scenes
from tests.kiosk.journey import ANSWERS, NIK
from tests.offline_cache.office import Office

SIZE = (1640, 1232)
QUICK = CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1)


def noisy(pixels: scenes.Pixels, count: int = 6) -> list[bytes]:
    """A still scene as a camera sends it: fresh sensor noise in each frame."""
    rng = np.random.default_rng(7)
    frames = (np.clip(pixels + rng.normal(0, 3, pixels.shape), 0, 255).astype(np.uint8) for _ in range(count))
    return [cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames]


EMPTY = noisy(scenes.mat(SIZE))


class Mat:
    """A document camera over HTTP."""

    def __init__(self) -> None:
        self._frames = EMPTY
        mat, turns = self, cycle(range(len(EMPTY)))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=edge")
                self.end_headers()
                try:
                    for turn in turns:  # never the same picture twice in a row, over all connections
                        jpeg = mat._frames[turn % len(mat._frames)]
                        head = f"--edge\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                        self.wfile.write(head.encode() + jpeg + b"\r\n")
                        time.sleep(0.1)
                except OSError:
                    return

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/stream"

    def lay(self, frames: list[bytes]) -> None:
        """What lies on the mat from now on."""
        self._frames = frames

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def paper(turn: float = 2.0, **how: float) -> list[bytes]:
    """A letter on the mat."""
    given = {"size": SIZE, "view_mm": 430.0, "turn": turn, **how}
    return noisy(scenes.shoot(scenes.letter(), **given).pixels)


class Terminal:
    """``with Terminal(folder) as terminal``. ``screen``, ``status``: what the window would draw."""

    def __init__(self, folder: Path, *, delays: Delays = DELAYS, sync: bool = True) -> None:
        self.folder, self.delays, self.sync = folder, delays, sync
        self.office = Office()
        self.mat = Mat()
        self._sockets = tempfile.TemporaryDirectory(prefix="adm-")
        self.twin = Twin("printer", Path(self._sockets.name))
        self.link = MemoryLink()
        self.capture = CaptureWorker()
        self.statuses: list[KioskStatus] = []
        self.link.on_status(self.statuses.append)
        self.start()

    def more(self) -> tuple[Scanner | None, CardReader | None, CodeReader | None]:
        """What this terminal has besides printer and camera, not started yet."""
        return None, None, None

    def start(self, *, enrol: bool = True) -> None:
        """Start the station's parts."""
        self.printer = ReceiptPrinter(
            link_from(f"tcp://127.0.0.1:{self.twin.port}"), delays=PrinterDelays(poll=0.3, handshake=1.5, glance=0.2)
        )
        self.camera = MjpegCamera(self.mat.url)
        self.cache: Cache = open_cache(self.folder / "data", version="test", settings=QUICK)
        if enrol and self.cache.identity() is None:
            self.cache.enrol(self.office.code())
        more = self.more()
        self.devices = (self.printer, self.camera, *(device for device in more if device is not None))
        for device in self.devices:
            device.start()
        owner = f"test-{self.folder.name[-12:]}"
        parts = Parts(self.capture, self.cache, "", self.printer, self.camera, *more, owner=owner)
        self.controller = Controller(self.link, parts, delays=self.delays)
        self.controller.start()
        if self.sync:
            self.cache.start_sync(self.controller.reports, self.controller.changed)

    def stop(self) -> None:
        """Stop the station's parts in order."""
        self.controller.stop()
        for device in self.devices:
            device.stop()
        self.cache.close()
        self.link.newest = None

    def close(self) -> None:
        """Everything."""
        self.stop()
        self.capture.close()
        self.twin.stop()
        self.mat.close()
        self.office.close()
        self._sockets.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def status(self) -> KioskStatus:
        """The newest status."""
        assert self.link.newest is not None
        return self.link.newest

    def until(self, condition: Callable[[KioskStatus], object], limit: float = 10.0) -> KioskStatus:
        """Wait for a status that fits."""
        end = time.monotonic() + limit
        while self.link.newest is None or not condition(self.link.newest):
            assert time.monotonic() < end, self.link.newest
            time.sleep(0.01)
        return self.link.newest

    def shows(self, screen: Screen, limit: float = 10.0) -> KioskStatus:
        """Wait for a screen."""
        return self.until(lambda status: screen_for(status) is screen, limit)

    def say(self, *words: intents.Intent) -> None:
        """What the window would say."""
        for word in words:
            self.link.send(word)

    def type(self, text: str) -> None:
        """Press the keys of a pad, and go on."""
        self.say(*(intents.Key(key=key) for key in text))
        self.until(lambda status: status.visit and status.visit.can_next)
        self.say(intents.Next())

    def to_nik(self) -> None:
        """Begin an application and go to the NIK."""
        self.shows(Screen.HOME)
        self.say(intents.Start(kind="apply"), intents.ChooseService(code="KTP-HILANG"))
        self.say(intents.Next(), intents.Next())
        self.shows(Screen.NIK)

    def to_scan(self) -> None:
        """Begin an application and go to its first page."""
        self.to_nik()
        self.type(NIK)
        for field in ("name", "kk", "phone", "lost_date", "address"):
            self.until(lambda status, field=field: status.visit and status.visit.field == field)
            self.type(ANSWERS[field])

    def jobs(self) -> list[bytes]:
        """The bytes of each job that the printer took."""
        return [base64.b64decode(job["raw"]) for job in self.twin("jobs")["jobs"]]
