"""The wire to a printer on the network: ESC/POS over TCP."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable

from drivers.printer.face import LinkLost, LinkStalled

CONNECT_S = 3.0
_CHUNK = 4096
_DEAD_MS = 20_000  # a printer that lost its power acknowledges nothing: the kernel then ends the connection


class TcpLink:
    """ESC/POS over TCP, the printers' own port 9100."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None

    @property
    def address(self) -> str:
        """``tcp://host:port``."""
        return f"tcp://{self._host}:{self._port}"

    def open(self) -> None:
        """Connect within 3 s. Raises ``LinkLost``."""
        self.close()
        try:
            line = socket.create_connection((self._host, self._port), timeout=CONNECT_S)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_MS)
            line.setblocking(False)
        except OSError as error:
            raise LinkLost(str(error)) from error
        self._socket = line

    def close(self) -> None:
        """Release the line; never raises, may be called twice."""
        line, self._socket = self._socket, None
        if line is not None:
            try:
                line.close()
            except OSError:  # the peer's reset can surface here; the line is gone either way
                pass

    def write(self, data: bytes, limit: float, give_up: Callable[[], bool]) -> None:
        """Write all of ``data`` within ``limit`` seconds. Raises ``LinkLost`` or ``LinkStalled``."""
        line = self._line()
        view = memoryview(data)
        sent = 0
        end = time.monotonic() + limit
        while sent < len(view):
            left = end - time.monotonic()
            if left <= 0 or give_up():
                raise LinkStalled(sent)
            try:
                _, ready, _ = select.select([], [line], [], min(left, 0.25))
                if ready:
                    sent += line.send(view[sent : sent + _CHUNK])
            except BlockingIOError:
                continue
            except (OSError, ValueError) as error:
                raise LinkLost(str(error), sent) from error

    def read(self, limit: float) -> bytes:
        """What has come, after at most ``limit`` seconds; ``b""`` for silence. Raises ``LinkLost``."""
        line = self._line()
        try:
            ready, _, _ = select.select([line], [], [], max(0.0, limit))
            if not ready:
                return b""
            data = line.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except (OSError, ValueError) as error:
            raise LinkLost(str(error)) from error
        if not data:
            raise LinkLost("the printer closed the connection")
        return data

    def _line(self) -> socket.socket:
        if self._socket is None:
            raise LinkLost("not connected")
        return self._socket
