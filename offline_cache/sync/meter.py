"""Bytes on the line as the kernel counts them, for each connection: what a prepaid SIM is charged for.

TCP_INFO (Linux 4.19 and later) gives the payload sent, repeats included, and received, and the segments both ways; to
each segment belong the IP and TCP headers with the time stamp option: 52 bytes on IPv4, 72 on IPv6. TLS, HTTP headers
and acknowledgements are thereby in. Not counted: DNS, a connection that never came about (SYNs, a handshake that
failed, some 3 kB) and what the peer still sends after we closed.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

UNSENT = 8 * 1024
"""Bytes that may lie unsent in our kernel (TCP_NOTSENT_LOWAT)."""
_HEADERS = {socket.AF_INET: 52, socket.AF_INET6: 72}
_INFO_BYTES = 232
# struct tcp_info of linux/tcp.h: bytes_received, segs_out, segs_in; then bytes_sent.
_RECEIVED_AND_SEGMENTS, _SENT = struct.Struct("=128xQII"), struct.Struct("=200xQ")
_ROUND_TRIP = struct.Struct("=68xI")  # tcpi_rtt: microseconds, smoothed, what waits on the way included
_PATIENCE_S = (3.0, 9.0)


def on_line(sock: socket.socket) -> int:
    """Bytes that this TCP connection put on the line since it was made, both ways; 0 where that is not to be had."""
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
        received, segments_out, segments_in = _RECEIVED_AND_SEGMENTS.unpack_from(info)
        (sent,) = _SENT.unpack_from(info)
    except (OSError, struct.error):
        return 0
    return sent + received + (segments_out + segments_in) * _HEADERS.get(sock.family, 52)


def patience(sock: socket.socket) -> None:
    """How long bytes may stay unacknowledged before the connection is dead: a second and two round trips.

    The round trip is the kernel's smoothed one, with all that waits in queues. From 3 to 9 s (sync-notes §3.3 has 9):
    one repeat may be lost too. Only once the connection stands: the kernel counts a handshake by the same option, and
    on a slow line that may take longer. Measured with cuts of 6 s: a dead connection is left some 4 s sooner.
    """
    try:
        (micros,) = _ROUND_TRIP.unpack_from(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES))
        wait_s = min(max(1.0 + 2 * micros / 1e6, _PATIENCE_S[0]), _PATIENCE_S[1])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(wait_s * 1000))
    except (OSError, struct.error):
        return


class Meter:
    """Sums over one connection after the other. For one thread."""

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        self._seen = 0
        self._untold = 0

    def opened(self, sock: socket.socket | None) -> None:
        """A connection was made."""
        self.closing(self._sock)
        self._sock, self._seen = sock, 0
        self.pass_on()

    def pass_on(self) -> None:
        """More is about to be sent."""
        if self._sock is not None:
            patience(self._sock)

    def closing(self, sock: socket.socket | None) -> None:
        """A connection is about to be closed."""
        if sock is not None and sock is self._sock:
            self._read()
            self._sock = None

    def take(self) -> int:
        """Bytes since the last call."""
        self._read()
        told, self._untold = self._untold, 0
        return told

    def _read(self) -> None:
        if self._sock is None:
            return
        seen = on_line(self._sock)
        if seen > self._seen:
            self._untold += seen - self._seen
            self._seen = seen


@contextmanager
def _corked(connection: HTTPConnection) -> Generator[None]:
    """Full segments only, until the request ends: head and body leave together (a segment's headers are 52 bytes).

    Not where a segment is longer than what may lie unsent (this machine's own line): each block waited 200 ms there.
    """
    if connection.sock is None:
        connection.connect()
    _cork(connection.sock, on=True)
    yield
    _cork(connection.sock, on=False)


def _cork(sock: socket.socket | None, *, on: bool) -> None:
    if sock is not None and sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) < UNSENT:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, int(on))


def pools(meter: Meter, check: Callable[[socket.socket | None], None]) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools whose connections are metered. ``check``: asked of each TLS connection once it stands."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            meter.opened(self.sock)

        def request(self, *args: Any, **kwargs: Any) -> None:
            with _corked(self):
                super().request(*args, **kwargs)

        def close(self) -> None:
            meter.closing(self.sock)
            super().close()

    class Secure(Plain, HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            check(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = cast(Any, Plain)  # urllib3's protocols do not fit its own classes

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = cast(Any, Secure)

    return {"http": PlainPool, "https": SecurePool}
