"""A virtual ESC/POS printer on TCP or a pty: paper, cover, cutter, silence, noise, delay, and cables that are pulled.

Like the real ones it answers DLE EOT at once, prints only while nothing is wrong, and answers GS r from its buffer,
behind what was to be printed before. What has come out on paper is kept, job by job (a cut ends a job).

Control words: ``set`` (flags below), ``state``, ``jobs`` (raw bytes, base64), ``forget``, ``push`` (hex bytes to all
connections), ``hang_up``, ``off`` or ``unplug``, ``on`` or ``plug``. On a pty, ``hang_up`` is a cable pulled: it stays
out until ``plug``.

Flags: ``paper_out near_end cover cutter error unrecoverable feed_button mute stall`` (true or false), ``garbage`` (hex,
put before each answer; with ``mute`` it comes alone), ``delay`` (seconds before an answer), ``rate`` (bytes a second on
paper, 0: at once), ``paper_out_after``, ``hang_up_after`` (bytes of the stream from now on; null: never).
"""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from drivers.virtual.control import ControlServer, announce, arguments
from drivers.virtual.escpos import DLE, GS, size
from drivers.virtual.flags import Flags
from drivers.virtual.fronts import Front, Line, PtyFront, TcpFront
from drivers.virtual.pty import serve


@dataclass
class Sheet:
    """What came out between two cuts."""

    raw: bytearray = field(default_factory=bytearray)
    cut: bool = False


class VirtualPrinter:
    """The printer itself; ``command`` is its control panel."""

    def __init__(self, front: Front, spool: Path | None) -> None:
        self._front = front
        self._spool = spool
        self._change = threading.Condition()
        self._flags = Flags()
        self._asb = False
        self._buffer: list[tuple[bytes, Line]] = []
        self._sheets = [Sheet()]
        self._lines: list[Line] = []
        front.up(self._joined)
        threading.Thread(target=self._print_on, name="paper", daemon=True).start()

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
            elif do in ("off", "unplug"):
                self._switch_off()
            elif do in ("on", "plug"):
                self._front.up(self._joined)
            elif do != "state":
                raise ValueError(f"unknown word {do!r}")
            flags = {entry.name: getattr(self._flags, entry.name) for entry in fields(Flags)}
            return {
                "flags": flags,
                "connections": len(self._lines),
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

    def _joined(self, line: Line) -> None:
        with self._change:
            self._lines.append(line)
        threading.Thread(target=self._receive, args=(line,), name="line", daemon=True).start()

    def _switch_off(self) -> None:
        self._front.down()
        self._hang_up()
        self._buffer.clear()
        self._asb = False

    def _hang_up(self) -> None:
        if self._front.is_cable:
            self._front.down()
        for line in self._lines:
            line.pull()
        self._lines.clear()

    def _receive(self, line: Line) -> None:
        rest = bytearray()
        while True:
            with self._change:
                self._change.wait_for(lambda: not self._flags.stall or line not in self._lines)
            data = line.receive()
            with self._change:
                if not data or line not in self._lines:
                    if line in self._lines:
                        self._lines.remove(line)
                        line.pull()
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

    def _take(self, command: bytes, line: Line) -> None:
        """Real-time commands are answered at once, everything else joins the buffer."""
        if command[0] == DLE:
            if command[1:2] == b"\x04":
                self._answer(line, bytes((self._flags.dle_eot(command[2]),)))
            return
        self._buffer.append((command, line))
        self._change.notify_all()

    def _answer(self, line: Line, answer: bytes) -> None:
        noise = bytes.fromhex(self._flags.garbage)
        if self._flags.delay and not self._flags.mute:
            time.sleep(self._flags.delay)
        if noise or not self._flags.mute:
            line.send(noise if self._flags.mute else noise + answer)

    def _send_all(self, data: bytes) -> None:
        for line in self._lines:
            line.send(data)

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
    """``python -m drivers.virtual.printer --port 0 --control PATH [--pty LINK] [--spool DIR]``."""
    parser = arguments("A virtual ESC/POS printer on TCP, or on a serial line that is a pty.")
    parser.add_argument("--pty", type=Path, metavar="LINK", help="hang on a pty behind this link, not on a port")
    parser.add_argument("--spool", type=Path, help="folder that gets each cut job as job-N.bin")
    options = parser.parse_args()
    if options.spool is not None:
        options.spool.mkdir(parents=True, exist_ok=True)
    front = TcpFront(options.host, options.port) if options.pty is None else PtyFront(options.pty)
    printer = VirtualPrinter(front, options.spool)
    control = ControlServer(options.control, printer.command)
    announce(**front.facts)
    serve(control, front.down)


if __name__ == "__main__":
    main()
