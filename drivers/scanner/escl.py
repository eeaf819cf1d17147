"""What a network scanner says of itself: eSCL's ScannerStatus. The scan itself is sane-airscan's business."""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from drivers.contract import Phase
from drivers.scanner.codes import BUSY, COVER_OPEN, DOUBLE_FEED, FAILED, JAMMED

BODY_LIMIT = 65536
_CONNECT_S = 2.0
_ANSWER_S = 3.0
_ADF = {
    "ScannerAdfMultipickDetected": DOUBLE_FEED,
    "ScannerAdfJam": JAMMED,
    "ScannerAdfMispick": JAMMED,
    "ScannerAdfHatchOpen": COVER_OPEN,
    "ScannerAdfDoorOpen": COVER_OPEN,
    "ScannerAdfInputTrayFailed": FAILED,
}


class Gone(Exception):
    """Nothing answers at the address."""


class Silent(Exception):
    """Something takes the question and says nothing in time."""


class BadStatus(ValueError):
    """Something answers, but not with a scanner's status."""


@dataclass(frozen=True, slots=True)
class EsclStatus:
    """``state``: pwg:State. ``adf``: scan:AdfState, empty for a scanner without a feeder."""

    state: str
    adf: str = ""

    @property
    def trouble(self) -> str:
        """The fault that the feeder tells; empty: none. An empty feeder is none."""
        return _ADF.get(self.adf, "")

    def judged(self, feeder: bool) -> tuple[Phase, tuple[str, ...]]:
        """Phase and faults for whoever scans from the ``feeder``, or else from the glass.

        A feeder in trouble is the glass's business only when the scanner has stopped.
        """
        if self.trouble and (feeder or self.state == "Stopped"):
            return Phase.NEEDS_ATTENTION, (self.trouble,)
        if self.state == "Idle":
            return Phase.READY, ()
        if self.state in ("Processing", "Testing"):
            return Phase.BUSY, (BUSY,)
        if self.state == "Stopped":
            return Phase.NEEDS_ATTENTION, (FAILED,)
        return Phase.UNKNOWN, (FAILED,)


def escl_url(url: str) -> SplitResult:
    """The parts of http://host:port/eSCL. Raises ``ValueError``, saying what is wrong."""
    parts = urlsplit(url)
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", url) or re.search(r'[";,#\\]', url):
        raise ValueError(f"an eSCL link is escl:http://host:port/eSCL, not {url!r}")
    return parts


def ask_status(url: str) -> EsclStatus:
    """Ask for ScannerStatus; answers within 5 s. Raises ``Gone``, ``Silent`` or ``BadStatus``."""
    code, body = _get(url, "ScannerStatus")
    if code == 503:
        return EsclStatus("Processing")
    if code != 200:
        raise BadStatus(f"HTTP {code}")
    return read_status(body)


def ask_model(url: str) -> str:
    """Make and model as the scanner tells them, for staff; empty when it does not. Answers within 5 s."""
    try:
        code, body = _get(url, "ScannerCapabilities")
        return read_model(body) if code == 200 else ""
    except (Gone, Silent, BadStatus):
        return ""


def _get(url: str, name: str) -> tuple[int, bytes]:
    """HTTP status and body, of which no more is read than can be wanted."""
    parts = escl_url(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    question = (
        f"GET {parts.path.rstrip('/')}/{name} HTTP/1.1\r\nHost: {where}\r\n"
        "Accept: text/xml\r\nConnection: close\r\n\r\n"
    )
    try:
        plain = socket.create_connection((host, port), _CONNECT_S)
    except (OSError, UnicodeError) as error:
        raise Gone(str(error)) from error
    end = time.monotonic() + _ANSWER_S
    with plain:
        try:
            line = _secured(plain, host) if parts.scheme == "https" else plain
            with line:
                line.settimeout(_ANSWER_S)
                line.sendall(question.encode("ascii"))
                return _answer(_Deadline(line, end))
        except TimeoutError as error:
            raise Silent("no answer in time") from error
        except OSError as error:
            raise Gone(str(error)) from error
        except http.client.HTTPException as error:
            if isinstance(error, http.client.RemoteDisconnected):
                raise Gone("hung up") from error
            raise BadStatus(f"no HTTP: {type(error).__name__}") from error


def read_status(body: bytes) -> EsclStatus:
    """The status in an answer's body. Raises ``BadStatus`` for whatever else it may be."""
    told = _read(body, "ScannerStatus")
    if not told.get("State"):
        raise BadStatus("no State")
    return EsclStatus(told["State"], told.get("AdfState", ""))


def read_model(body: bytes) -> str:
    """MakeAndModel in the body of ScannerCapabilities; empty when it is not told. Raises ``BadStatus``."""
    return _read(body, "ScannerCapabilities").get("MakeAndModel", "")


def _read(body: bytes, name: str) -> dict[str, str]:
    """The texts directly below the root, which must have that name."""
    if len(body) > BODY_LIMIT:
        raise BadStatus("too long")
    try:
        text = body.decode("utf-8-sig")
        if re.search(r"<!(?!--)", text):  # no document type: entities have nothing to say in a status
            raise BadStatus("a document type")
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise BadStatus("no XML") from error
    if _name(root) != name:
        raise BadStatus(f"not a {name}")
    return {_name(entry): (entry.text or "").strip()[:100] for entry in root}


class _Deadline(io.RawIOBase):
    """A socket's bytes until a moment of ``time.monotonic()``, however slowly they come; then ``TimeoutError``."""

    def __init__(self, line: socket.socket, end: float) -> None:
        self._line = line
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # a buffer that is written to
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self._line.settimeout(left)
        return self._line.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """As ``http.client`` asks a socket for it."""
        return io.BufferedReader(self)


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    """A scanner signs its own certificate, which sane-airscan does not check either."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)


def _answer(line: _Deadline) -> tuple[int, bytes]:
    reply = http.client.HTTPResponse(line, method="GET")  # pyright: ignore[reportArgumentType]  # all it asks of a socket
    try:
        reply.begin()
        return reply.status, reply.read(BODY_LIMIT + 1)
    finally:
        reply.close()


def _name(entry: ET.Element) -> str:
    """An element's name without its namespace."""
    return entry.tag.rpartition("}")[2] if isinstance(entry.tag, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]  # a comment's tag is a function
