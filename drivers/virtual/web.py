"""The HTTP front of a virtual device: a server whose connections can all be cut at once, as pulling a cable does."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class WebFront(ThreadingHTTPServer):
    """Serves in threads that nobody waits for; says nothing of lines that break."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._lines: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that broke is no error of the device."""

    @property
    def connections(self) -> int:
        """How many hang on it now."""
        return len(self._lines)

    def begin(self, name: str) -> None:
        """Serve in a thread of that name."""
        threading.Thread(target=self.serve_forever, args=(0.05,), name=name, daemon=True).start()

    def end(self) -> None:
        """Stop listening and cut all connections."""
        self.shutdown()
        self.server_close()
        for line in tuple(self._lines):
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:  # it was cut already
                pass
