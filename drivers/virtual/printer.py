"""A virtual ESC/POS printer on TCP: paper, cover, cutter, silence, noise, delay, and cables that are pulled.

Like the real ones it answers DLE EOT at once, prints only while nothing is wrong, and answers GS r from its buffer,
behind what was to be printed before. What has come out on paper is kept, job by job (a cut ends a job).

Control words: ``set`` (flags below), ``state``, ``jobs`` (raw bytes, base64), ``forget``, ``push`` (hex bytes to all
connections), ``hang_up``, ``off``, ``on``.

Flags: ``paper_out near_end cover cutter error unrecoverable feed_button mute stall`` (true or false), ``garbage`` (hex,
put before each answer), ``delay`` (seconds before an answer), ``rate`` (bytes a second on paper, 0: at once),
``paper_out_after``, ``hang_up_after`` (bytes of the stream from now on; null: never).
"""

from __future__ import annotations

import base64
import socket
import threading
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from drivers.virtual.control import ControlServer, announce, arguments
from drivers.virtual.escpos import DLE, GS, size

_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on, 0 s: closing sends RST, as a pulled cable ends in


@dataclass
class Flags:
    """What the bench can change while the printer runs."""

    paper_out: bool = False
    near_end: bool = False
    cover: bool = False
    cutter: bool = False
    error: bool = False
    unrecoverable: bool = False
    feed_button: bool = False
    mute: bool = False
    stall: bool = False
    garbage: str = ""
    delay: float = 0.0
    rate: float = 0.0
    paper_out_after: int | None = None
    hang_up_after: int | None = None

    @property
    def blocked(self) -> bool:
        """True while nothing can be printed."""
        return self.paper_out or self.cover or self.cutter or self.error or self.unrecoverable or self.feed_button

    def dle_eot(self, n: int) -> int:
        """The reply to DLE EOT n, in Epson's layout."""
        bits = {
            1: 0x08 * self.blocked | 0x40 * self.feed_button,
            2: 0x04 * self.cover
            | 0x08 * self.feed_button
            | 0x20 * self.paper_out
            | 0x40 * (self.cutter or self.error or self.unrecoverable),
            3: 0x08 * self.cutter | 0x20 * self.unrecoverable | 0x40 * self.error,
            4: 0x0C * (self.near_end or self.paper_out) | 0x60 * self.paper_out,
        }
        return 0x12 | bits.get(n, 0)

    def asb(self) -> bytes:
        """The four bytes that a printer with ASB on sends at each change."""
        return bytes(
            (
                0x10 | 0x08 * self.blocked | 0x20 * self.cover | 0x40 * self.feed_button,
                0x08 * self.cutter | 0x20 * self.unrecoverable | 0x40 * self.error,
                0x03 * (self.near_end or self.paper_out) | 0x0C * self.paper_out,
                0,
            )
        )


@dataclass
class Sheet:
    """What came out between two cuts."""

    raw: bytearray = field(default_factory=bytearray)
    cut: bool = False


class VirtualPrinter:
    """The printer itself; ``command`` is its control panel."""

    def __init__(self, host: str, port: int, spool: Path | None) -> None:
        self._address = (host, port)
        self._spool = spool
        self._change = threading.Condition()
        self._flags = Flags()
        self._asb = False
        self._buffer: list[tuple[bytes, socket.socket]] = []
        self._sheets = [Sheet()]
        self._connections: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._switch_on()
        threading.Thread(target=self._print_on, name="paper", daemon=True).start()

    @property
    def port(self) -> int:
        """The port it listens on; stays the same over ``off`` and ``on``."""
        return self._address[1]

    def command(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """One control word; see the module."""
        with self._change:
            if do == "set":
                self._set(args)
            elif do == "jobs":
                return {
                    "jobs": [
                        {"raw": base64.b64encode(sheet.raw).decode(), "cut": sheet.cut}
                        for sheet in self._sheets
                        if sheet.raw
                    ]
                }
            elif do == "forget":
                self._sheets = [Sheet()]
            elif do == "push":
                self._send_all(bytes.fromhex(args["hex"]))
            elif do == "hang_up":
                self._hang_up()
            elif do == "off":
                self._switch_off()
            elif do == "on":
                self._switch_on()
            elif do != "state":
                raise ValueError(f"unknown word {do!r}")
            flags = {entry.name: getattr(self._flags, entry.name) for entry in fields(Flags)}
            return {
                "flags": flags,
                "connections": len(self._connections),
                "waiting": sum(len(raw) for raw, _ in self._buffer),
            }

    def _set(self, args: dict[str, Any]) -> None:
        known = {entry.name for entry in fields(Flags)}
        if set(args) - known:
            raise ValueError(f"unknown flags {sorted(set(args) - known)}")
        before = self._flags.asb()
        for name, value in args.items():
            setattr(self._flags, name, value)
        if self._asb and self._flags.asb() != before:
            self._send_all(self._flags.asb())
        self._change.notify_all()

    # The line.

    def _switch_on(self) -> None:
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # a small buffer, as printers have: stalls show
        listener.bind(self._address)
        listener.listen(8)
        self._address = listener.getsockname()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), name="accept", daemon=True).start()

    def _switch_off(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._hang_up()
        self._buffer.clear()
        self._asb = False

    def _hang_up(self) -> None:
        for line in self._connections:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            line.shutdown(socket.SHUT_RD)  # wakes the reader; closing alone would leave it waiting
            line.close()
        self._connections.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._change:
                self._connections.append(line)
            threading.Thread(target=self._receive, args=(line,), name="line", daemon=True).start()

    def _receive(self, line: socket.socket) -> None:
        rest = bytearray()
        while True:
            with self._change:
                self._change.wait_for(lambda: not self._flags.stall)
            try:
                data = line.recv(4096)
            except OSError:
                data = b""
            with self._change:
                if not data or line not in self._connections:
                    if line in self._connections:
                        self._connections.remove(line)
                        line.close()
                    return
                rest += self._until_pulled(data)
                while rest:
                    length = size(rest)
                    if length is None or length > len(rest):
                        break
                    self._take(bytes(rest[:length]), line)
                    del rest[:length]
                if self._flags.hang_up_after == 0:
                    self._flags.hang_up_after = None
                    self._hang_up()
                    return

    def _until_pulled(self, data: bytes) -> bytes:
        """What of ``data`` still arrives before the cable is pulled."""
        left = self._flags.hang_up_after
        if left is None:
            return data
        self._flags.hang_up_after = max(0, left - len(data))
        return data[:left]

    def _take(self, command: bytes, line: socket.socket) -> None:
        """Real-time commands are answered at once, everything else joins the buffer."""
        if command[0] == DLE:
            if command[1:2] == b"\x04":
                self._answer(line, bytes((self._flags.dle_eot(command[2]),)))
            return
        self._buffer.append((command, line))
        self._change.notify_all()

    def _answer(self, line: socket.socket, answer: bytes) -> None:
        if self._flags.mute:
            return
        if self._flags.delay:
            time.sleep(self._flags.delay)
        self._send(line, bytes.fromhex(self._flags.garbage) + answer)

    def _send(self, line: socket.socket, data: bytes) -> None:
        try:
            line.sendall(data)
        except OSError:  # the other end is gone, which its reader notices
            pass

    def _send_all(self, data: bytes) -> None:
        for line in self._connections:
            self._send(line, data)

    # The paper.

    def _print_on(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: bool(self._buffer) and not self._flags.blocked)
                command, line = self._buffer.pop(0)
                if command[:2] == b"\x1dr":
                    self._answer(line, bytes((3 * self._flags.near_end,)))
                    continue
                if command[:2] == b"\x1da":
                    self._asb = bool(command[2])
                    self._answer(line, self._flags.asb())
                    continue
                self._put_on_paper(command)
                rate = self._flags.rate
            if rate:
                time.sleep(len(command) / rate)

    def _put_on_paper(self, command: bytes) -> None:
        sheet = self._sheets[-1]
        sheet.raw += command
        left = self._flags.paper_out_after
        if left is not None:
            left -= len(command)
            self._flags.paper_out_after = None if left <= 0 else left
            if left <= 0:
                self._set({"paper_out": True})
        if command[0] == GS and command[1:2] == b"V":
            sheet.cut = True
            if self._spool is not None:
                (self._spool / f"job-{len(self._sheets)}.bin").write_bytes(sheet.raw)
            self._sheets.append(Sheet())


def main() -> None:
    """``python -m drivers.virtual.printer --port 0 --control PATH [--spool DIR]``."""
    parser = arguments("A virtual ESC/POS printer on TCP.")
    parser.add_argument("--spool", type=Path, help="folder that gets each cut job as job-N.bin")
    options = parser.parse_args()
    if options.spool is not None:
        options.spool.mkdir(parents=True, exist_ok=True)
    printer = VirtualPrinter(options.host, options.port, options.spool)
    control = ControlServer(options.control, printer.command)
    announce(port=printer.port)
    control.serve_forever()


if __name__ == "__main__":
    main()
