"""The line between terminal and office as a thing that can be cut: a TCP proxy, commanded over a Unix socket.

``python -m deploy.demo.line --listen 0 --to 127.0.0.1:8080 --control SOCK`` prints ``{"port": n}`` as its first line.
Commands, one a line on the control socket, each answered by one JSON line:

* ``up``: new connections pass.
* ``down``: every connection is reset, new ones are reset at once.
* ``blackhole``: nothing moves any more and nothing is closed (a modem that lost its carrier).
* ``portal STATUS``: a captive portal answers in the office's place, with its page (200) or by sending there (302).
* ``tls``: somebody else's TLS server answers, with a certificate of another name that nobody signed.
* ``flap SECONDS``: up and down in turn, each for so long; any of the words above ends it.
* ``slow BPS``: bits per second, in each direction of each connection; 0 lifts it.
* ``cut-every SECONDS``: reset every connection that often; 0 stops it.
* ``good``: up, as fast as it goes, and never cut.
* ``status``: only the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import struct
import sys
from pathlib import Path

from deploy.demo import strangers

_BLOCK = 4096
_RST = struct.pack("ii", 1, 0)


class Line:
    """The proxy. ``mode``: up, down, blackhole, portal or tls. ``bps``: 0 for as fast as it goes.

    ``strangers``: the ports on this machine that answer instead of the office, by the word that leads there.
    """

    def __init__(self, host: str, port: int, strangers: dict[str, int]) -> None:
        self._office = self._to = (host, port)
        self._strangers = strangers
        self.mode = "up"
        self.bps = 0
        self.cuts = 0
        self.bytes_up = 0
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter | None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._cutter: asyncio.Task[None] | None = None
        self._flapper: asyncio.Task[None] | None = None

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        if self.mode == "down":
            _reset(writer)
            return
        await self._flows.wait()  # in the black hole the kernel's handshake still succeeds, and then nothing does
        try:
            there, onward = await asyncio.open_connection(*self._to)
        except OSError:
            _reset(writer)
            return
        pair = (writer, onward)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._carry(reader, onward, upward=True), self._carry(there, writer, upward=False))
        finally:
            self._pairs.discard(pair)
            for one in (writer, onward):
                one.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, upward: bool) -> None:
        try:
            while block := await reader.read(_BLOCK):
                await self._flows.wait()
                if self.bps:
                    await asyncio.sleep(len(block) * 8 / self.bps)
                if upward:
                    self.bytes_up += len(block)
                writer.write(block)
                await writer.drain()
            writer.write_eof()
        except (OSError, RuntimeError):  # the other side is gone, or was reset
            _reset(writer)

    def cut(self) -> None:
        """Reset every connection."""
        self.cuts += 1
        for pair in list(self._pairs):
            for writer in pair:
                if writer is not None:
                    _reset(writer)

    def obey(self, words: list[str]) -> dict[str, object]:
        """Carry one command out. Raises ValueError."""
        match words:
            case ["up" | "down" | "blackhole" | "tls" as mode]:
                self._flap(0)
                self._go(mode)
            case ["portal", "200" | "302" as status]:
                self._flap(0)
                self._go("portal", status)
            case ["flap", seconds]:
                self._flap(float(seconds))
            case ["slow", bps]:
                self.bps = max(0, int(bps))
            case ["cut-every", seconds]:
                self._cut_often(float(seconds))
            case ["good"]:
                self.bps = 0
                self._cut_often(0)
                self._flap(0)
                self._go("up")
            case ["status"]:
                pass
            case _:
                raise ValueError(
                    "up, down, blackhole, portal 200, portal 302, tls, flap SECONDS, slow BPS, cut-every SECONDS, "
                    "good or status"
                )
        return {
            "mode": self.mode,
            "flaps": self._flapper is not None,
            "bps": self.bps,
            "cuts": self.cuts,
            "bytes_up": self.bytes_up,
        }

    def _go(self, mode: str, status: str = "") -> None:
        """What stood before is cut, unless the line was and stays up."""
        if mode == "blackhole":
            self._flows.clear()
        elif (self.mode, mode) != ("up", "up"):
            self.cut()
            self._flows.set()
        stranger = self._strangers.get(mode + status)
        self._to = self._office if stranger is None else ("127.0.0.1", stranger)
        self.mode = mode

    def _cut_often(self, seconds: float) -> None:
        if self._cutter is not None:
            self._cutter.cancel()
        self._cutter = asyncio.get_running_loop().create_task(self._cut_every(seconds)) if seconds > 0 else None

    def _flap(self, seconds: float) -> None:
        if self._flapper is not None:
            self._flapper.cancel()
        self._flapper = asyncio.get_running_loop().create_task(self._flap_every(seconds)) if seconds > 0 else None

    async def _flap_every(self, seconds: float) -> None:
        while True:
            for mode in ("up", "down"):
                self._go(mode)
                await asyncio.sleep(seconds)

    async def _cut_every(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.cut()

    async def command(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One control connection."""
        try:
            while line := await reader.readline():
                try:
                    answer = self.obey(line.decode().split())
                except ValueError as error:
                    answer = {"error": str(error)}
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except OSError:
            pass  # the commander left
        finally:
            writer.close()


def tell(control: Path, command: str) -> dict[str, object]:
    """Send one command to a running line; its answer. Raises OSError, ValueError (the command is none)."""
    with socket.socket(socket.AF_UNIX) as link, link.makefile("rw") as words:
        link.settimeout(5)
        link.connect(str(control))
        words.write(command + "\n")
        words.flush()
        answer: dict[str, object] = json.loads(words.readline())
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer


def _reset(writer: asyncio.StreamWriter) -> None:
    link: socket.socket | None = writer.get_extra_info("socket")
    if link is not None and not writer.transport.is_closing():
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
    writer.transport.abort()


async def serve(listen: int, host: str, port: int, control: Path) -> None:
    """Run until the process ends."""
    others = {
        "portal200": await strangers.portal(200),
        "portal302": await strangers.portal(302),
        "tls": await strangers.wrong_tls(),
    }
    line = Line(host, port, {word: other.sockets[0].getsockname()[1] for word, other in others.items()})
    server = await asyncio.start_server(line.accept, "127.0.0.1", listen)
    commands = await asyncio.start_unix_server(line.command, control)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    async with server, commands:
        await asyncio.gather(server.serve_forever(), commands.serve_forever())


def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(prog="python -m deploy.demo.line", description="A line that can be cut.")
    words.add_argument("--listen", type=int, default=0, help="TCP port on 127.0.0.1; 0 for a free one")
    words.add_argument("--to", required=True, help="host:port of the office")
    words.add_argument("--control", type=Path, required=True, help="Unix socket for commands; made by this process")
    given = words.parse_args()
    host, _, port = str(given.to).rpartition(":")
    try:
        asyncio.run(serve(given.listen, host, int(port), given.control))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
