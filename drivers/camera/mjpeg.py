"""MJPEG over HTTP, as ustreamer and most network cameras serve it.

HTTP/1.0 on a plain socket: such a reply is never chunked, and every wait has a limit.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from drivers.camera.multipart import HEAD_LIMIT, PART_LIMIT, BadReply, Head, MultipartParser, parse_head
from drivers.camera.source import CameraDelays, DocumentCamera, SourceGarbled, SourceLost
from drivers.worker import Supervision

CONNECT_S = 3.0
_CHUNK = 256 * 1024


class MjpegSource:
    """The frames of one MJPEG URL.

    ``snapshot``: URL of single pictures; without it one frame of the stream is taken.
    """

    def __init__(self, url: str, snapshot: str | None = None) -> None:
        self._url = url
        self._snapshot = snapshot or url
        self._socket: socket.socket | None = None
        self._head: Head | None = None
        self._parser: MultipartParser | None = None
        self._buffer = bytearray()

    @property
    def address(self) -> str:
        """The stream's URL."""
        return self._url

    @property
    def noisy(self) -> bool:
        """True when this connection brought bytes that are no part of any picture."""
        return bool(self._buffer) if self._parser is None else self._parser.noisy

    def open(self, live: bool) -> None:
        """Connect and ask. Raises ``SourceLost`` when nothing answers."""
        self.close()
        host, port, path = split_url(self._url if live else self._snapshot)
        try:
            self._socket = socket.create_connection((host, port), timeout=CONNECT_S)
            request = (
                f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: multipart/x-mixed-replace, image/jpeg\r\n\r\n"
            )
            self._socket.sendall(request.encode("ascii"))
            self._socket.setblocking(False)
        except OSError as error:
            raise SourceLost(str(error)) from error

    def read(self, limit: float) -> bytes | None:
        """The newest frame within ``limit`` seconds, or None. Raises ``SourceLost`` or ``SourceGarbled``."""
        end = time.monotonic() + limit
        newest: bytes | None = None
        while True:
            left = end - time.monotonic()
            data = self._receive(0.0 if newest is not None else max(0.0, left))
            if data is None:
                return newest
            if data:
                frames = self._feed(data)
            else:
                frames = self._at_end()
                if not frames and newest is None:
                    raise SourceLost("the stream ended")
            if frames:
                newest = frames[-1]
            if not data or left <= 0:
                return newest

    def close(self) -> None:
        """Hang up; never raises, may be called twice."""
        line, self._socket = self._socket, None
        self._head = self._parser = None
        self._buffer = bytearray()
        if line is not None:
            try:
                line.close()
            except OSError:  # a reset can surface here; the line is gone either way
                pass

    def release(self) -> None:
        """Hang up."""
        self.close()

    def _receive(self, limit: float) -> bytes | None:
        """Bytes, ``b""`` at the end of the stream, None for silence."""
        if self._socket is None:
            raise SourceLost("not connected")
        try:
            if not select.select([self._socket], [], [], limit)[0]:
                return None
            return self._socket.recv(_CHUNK)
        except BlockingIOError:
            return None
        except (OSError, ValueError) as error:
            raise SourceLost(str(error)) from error

    def _feed(self, data: bytes) -> list[bytes]:
        if self._parser is not None:
            return self._parser.feed(data)
        self._buffer += data
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT)
            if end < 0:
                if len(self._buffer) >= HEAD_LIMIT:
                    raise SourceGarbled("no HTTP reply")
                return []
            self._begin(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            if self._parser is not None:
                rest, self._buffer = bytes(self._buffer), bytearray()
                return self._parser.feed(rest)
        if len(self._buffer) > PART_LIMIT:
            raise SourceGarbled("a picture of more than 8 MB")
        return []

    def _begin(self, text: bytes) -> None:
        try:
            head = self._head = parse_head(text)
        except BadReply as error:
            raise SourceGarbled(str(error)) from error
        if head.status != 200:
            raise SourceLost(f"HTTP {head.status}")
        if head.boundary is not None:
            self._parser = MultipartParser(head.boundary)
        elif not head.headers.get("content-type", "").lower().startswith("image/jpeg"):
            raise SourceGarbled(f"neither pictures nor a stream: {head.headers.get('content-type', 'no type')[:60]}")

    def _at_end(self) -> list[bytes]:
        """The one picture of an ``image/jpeg`` reply, which ends with the connection."""
        if self._head is None:
            if self._buffer:
                raise SourceGarbled("no HTTP reply")
            return []
        if self._parser is not None or not self._buffer:
            return []
        picture, self._buffer = bytes(self._buffer), bytearray()
        return [picture]


def split_url(url: str) -> tuple[str, int, str]:
    """Host, port and path of an ``http://`` URL. Raises ``ValueError``, saying what is wrong."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the port of {url!r} is not a number from 1 to 65535") from error
    if parts.scheme != "http" or not parts.hostname or parts.username:
        raise ValueError(f"a camera's link is http://host:port/path, not {url!r}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not (path + parts.hostname).isascii() or any(character <= " " for character in path):
        raise ValueError(f"the path of {url!r} holds a character that must be percent-encoded")
    return parts.hostname, port or 80, path


class MjpegCamera(DocumentCamera):
    """A document camera that serves MJPEG over HTTP. Raises ``ValueError`` for a URL that cannot be one."""

    def __init__(
        self,
        url: str,
        snapshot: str | None = None,
        *,
        delays: CameraDelays | None = None,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for address in (url, snapshot or url):
            split_url(address)
        super().__init__(MjpegSource(url, snapshot), delays=delays, supervision=supervision, clock=clock)
