"""HTTP to the gateway: every call either gives the office's own words or says why there were none.

Socket settings and times are those of sync-notes §3.3, measured in §4.3.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import SKIP_HEADER

from offline_cache.sync import tls
from offline_cache.sync.meter import UNSENT, Meter, pools
from offline_cache.sync.tls import OfficeTime
from wire import problem

CONNECT_S = 10.0
READ_S = 20.0
ANSWER_S = 60.0
MAX_ANSWER = 4 * 1024 * 1024
_BLOCK = 16 * 1024
"""One TLS record."""
SYSTEM_CAS = Path("/etc/ssl/certs/ca-certificates.crt")
"""What the machine trusts: Debian's ca-certificates, and what was added there. requests brings a list of its own."""
_NO_LINK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}

_SOCKET_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    # A peer that does not answer is left after 9 s (once connected sooner: meter.patience), and little of an old body
    # lies in the kernel when the next try begins.
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 9000),
    (socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024),
    (socket.IPPROTO_TCP, 25, UNSENT),  # TCP_NOTSENT_LOWAT, which Python 3.11 does not name
    # Close sends RST: else the kernel goes on sending the aborted body beside the new one.
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
]


class LineFault(Exception):
    """No answer, or none of ours. ``reason``: no_link, no_gateway, portal or clock (see api.LineState)."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class Refusal(Exception):
    """The office said no, in its own words."""

    def __init__(self, told: problem.Problem) -> None:
        super().__init__(told.type)
        self.problem = told

    @property
    def code(self) -> problem.Code | None:
        """The code, or None for one that only a newer gateway knows."""
        return self.problem.code


class Stopped(Exception):
    """The cache is closing, or the queue is held, in the middle of a body."""


class BodyError(Exception):
    """The disk does not give what it has of the body: no fault of the line, and no look at the line mends it."""


class UrlError(ValueError):
    """The gateway's address is not one that we may talk to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (case-insensitive lookup by ``header``) and body of an answer that was read whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The header's value, or ""."""
        return self.headers.get(name.lower(), "")


class Slice:
    """A stretch of a file as a request body: sent in small blocks, so that the send time-out bounds each block.

    ``passed``: bytes that the kernel took so far. ``before``: called before each block.
    """

    def __init__(self, file: BinaryIO, offset: int, length: int, stopped: Callable[[], bool]) -> None:
        self._file, self._offset, self._length, self._stopped = file, offset, length, stopped
        self.passed = 0
        self.before: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        self.passed = 0
        while left := self._length - self.passed:
            if self._stopped():
                raise Stopped
            self.before()
            block = self._block(min(_BLOCK, left))
            yield block
            self.passed += len(block)

    def _block(self, most: int) -> bytes:
        try:
            self._file.seek(self._offset + self.passed)
            block = self._file.read(most)
        except OSError as error:  # an OSError would be taken for the connection's
            raise BodyError(f"{type(error).__name__}: {error.strerror}") from error
        if not block:
            raise BodyError("it is shorter than its manifest says")
        return block


def check_url(url: str) -> str:
    """The address without a trailing slash. https anywhere, http to this machine alone. Raises UrlError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return url.rstrip("/")
    if parts.scheme == "http" and _loopback(host):
        return url.rstrip("/")
    raise UrlError("the gateway's address must begin with https:// (http:// only on this machine)")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Adapter(HTTPAdapter):
    """requests' adapter over our sockets, our meter and our judgement of certificates."""

    def __init__(self, meter: Meter, office: OfficeTime | None) -> None:
        self._meter, self._office = meter, office
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"socket_options": _SOCKET_OPTIONS}
        if self._office is not None:
            kwargs |= {"ssl_context": tls.timeless()}
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = pools(self._meter, self._judge)

    def _judge(self, sock: socket.socket | None) -> None:
        if self._office is not None:
            tls.judge_dates(cast(ssl.SSLSocket, sock), self._office.clock.now())


class Http:
    """One kept connection to the gateway. Not for two threads at once.

    ``office``: whose signed time to ask for when certificates fail for their dates; then those dates are judged by it.
    ``spent``: told how many bytes each request put on the line.
    """

    def __init__(
        self,
        url: str,
        ca_file: Path | None,
        office: OfficeTime | None = None,
        spent: Callable[[int], None] = lambda count: None,
    ) -> None:
        """Raises UrlError."""
        self._url = check_url(url)
        self._office, self._spent, self._meter = office, spent, Meter()
        self._by_office = False
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca_file or SYSTEM_CAS)
        self._session.headers.clear()
        self._mount(None)

    def ask(self, method: str, path: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        """One request, its answer read whole. Raises LineFault, Refusal, Stopped, BodyError."""
        try:
            answer = self._answer(method, self._url + path, body, headers)
        except tls.DatesFault as fault:
            if not self._learn_time(fault):
                raise LineFault(fault.reason, "the certificate's dates") from fault
            try:
                answer = self._answer(method, self._url + path, body, headers)
            except tls.DatesFault as again:
                raise LineFault("portal", "the certificate's dates by the office's clock") from again
        told = problem.read(answer.header("content-type"), answer.body)
        if told is not None and answer.status >= 400:
            raise Refusal(told)
        return answer

    def drop(self) -> None:
        """Close the connection; the next request makes a new one."""
        self._session.close()

    def _mount(self, office: OfficeTime | None) -> None:
        self._session.close()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self._meter, office))

    def _learn_time(self, fault: tls.DatesFault) -> bool:
        """Ask the office, in clear, what time it is. True when our time was wrong and is mended now."""
        if self._office is None:
            return False
        believed = self._office.clock.now() if self._by_office else time.time()
        for url, question in tls.questions(self._url):
            try:
                answer = self._answer("GET", url, None, {})
                self._office.correct(answer.body, question)
            except (LineFault, tls.DatesFault, ValueError, OSError):
                continue
            wrong = abs(self._office.clock.now() - believed) > tls.CLOSE_S
            fault.reason = "clock" if wrong else "portal"
            if wrong and not self._by_office:
                self._by_office = True
                self._mount(self._office)
            return wrong
        return False

    def _answer(self, method: str, url: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        try:
            return self._exchange(method, url, body, headers)
        except (requests.RequestException, ssl.SSLError) as error:
            self.drop()
            raise _fault(error) from error
        except (LineFault, Stopped, BodyError, OSError):
            self.drop()
            raise
        finally:
            self._spent(self._meter.take())

    def _exchange(self, method: str, url: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        deadline: float | None = None
        content = bytearray()
        if isinstance(body, Slice):
            body.before = self._meter.pass_on
        with self._session.request(
            method,
            url,
            # requests takes any iterable with a length; its types do not say so.
            data=cast(Any, body),
            headers={"Accept-Encoding": "gzip", "User-Agent": SKIP_HEADER, **headers},
            timeout=(CONNECT_S, READ_S),
            allow_redirects=False,
            stream=True,
        ) as response:
            deadline = time.monotonic() + ANSWER_S
            for block in response.iter_content(16 * 1024):  # unpacked: no more than that at a time
                content += cast(bytes, block)
                if len(content) > MAX_ANSWER or time.monotonic() > deadline:
                    raise LineFault("portal", "an endless answer")
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, found, bytes(content))


def _fault(error: Exception) -> Exception:
    chain: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in chain:
        chain.append(inner)
        reason = getattr(inner, "reason", None)
        nested = next((part for part in inner.args if isinstance(part, BaseException)), None)
        inner = reason if isinstance(reason, BaseException) else nested or inner.__cause__ or inner.__context__
    detail = type(chain[-1]).__name__
    if (dates := tls.dates_fault(chain)) is not None:
        return dates
    if any(isinstance(one, requests.exceptions.ContentDecodingError) for one in chain):
        return LineFault("portal", detail)
    cut = any(isinstance(one, ssl.SSLEOFError | ssl.SSLZeroReturnError) for one in chain)
    if not cut and any(isinstance(one, requests.exceptions.SSLError | ssl.SSLError) for one in chain):
        return LineFault("portal", detail)
    numbers = {one.errno for one in chain if isinstance(one, OSError)}
    if any(isinstance(one, socket.gaierror) for one in chain) or numbers & _NO_LINK:
        return LineFault("no_link", detail)
    return LineFault("no_gateway", detail)
