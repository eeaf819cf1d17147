"""The control socket of a virtual device: a Unix socket, one JSON object a line, one JSON answer a line."""

from __future__ import annotations

import argparse
import json
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Handler = Callable[[str, dict[str, Any]], dict[str, Any]]


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, ControlServer)
        for line in self.rfile:
            self.wfile.write(json.dumps(server.answer(line)).encode() + b"\n")
            self.wfile.flush()


class ControlServer(socketserver.ThreadingUnixStreamServer):
    """Answers ``{"do": name, ...}`` lines with ``handler(name, rest)``; an error answers ``{"error": text}``."""

    daemon_threads = True

    def __init__(self, path: Path, handler: Handler) -> None:
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Line)
        self._handler = handler
        self._one_at_a_time = threading.Lock()

    def answer(self, line: bytes) -> dict[str, Any]:
        """The answer to one line; whatever goes wrong is part of it."""
        try:
            command = json.loads(line)
            name = command.pop("do")
            with self._one_at_a_time:
                return self._handler(name, command)
        except Exception as error:  # the bench has to see what it did wrong, and the device has to live on
            return {"error": f"{type(error).__name__}: {error}"}

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that every virtual device has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: the system chooses")
    parser.add_argument("--control", type=Path, required=True, help="path of the control socket")
    return parser


def announce(**facts: object) -> None:
    """Tell the starter, on one JSON line of stdout, that the device is up and where."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def call(path: Path, do: str, args: dict[str, object], limit: float = 20.0) -> dict[str, Any]:
    """Send one command to a control socket. Raises ``OSError``, or ``RuntimeError`` with the device's own error."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(limit)
        line.connect(str(path))
        line.sendall(json.dumps({"do": do, **args}).encode() + b"\n")
        with line.makefile("rb") as answers:
            text = answers.readline()
    if not text:
        raise RuntimeError(f"{do}: the virtual device went away")
    answer: dict[str, Any] = json.loads(text)
    if "error" in answer:
        raise RuntimeError(f"{do}: {answer['error']}")
    return answer
