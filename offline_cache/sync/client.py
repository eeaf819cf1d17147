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
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from requests.adapters import HTTPAdapter

from offline_cache.clock import OfficeClock
from wire import canon, problem, token, upload
from wire.change import ChangesPage
from wire.frozen import Frozen
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.places import Places
from wire.upload import IntakeAnswer, ServerTime

CONNECT_S = 10.0
READ_S = 20.0
ANSWER_S = 60.0
MAX_ANSWER = 4 * 1024 * 1024
_BLOCK = 4096
_JSON = "application/json"
_NO_LINK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}

_T = TypeVar("_T", bound=Frozen)

_SOCKET_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    # A dead peer is noticed in 9 s, and little of an old body lies in the kernel when the next try begins.
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 9000),
    (socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024),
    (socket.IPPROTO_TCP, 25, 8 * 1024),  # TCP_NOTSENT_LOWAT, which Python 3.11 does not name
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
    """The cache is closing in the middle of a body."""


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
    """A stretch of a file as a request body: sent in small blocks, so that the send time-out bounds each block."""

    def __init__(self, file: BinaryIO, offset: int, length: int, stopped: Callable[[], bool]) -> None:
        self._file, self._offset, self._length, self._stopped = file, offset, length, stopped

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(self._offset)
        left = self._length
        while left:
            if self._stopped():
                raise Stopped
            block = self._file.read(min(_BLOCK, left))
            if not block:
                raise OSError(errno.EIO, "a part is shorter than its manifest says")
            left -= len(block)
            yield block


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, socket_options=_SOCKET_OPTIONS)


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


class Http:
    """One kept connection to the gateway. Not for two threads at once."""

    def __init__(self, url: str, ca_file: Path | None) -> None:
        """Raises UrlError."""
        self._url = check_url(url)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(ca_file) if ca_file else True
        self._session.headers.clear()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=1, max_retries=0))

    def ask(self, method: str, path: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        """One request, its answer read whole. Raises LineFault, Refusal, Stopped, OSError (the body's file)."""
        try:
            answer = self._exchange(method, path, body, headers)
        except (requests.RequestException, ssl.SSLError) as error:
            self.drop()
            raise _fault(error) from error
        except (LineFault, Stopped, OSError):
            self.drop()
            raise
        told = problem.read(answer.header("content-type"), answer.body)
        if told is not None and answer.status >= 400:
            raise Refusal(told)
        return answer

    def drop(self) -> None:
        """Close the connection; the next request makes a new one."""
        self._session.close()

    def _exchange(self, method: str, path: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        deadline: float | None = None
        content = bytearray()
        with self._session.request(
            method,
            self._url + path,
            # requests takes any iterable with a length; its types do not say so.
            data=cast(Any, body),
            headers={"Accept-Encoding": "identity", **headers},
            timeout=(CONNECT_S, READ_S),
            allow_redirects=False,
            stream=True,
        ) as response:
            deadline = time.monotonic() + ANSWER_S
            for block in response.iter_content(16 * 1024):
                content += cast(bytes, block)
                if len(content) > MAX_ANSWER or time.monotonic() > deadline:
                    raise LineFault("portal", "an endless answer")
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, found, bytes(content))


class Client:
    """The gateway's calls for an enrolled terminal. All raise LineFault and Refusal."""

    def __init__(self, http: Http, terminal: str, key: Ed25519PrivateKey, clock: OfficeClock) -> None:
        self._http, self._terminal, self._key, self._clock = http, terminal, key, clock

    def put_manifest(self, submission_id: str, envelope: bytes) -> IntakeAnswer:
        """Announce a submission, ask how far it is, or fetch its receipt: all the same call."""
        answer = self._ask("PUT", f"/v1/submissions/{submission_id}", envelope, {"Content-Type": _JSON})
        return _read(answer, IntakeAnswer, (200, 201))

    def head(self, sha256: str) -> int | None:
        """How many bytes of the part the office has; None when it does not say (then ask by the manifest)."""
        answer = self._ask("HEAD", f"/v1/blobs/{sha256}", None, {})
        if answer.status != 200:
            if answer.header("content-type").startswith(problem.MEDIA_TYPE):
                return None
            raise LineFault("portal", f"HEAD answered by {answer.status}")
        return _offset(answer)

    def patch(self, sha256: str, body: Slice, offset: int) -> int:
        """Append; the new offset. Raises OSError and Stopped too."""
        headers = {"Content-Type": "application/octet-stream", upload.OFFSET: str(offset)}
        answer = self._ask("PATCH", f"/v1/blobs/{sha256}", body, headers)
        if answer.status != 204:
            raise LineFault("portal", f"PATCH answered by {answer.status}")
        return _offset(answer)

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """Tell how we are."""
        answer = self._ask("POST", "/v1/heartbeat", beat.canonical(), {"Content-Type": _JSON})
        return _read(answer, HeartbeatAnswer, (200,))

    def changes(self, after: int) -> ChangesPage:
        """The feed's next page."""
        return _read(self._ask("GET", f"/v1/changes?after={after}", None, {}), ChangesPage, (200,))

    def places(self) -> Places:
        """The district's terminals."""
        return _read(self._ask("GET", "/v1/places", None, {}), Places, (200,))

    def server_time(self) -> int:
        """The cheapest question there is: the probe of a line that was down."""
        return _read(self._http.ask("GET", "/v1/time", None, {}), ServerTime, (200,)).server_time

    def _ask(self, method: str, path: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        try:
            return self._http.ask(method, path, body, headers | self._authorization())
        except Refusal as refusal:
            told = refusal.problem.server_time
            if refusal.code is not problem.Code.CLOCK or told is None:
                raise
        self._clock.correct(told)
        return self._http.ask(method, path, body, headers | self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token.make(self._terminal, self._key, self._clock.now())}"}


def _read(answer: Answer, kind: type[_T], statuses: tuple[int, ...]) -> _T:
    if answer.status not in statuses or answer.header("content-type").split(";")[0].strip().lower() != _JSON:
        raise LineFault("portal", f"an answer that is not the office's ({answer.status})")
    try:
        return kind.read(answer.body)
    except canon.CanonError as error:
        raise LineFault("portal", f"an answer that is not the office's ({error})") from error


def _offset(answer: Answer) -> int:
    text = answer.header(upload.OFFSET)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise LineFault("portal", "an answer without an offset")
    return int(text)


def _fault(error: Exception) -> LineFault:
    chain: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in chain:
        chain.append(inner)
        reason = getattr(inner, "reason", None)
        nested = next((part for part in inner.args if isinstance(part, BaseException)), None)
        inner = reason if isinstance(reason, BaseException) else nested or inner.__cause__ or inner.__context__
    detail = type(chain[-1]).__name__
    if any(isinstance(one, requests.exceptions.SSLError | ssl.SSLError) for one in chain):
        return LineFault("clock" if "not yet valid" in str(error) else "portal", detail)
    numbers = {one.errno for one in chain if isinstance(one, OSError)}
    if any(isinstance(one, socket.gaierror) for one in chain) or numbers & _NO_LINK:
        return LineFault("no_link", detail)
    return LineFault("no_gateway", detail)
