"""How a virtual printer hangs on the terminal: a TCP port, or a serial line that is a pty."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from drivers.virtual.pty import PtyPort

_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on, 0 s: closing sends RST, as a pulled cable ends in


class Line(Protocol):
    """One connection, or one plug of the cable."""

    def receive(self) -> bytes:
        """What came, waiting for it; ``b""`` at the end of the line."""
        ...

    def send(self, data: bytes) -> None:
        """Write; never raises."""
        ...

    def pull(self) -> None:
        """End the line the rude way; may be called twice."""
        ...


class Front(Protocol):
    """One way to hang a printer on the terminal."""

    #: True: the line is the cable, and is gone with it; False: lines come and go.
    is_cable: bool

    @property
    def facts(self) -> dict[str, object]:
        """Where it is to be found; stays the same over ``down`` and ``up``."""
        ...

    def up(self, joined: Callable[[Line], None]) -> None:
        """Be there; ``joined`` is called with each line that begins. Does nothing when it is up."""
        ...

    def down(self) -> None:
        """Be gone for whoever comes; the lines that stand are the printer's to pull."""
        ...


class TcpLine:
    """One TCP connection."""

    def __init__(self, line: socket.socket) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line = line

    def receive(self) -> bytes:
        """What came; ``b""`` when the other end closed, or when the line was pulled."""
        try:
            return self._line.recv(4096)
        except OSError:
            return b""

    def send(self, data: bytes) -> None:
        """Write; an end that is gone is the reader's to notice."""
        try:
            self._line.sendall(data)
        except OSError:
            pass

    def pull(self) -> None:
        """Reset the connection."""
        try:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._line.shutdown(socket.SHUT_RD)  # wakes the reader; closing alone would leave it waiting
        except OSError:  # closed already, or by the other end
            pass
        self._line.close()


class TcpFront:
    """The printers' own port 9100, or any other."""

    is_cable = False

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._listener: socket.socket | None = None

    @property
    def facts(self) -> dict[str, object]:
        """The port."""
        return {"port": self._address[1]}

    def up(self, joined: Callable[[Line], None]) -> None:
        """Listen."""
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # a small buffer, as printers have: stalls show
        listener.bind(self._address)
        listener.listen(8)
        self._address = listener.getsockname()
        self._listener = listener
        threading.Thread(target=_accept, args=(listener, joined), name="accept", daemon=True).start()

    def down(self) -> None:
        """Listen no more."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def _accept(listener: socket.socket, joined: Callable[[Line], None]) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        joined(TcpLine(line))


class PtyFront:
    """A serial line, or the adapter of one: behind ``link`` while it is plugged in."""

    is_cable = True

    def __init__(self, link: Path) -> None:
        self._port = PtyPort(link)

    @property
    def facts(self) -> dict[str, object]:
        """The link; there is no port."""
        return {"port": 0, "link": str(self._port.link)}

    def up(self, joined: Callable[[Line], None]) -> None:
        """Plug it in."""
        if not self._port.plugged:
            joined(self._port.plug())

    def down(self) -> None:
        """Unplug it."""
        self._port.unplug()
