"""A virtual card on a virtual reader behind a real pcscd.

vpcd's wire: two bytes of length (big-endian) and a body. A body of one byte from the reader is a word: 00 power off,
01 power on, 02 reset (none is answered), 04 the ATR, which is asked for again and again to see whether a card is there.
Anything longer is a command; its answer goes back. Closing the connection takes the card away.

Control words: ``insert`` (``kind`` ktp, staff, other, random or mute; ``uid`` hex), ``remove``, ``swap`` (takes the
card away and inserts this one 5 ms later), ``restart`` and ``kill`` (the service ends and starts again, in order or by
SIGKILL), ``stop`` (``kill`` true: by SIGKILL), ``start`` (the service), ``unplug``, ``plug`` (the reader; see
``drivers.virtual.pcscd``), ``set`` (faults below), ``state``.

Faults of the card, until they are set otherwise: ``silent`` (a command is never answered), ``slow`` (seconds before an
answer), ``short`` (one byte is the answer), ``garbage`` (hex: the answer), ``pull`` (the card goes while it is asked).

A card that lies on the reader stays there when the service ends, and is found again when it is back.
"""

from __future__ import annotations

import signal
import socket
import struct
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, fields
from pathlib import Path
from types import FrameType
from typing import Any

from drivers.virtual.control import ControlServer, announce, arguments
from drivers.virtual.pcscd import Pcscd

# Public facts: the first is that of real e-KTP (pcsc-tools' list), the others are of contactless cards in general.
ATRS = {
    "ktp": "3B8B8001654B5450304432654B54504C",
    "staff": "3B8F8001804F0CA000000306030001000000006A",
    "other": "3B8180018080",
    "random": "3B888001000000000000000009",
    "mute": "00",
}
UIDS = {"ktp": "04A1B2C3D4E5F6", "staff": "5A0B1C2D", "other": "93C4D5E6", "random": "08A1B2C3", "mute": ""}
_POWER_WORDS = (b"\x00", b"\x01", b"\x02")
_ASK_ATR = b"\x04"
_ASK_UID = bytes.fromhex("FFCA0000")
_SWAP_S = 0.005


@dataclass
class Faults:
    """What the bench can change about the card."""

    silent: bool = False
    slow: float = 0.0
    short: bool = False
    garbage: str = ""
    pull: bool = False


class VirtualCard:
    """The card: while it is inserted, a thread keeps it connected to the reader, whenever there is one."""

    def __init__(self, port: int) -> None:
        self.faults = Faults()
        self.kind = ""
        self._port = port
        self._uid = b""
        self._line: socket.socket | None = None
        self._away = threading.Event()
        self._thread: threading.Thread | None = None

    def insert(self, kind: str, uid: str | None) -> None:
        """Lay a card of that kind on the reader, in place of another one. Raises ``KeyError``, ``ValueError``."""
        atr, number = bytes.fromhex(ATRS[kind]), bytes.fromhex(UIDS[kind] if uid is None else uid)
        self.remove()
        self.kind, self._uid = kind, number
        self._away = threading.Event()
        self._thread = threading.Thread(target=self._lie, args=(atr, self._away), name="card", daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Take the card away."""
        self._away.set()
        self._hang_up()
        if self._thread is not None:
            self._thread.join()
        self._thread, self.kind = None, ""

    def _hang_up(self) -> None:
        line = self._line
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:  # the reader hung up first
                pass

    def _lie(self, atr: bytes, away: threading.Event) -> None:
        while not away.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), 1.0) as line:
                    line.settimeout(None)
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._line = line
                    self._serve(line, atr, away)
            except OSError:  # no reader, or it went; it may come back
                pass
            self._line = None
            away.wait(0.01)

    def _serve(self, line: socket.socket, atr: bytes, away: threading.Event) -> None:
        while not away.is_set():
            body = _receive(line, struct.unpack(">H", _receive(line, 2))[0])
            if body in _POWER_WORDS:
                continue
            answer = atr if body == _ASK_ATR else self._command(body, away)
            if answer is None:
                away.set()
                return
            line.sendall(struct.pack(">H", len(answer)) + answer)

    def _command(self, body: bytes, away: threading.Event) -> bytes | None:
        """The answer to a command; None: the card is taken away instead."""
        faults = self.faults
        if faults.silent:
            away.wait()
        if faults.pull or away.wait(faults.slow):
            return None
        if faults.short:
            return b"\x90"
        if faults.garbage:
            return bytes.fromhex(faults.garbage)
        return self._uid + b"\x90\x00" if body.startswith(_ASK_UID) else b"\x6d\x00"


def _receive(line: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = line.recv(count - len(data))
        if not part:
            raise ConnectionError
        # vpcd sends length and body apart: without this Nagle and the delayed ACK cost 40 ms a command.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        data += part
    return data


class Bench:
    """The card, its reader and the service, and the words for them."""

    def __init__(self, pcscd: Pcscd) -> None:
        self._pcscd = pcscd
        self._card = VirtualCard(pcscd.port)

    def command(self, do: str, rest: dict[str, Any]) -> dict[str, Any]:
        """One control word. Raises what is wrong with it."""
        match do:
            case "insert" | "swap":
                if do == "swap":
                    self._card.remove()
                    time.sleep(_SWAP_S)
                self._card.insert(rest.get("kind", "ktp"), rest.get("uid"))
            case "remove":
                self._card.remove()
            case "restart" | "kill":
                self._pcscd.stop(signal.SIGKILL if do == "kill" else signal.SIGTERM)
                self._pcscd.start()
            case "stop":
                self._pcscd.stop(signal.SIGKILL if rest.get("kill") else signal.SIGTERM)
            case "start":
                self._pcscd.start()
            case "unplug" | "plug":
                self._pcscd.plug(do == "plug")
            case "set":
                self._set(rest)
            case "state":
                pass
            case _:
                raise ValueError(f"no such word: {do}")
        return self._state()

    def close(self) -> None:
        """Take the card away and end the service."""
        self._card.remove()
        self._pcscd.stop()

    def _set(self, rest: dict[str, Any]) -> None:
        known = {one.name for one in fields(Faults)}
        if unknown := rest.keys() - known:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        for name, value in rest.items():
            setattr(self._card.faults, name, value)

    def _state(self) -> dict[str, Any]:
        return {
            "card": self._card.kind,
            "service": self._pcscd.running,
            "plugged": self._pcscd.plugged,
            **vars(self._card.faults),
        }


def _end(number: int, frame: FrameType | None) -> None:
    """End in order: pcscd must not outlive us."""
    sys.exit(0)


def main() -> None:
    """``python -m drivers.virtual.card --port 0 --control PATH [--poll-ms N]``; greets ``socket``, pcscd's."""
    parser = arguments("A virtual card on a virtual reader behind a pcscd of its own.")
    parser.add_argument("--poll-ms", type=int, default=40, help="how often the reader looks for a card")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        pcscd = Pcscd(Path(folder), options.poll_ms)
        bench = Bench(pcscd)
        try:
            pcscd.start()
            control = ControlServer(options.control, bench.command)
            announce(port=0, socket=str(pcscd.socket), reader_port=pcscd.port)
            control.serve_forever()
        finally:
            bench.close()


if __name__ == "__main__":
    main()
