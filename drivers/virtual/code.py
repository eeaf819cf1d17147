"""A virtual QR scanner: a serial line behind a stable link, which sends each code as the real ones do.

Control words: ``show`` (``text``: sent with CR LF), ``send`` (``hex``: any bytes), ``unplug`` or ``off``, ``plug`` or
``on``, ``state``.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from drivers.virtual.control import ControlServer, announce, arguments
from drivers.virtual.pty import PtyLine, PtyPort, serve


class VirtualScanner:
    """The scanner; ``command`` is its control panel."""

    def __init__(self, link: Path) -> None:
        self._port = PtyPort(link)
        self._line: PtyLine | None = None
        self._shown = 0
        self._plug()

    @property
    def link(self) -> Path:
        """Where it is to be found while it is plugged in."""
        return self._port.link

    def command(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """One control word; see the module."""
        if do == "show":
            self._send(f"{args['text']}\r\n".encode())
        elif do == "send":
            self._send(bytes.fromhex(args["hex"]))
        elif do in ("unplug", "off"):
            self.unplug()
        elif do in ("plug", "on"):
            self._plug()
        elif do != "state":
            raise ValueError(f"unknown word {do!r}")
        return {"plugged": self._port.plugged, "link": str(self.link), "shown": self._shown}

    def unplug(self) -> None:
        """Pull the cable."""
        self._line = None
        self._port.unplug()

    def _plug(self) -> None:
        if not self._port.plugged:
            self._line = self._port.plug()
            threading.Thread(target=_ignore, args=(self._line,), name="line", daemon=True).start()

    def _send(self, data: bytes) -> None:
        if self._line is None:
            raise ValueError("the scanner is not plugged in")
        self._line.send(data)
        self._shown += 1


def _ignore(line: PtyLine) -> None:
    """Read what the program writes: a scanner takes it and says nothing."""
    while line.receive():
        pass


def main() -> None:
    """``python -m drivers.virtual.code --control PATH [--link LINK]``."""
    parser = arguments("A virtual QR and barcode scanner on a serial line that is a pty.")
    parser.add_argument("--link", type=Path, help="the stable link; beside the control socket unless told otherwise")
    options = parser.parse_args()
    scanner = VirtualScanner(options.link or options.control.with_suffix(".tty"))
    control = ControlServer(options.control, scanner.command)
    announce(port=0, link=str(scanner.link))
    serve(control, scanner.unplug)


if __name__ == "__main__":
    main()
