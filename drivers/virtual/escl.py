"""A virtual network scanner: eSCL over HTTP at ``/eSCL``, flatbed and feeder, as sane-airscan speaks to it.

Control words: ``lay`` (``paper``: a drawn one's name, or ``image``: a file taken for a sheet of A4; ``skew`` degrees,
``x_mm``, ``y_mm``, ``seed``, ``lid``: white or black), ``clear``, ``load`` (``papers``: names, or objects as for
``lay`` without the lid), ``set`` (flags below), ``off``, ``on``, ``state``.

Flags: ``jam``, ``cover``, ``double_feed`` (the scanner stops until it is cleared; a scan under way fails), ``busy``
(somebody else scans), ``slow`` (seconds before a page comes), ``hang`` (no request is answered), ``garbage`` (pages
that are no pictures), ``cut_after`` (bytes of a page, then the line is cut), ``http`` (what a new job is answered).
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from http.server import BaseHTTPRequestHandler
from typing import Any

from drivers.virtual import escl_texts
from drivers.virtual.control import ControlServer, announce, arguments
from drivers.virtual.escl_bed import Bed
from drivers.virtual.escl_texts import Order
from drivers.virtual.web import WebFront

ROOT = "/eSCL"
_BODY_LIMIT = 65536
_CHUNK = 16384
_TICK_S = 0.02
_JOB_S = 10.0  # a job that nobody fetches is given up


@dataclass
class Flags:
    """What the bench can change while the scanner runs."""

    jam: bool = False
    cover: bool = False
    double_feed: bool = False
    busy: bool = False
    slow: float = 0.0
    hang: bool = False
    garbage: bool = False
    cut_after: int | None = None
    http: int | None = None

    @property
    def adf(self) -> str:
        """What stops the scanner, in eSCL's words; empty: nothing."""
        if self.double_feed:
            return "ScannerAdfMultipickDetected"
        if self.jam:
            return "ScannerAdfJam"
        return "ScannerAdfHatchOpen" if self.cover else ""


@dataclass
class Job:
    """One scan job. ``touched``: ``time.monotonic()`` of its last request."""

    path: str
    order: Order
    touched: float
    state: str = "Processing"
    pages: int = 0


class VirtualScanner:
    """The scanner itself; ``command`` is the hand that lays papers and pulls cables."""

    def __init__(self, host: str, port: int, lid: str) -> None:
        self.flags = Flags()
        self.bed = Bed(lid)
        self._address = (host, port)
        self._front: _Front | None = None
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._jobs = self._pages = self._cancelled = 0
        self._switch_on()

    @property
    def port(self) -> int:
        """The port it listens on; stays the same over ``off`` and ``on``."""
        return self._address[1]

    def command(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """One control word; see the module."""
        if do == "lay":
            self.bed.lay(args)
        elif do == "clear":
            self.bed.clear()
        elif do == "load":
            self.bed.load(args.get("papers") or ())
        elif do == "set":
            self._set(args)
        elif do in ("off", "unplug"):
            self._switch_off()
        elif do in ("on", "plug"):
            self._switch_on()
        elif do != "state":
            raise ValueError(f"unknown word {do!r}")
        front = self._front
        return {
            "flags": {entry.name: getattr(self.flags, entry.name) for entry in fields(Flags)},
            "on": front is not None,
            "connections": 0 if front is None else front.connections,
            "jobs": self._jobs,
            "pages": self._pages,
            "cancelled": self._cancelled,
            **self.bed.facts,
        }

    # What HTTP asks.

    def status(self) -> bytes:
        """ScannerStatus."""
        with self._lock:
            job = self._live_job()
            stopped = self.flags.adf
            if stopped:
                state = "Stopped"
            else:
                state = "Processing" if self.flags.busy or (job and job.state == "Processing") else "Idle"
            adf = stopped or ("ScannerAdfLoaded" if self.bed.loaded else "ScannerAdfEmpty")
            return escl_texts.status(state, adf, [(job.path, job.state)] if job else [])

    def begin_job(self, body: str) -> tuple[int, str]:
        """HTTP status, and the new job's path with 201."""
        order = escl_texts.read_order(body)
        with self._lock:
            job = self._live_job()
            if self.flags.http is not None:
                return self.flags.http, ""
            if self.flags.busy or (job and job.state == "Processing"):
                return 503, ""
            if self.flags.adf or (order.feeder and not self.bed.loaded):
                return 409, ""
            self._jobs += 1
            self._job = Job(f"{ROOT}/ScanJobs/{self._jobs}", order, time.monotonic())
            return 201, self._job.path

    def next_page(self, path: str) -> tuple[int, Order | None, bytes]:
        """HTTP status, and the page with 200. A job ends when the glass was scanned once or the feeder is empty."""
        with self._lock:
            job = self._live_job()
            if job is None or job.path != path or job.state != "Processing":
                return 404, None, b""
        end = time.monotonic() + self.flags.slow
        while True:
            job.touched = time.monotonic()
            if self.flags.adf:
                job.state = "Aborted"
                return 409, None, b""
            if job.state != "Processing":
                return 404, None, b""
            if time.monotonic() >= end:
                break
            time.sleep(_TICK_S)
        page = None if job.pages and not job.order.feeder else self.bed.scan(job.order)
        job.touched = time.monotonic()
        if page is None:
            job.state = "Completed"
            return 404, None, b""
        job.pages += 1
        self._pages += 1
        return 200, job.order, page[:200] + bytes(2000) if self.flags.garbage else page

    def sent(self, path: str, whole: bool) -> None:
        """A page went out, or its line broke. A job for the glass ends with it."""
        job = self._job
        if job is not None and job.path == path and job.state == "Processing":
            job.touched = time.monotonic()
            if not whole:
                job.state = "Aborted"
            elif not job.order.feeder:
                job.state = "Completed"

    def cancel(self, path: str) -> int:
        """HTTP status."""
        job = self._job
        if job is None or job.path != path:
            return 404
        if job.state == "Processing":
            job.state = "Canceled"
            self._cancelled += 1
        return 200

    # Within.

    def _live_job(self) -> Job | None:
        job = self._job
        if job is not None and job.state == "Processing" and time.monotonic() - job.touched > _JOB_S:
            job.state = "Aborted"
        return job

    def _set(self, args: dict[str, Any]) -> None:
        unknown = set(args) - {entry.name for entry in fields(Flags)}
        if unknown:
            raise ValueError(f"unknown flags {sorted(unknown)}")
        for name, value in args.items():
            setattr(self.flags, name, value)

    def _switch_on(self) -> None:
        if self._front is None:
            self._front = _Front(self._address, self)
            self._address = self._address[0], self._front.server_port
            self._front.begin("scanner")

    def _switch_off(self) -> None:
        front, self._front = self._front, None
        self._job = None
        if front is not None:
            front.end()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "virtual-scanner"
    sys_version = ""
    timeout = 60.0

    @property
    def _front(self) -> _Front:
        server = self.server
        assert isinstance(server, _Front)
        return server

    def do_GET(self) -> None:
        """Capabilities, status and pages."""
        scanner = self._front.scanner
        self._while_hanging()
        page = re.fullmatch(rf"({ROOT}/ScanJobs/\d+)/NextDocument", self.path)
        if self.path == f"{ROOT}/ScannerCapabilities":
            self._answer(200, escl_texts.capabilities("V0001"))
        elif self.path == f"{ROOT}/ScannerStatus":
            self._answer(200, scanner.status())
        elif page is not None:
            self._page(page[1])
        else:
            self._answer(404)

    def do_POST(self) -> None:
        """A new job."""
        self._while_hanging()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, _BODY_LIMIT)).decode("utf-8", "replace")
        if self.path != f"{ROOT}/ScanJobs":
            self._answer(404)
            return
        try:
            code, path = self._front.scanner.begin_job(body)
        except ValueError:
            self._answer(400)
            return
        if code == 201:
            self._answer(code, headers={"Location": f"http://{self.headers.get('Host')}{path}"})
        else:
            self._answer(code, headers={"Retry-After": "2"} if code == 503 else None)

    def do_DELETE(self) -> None:
        """Cancel a job."""
        self._while_hanging()
        self._answer(self._front.scanner.cancel(self.path))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a scanner has no log."""

    def _page(self, path: str) -> None:
        scanner = self._front.scanner
        code, order, page = scanner.next_page(path)
        self._while_hanging()
        if order is None:
            self._answer(code)
            return
        cut = scanner.flags.cut_after
        whole = False
        try:
            self.send_response(200)
            self.send_header("Content-Type", escl_texts.MIME)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            for start in range(0, len(page), _CHUNK):
                if cut is not None and start + _CHUNK > cut:
                    self.wfile.write(page[start : max(start, cut)])
                    self._hang_up()
                    return
                self.wfile.write(page[start : start + _CHUNK])
            whole = True
        finally:
            scanner.sent(path, whole)

    def _answer(self, code: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _while_hanging(self) -> None:
        """Say nothing until the flag is cleared; the cable's end comes as an error of the line."""
        front = self._front
        while front.scanner.flags.hang and front.there:
            time.sleep(_TICK_S)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


class _Front(WebFront):
    def __init__(self, address: tuple[str, int], scanner: VirtualScanner) -> None:
        super().__init__(address, _Request)
        self.scanner = scanner
        self.there = True

    def end(self) -> None:
        """Be switched off; whatever hangs ends too."""
        self.there = False
        super().end()


def main() -> None:
    """``python -m drivers.virtual.escl --port 0 --control PATH``."""
    parser = arguments("A virtual network scanner: eSCL over HTTP.")
    parser.add_argument("--lid", choices=("white", "black"), default="white", help="what lies behind a page")
    options = parser.parse_args()
    scanner = VirtualScanner(options.host, options.port, options.lid)
    control = ControlServer(options.control, scanner.command)
    announce(port=scanner.port)
    control.serve_forever()


if __name__ == "__main__":
    main()
