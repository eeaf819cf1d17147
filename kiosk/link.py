"""The one link between station and window: ``KioskStatus`` one way, intents the other.

``StationLink`` listens on a Unix socket, ``WindowLink`` connects to it and comes back by itself; ``MemoryLink`` is both
ends in one process, for tests. A message is 4 bytes of length (big endian) and JSON. The newest window wins: an older
connection is closed. A slow window never holds the station up: it gets the newest status, and the ones between are
left out.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from kiosk import intents
from kiosk.intents import Intent
from kiosk.status import KioskStatus
from wire import canon, events

MAX_STATUS = 4 << 20
"""Largest status in bytes; a visit with eight thumbnails stays under 300 kB."""
MAX_INTENT = 16 << 10
"""Largest intent in bytes."""
RETRY_S = 0.3
"""Pause of the window between two tries to reach the station."""
SEND_S = 5.0
"""Longest that the station waits for a window to take a status before it drops the connection."""

_LENGTH = struct.Struct(">I")

StatusCallback = Callable[[KioskStatus], None]
IntentCallback = Callable[[Intent], None]
ConnectedCallback = Callable[[bool], None]


class LinkError(Exception):
    """The other end broke the rules of the link; the connection is closed."""


class Link(Protocol):
    """The station's end."""

    def publish(self, status: KioskStatus) -> None:
        """Give the window a new status; returns at once."""
        ...

    def on_intent(self, callback: IntentCallback) -> None:
        """Have ``callback`` called with each intent, from a thread of the link."""
        ...


class Window(Protocol):
    """The window's end."""

    def on_status(self, callback: StatusCallback) -> None:
        """Have ``callback`` called with each new status, from a thread of the link; at once with a known one."""
        ...

    def on_connected(self, callback: ConnectedCallback) -> None:
        """Have ``callback`` called with True or False when the station comes or goes."""
        ...

    def send(self, intent: Intent) -> None:
        """Say ``intent``; returns at once. Dropped when there is no station: an old tap must not act later."""
        ...


class MemoryLink:
    """Both ends in one process. Callbacks run on the caller's thread."""

    def __init__(self) -> None:
        self._intent: IntentCallback | None = None
        self._status: StatusCallback | None = None
        self.newest: KioskStatus | None = None
        """The last status that was published."""

    def publish(self, status: KioskStatus) -> None:
        """See ``Link``."""
        self.newest = status
        if self._status is not None:
            self._status(status)

    def on_intent(self, callback: IntentCallback) -> None:
        """See ``Link``."""
        self._intent = callback

    def on_status(self, callback: StatusCallback) -> None:
        """See ``Window``."""
        self._status = callback
        if self.newest is not None:
            callback(self.newest)

    def on_connected(self, callback: ConnectedCallback) -> None:
        """See ``Window``."""
        callback(True)

    def connect(self, path: str) -> None:
        """Nothing to do: both ends are here."""

    def send(self, intent: Intent) -> None:
        """See ``Window``."""
        if self._intent is not None:
            self._intent(intent)

    def close(self) -> None:
        """Forget both callbacks."""
        self._intent = self._status = None


class StationLink:
    """The station's end on a Unix socket that only this user can open (mode 0600, and the peer's user id is asked).

    ``window``: user id of a window that has a user of its own; the station's group may open the socket then.
    """

    def __init__(self, path: Path, window: int | None = None) -> None:
        """Listen on ``path``; a socket left there by an earlier station is replaced. Raises OSError."""
        path.unlink(missing_ok=True)
        self._path = path
        self._server = socket.socket(socket.AF_UNIX)
        self._users = {os.getuid()} if window is None else {os.getuid(), window}
        before = os.umask(0o177 if window is None else 0o117)
        try:
            self._server.bind(str(path))
        finally:
            os.umask(before)
        self._server.listen(4)
        self._changed = threading.Condition()
        self._newest: bytes = b""
        self._rev = 0
        self._peer: socket.socket | None = None
        self._closed = False
        self._intent: IntentCallback | None = None
        threading.Thread(target=self._accept, name="link-accept", daemon=True).start()

    def publish(self, status: KioskStatus) -> None:
        """See ``Link``."""
        data = status.model_dump_json().encode()
        with self._changed:
            self._newest = data
            self._rev += 1
            self._changed.notify_all()

    def on_intent(self, callback: IntentCallback) -> None:
        """See ``Link``."""
        self._intent = callback

    def close(self) -> None:
        """Stop listening and close the window's connection."""
        with self._changed:
            self._closed = True
            self._drop(self._peer)
            self._changed.notify_all()
        _hang_up(self._server)
        self._server.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            if _uid_of(peer) not in self._users:
                peer.close()
                continue
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(SEND_S), 0))
            with self._changed:
                if self._closed:
                    peer.close()
                    return
                self._drop(self._peer)
                self._peer = peer
                self._changed.notify_all()
            threading.Thread(target=self._read, args=(peer,), name="link-read", daemon=True).start()
            threading.Thread(target=self._write, args=(peer,), name="link-write", daemon=True).start()

    def _write(self, peer: socket.socket) -> None:
        seen = 0
        while True:
            with self._changed:
                while self._peer is peer and seen == self._rev:
                    self._changed.wait()
                if self._peer is not peer:
                    return
                data, seen = self._newest, self._rev
            try:
                peer.sendall(_LENGTH.pack(len(data)) + data)
            except OSError:
                _hang_up(peer)
                return

    def _read(self, peer: socket.socket) -> None:
        try:
            while True:
                intent = intents.read(_receive(peer, MAX_INTENT))
                if self._intent is not None and self._peer is peer:
                    self._intent(intent)
        except (OSError, LinkError, canon.CanonError) as error:
            if isinstance(error, canon.CanonError):
                events.log_error("link", error)
        finally:
            self._gone(peer)

    def _gone(self, peer: socket.socket) -> None:
        with self._changed:
            if self._peer is peer:
                self._peer = None
                self._changed.notify_all()
        _hang_up(peer)
        peer.close()

    def _drop(self, peer: socket.socket | None) -> None:
        if peer is not None:
            self._peer = None
            _hang_up(peer)


class WindowLink:
    """The window's end on a Unix socket. One thread of its own reads; ``send`` writes from any thread."""

    def __init__(self) -> None:
        self._status: StatusCallback | None = None
        self._connected: ConnectedCallback | None = None
        self._newest: KioskStatus | None = None
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._closed = threading.Event()

    def connect(self, path: str) -> None:
        """Begin to reach the station at the socket ``path``, now and after every loss; returns at once."""
        threading.Thread(target=self._run, args=(path,), name="link", daemon=True).start()

    def on_status(self, callback: StatusCallback) -> None:
        """See ``Window``."""
        self._status = callback
        if self._newest is not None:
            callback(self._newest)

    def on_connected(self, callback: ConnectedCallback) -> None:
        """See ``Window``."""
        self._connected = callback
        callback(self._sock is not None)

    def send(self, intent: Intent) -> None:
        """See ``Window``."""
        data = intent.model_dump_json().encode()
        with self._lock:
            if self._sock is None:
                return
            try:
                self._sock.sendall(_LENGTH.pack(len(data)) + data)
            except OSError:
                _hang_up(self._sock)  # the reader notices and connects again

    def close(self) -> None:
        """End the connection for good."""
        self._closed.set()
        with self._lock:
            if self._sock is not None:
                _hang_up(self._sock)

    def _run(self, path: str) -> None:
        while not self._closed.is_set():
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(path)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 1, 0))
                self._follow(sock)
            except (OSError, LinkError, ValidationError):
                pass  # no station, or one that talks nonsense: try again below
            finally:
                with self._lock:
                    was, self._sock = self._sock, None
                sock.close()
            if was is not None and self._connected is not None:
                self._connected(False)
            self._closed.wait(RETRY_S)

    def _follow(self, sock: socket.socket) -> None:
        with self._lock:
            self._sock = sock
        if self._connected is not None:
            self._connected(True)
        while True:
            status = KioskStatus.model_validate_json(_receive(sock, MAX_STATUS))
            self._newest = status
            if self._status is not None:
                self._status(status)


def _receive(sock: socket.socket, limit: int) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size))
    if length > limit:
        raise LinkError(f"a message of {length} bytes")
    return _exactly(sock, length)


def _exactly(sock: socket.socket, count: int) -> bytes:
    held = bytearray()
    while len(held) < count:
        got = sock.recv(min(count - len(held), 1 << 16))
        if not got:
            raise LinkError("closed")
        held += got
    return bytes(held)


def _uid_of(peer: socket.socket) -> int:
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return uid


def _hang_up(sock: socket.socket) -> None:
    """Wake whoever waits on ``sock``; the thread that reads it closes it."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it was not connected any more
