"""The line where there are no namespaces: a TCP proxy on this machine that is slow, late and cut.

It has no packets: nothing is lost singly, and nobody can count what the wire would carry. After a cut, what was
connected stays dead and silent, as behind a carrier's NAT.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time

from tests.benchmarks.link.shape import Profile

_BLOCK = 1448


class ProxyLink:
    """The same face as ``namespaces.Link``; ``counts`` is None."""

    kind = "loopback proxy"
    host = "127.0.0.1"

    def __init__(self) -> None:
        self.listeners = [_listener(), _listener()]
        self._fronts = [_listener(), _listener()]
        self.ports = [front.getsockname()[1] for front in self._fronts]
        self._profile, self._began = Profile(), time.monotonic()
        self._free_at = [0.0, 0.0]
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._thread.start()
        for front, behind in zip(self._fronts, self.listeners, strict=True):
            asyncio.run_coroutine_threadsafe(self._serve(front, behind.getsockname()[1]), self._loop).result(10)

    def terminal(self, words: list[str]) -> list[str]:
        """The command as it is: both ends are this machine."""
        return words

    def shape(self, profile: Profile) -> None:
        """Take a profile; its clock begins now."""
        self._profile, self._began = profile, time.monotonic()

    def counts(self) -> None:
        """Nobody can count the wire here."""

    def close(self) -> None:
        """End the line."""

        async def end() -> None:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        for one in (*self._fronts, *self.listeners):
            one.close()

    async def _serve(self, front: socket.socket, port: int) -> None:
        front.setblocking(False)
        self._start(self._accept(front, port))

    def _start(self, work: object) -> None:
        task: asyncio.Task[None] = self._loop.create_task(work)  # pyright: ignore[reportArgumentType]  # it is a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, front: socket.socket, port: int) -> None:
        while True:
            connection, _ = await self._loop.sock_accept(front)
            self._start(self._carry(connection, port))

    async def _carry(self, connection: socket.socket, port: int) -> None:
        born = self._era()
        while born is None:  # cut: the SYN is not answered
            await asyncio.sleep(0.05)
            born = self._era()
        reader, writer = await asyncio.open_connection(sock=connection)
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.sleep(self._profile.rtt)
            await asyncio.gather(self._way(reader, back, 0, born), self._way(there, writer, 1, born))
        except OSError:
            pass
        finally:
            writer.transport.abort()
            back.transport.abort()

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: int, born: int) -> None:
        flying: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(48)
        arriving = asyncio.create_task(self._arrive(flying, writer, born))
        try:
            while block := await reader.read(_BLOCK):
                profile, now = self._profile, time.monotonic()
                seconds = (len(block) + 52) * 8 / profile.rate if profile.rate else 0.0
                self._free_at[way] = max(self._free_at[way], now) + seconds
                await flying.put((self._free_at[way] + profile.rtt / 2, block))
            await flying.join()
            writer.write_eof()
        finally:
            arriving.cancel()
            await asyncio.gather(arriving, return_exceptions=True)

    async def _arrive(
        self, flying: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, born: int
    ) -> None:
        while True:
            at, block = await flying.get()
            await asyncio.sleep(at - time.monotonic())
            if self._era() == born:
                writer.write(block)
                await writer.drain()
            flying.task_done()

    def _era(self) -> int | None:
        """The number of the attachment that holds now; None during a cut."""
        at = time.monotonic() - self._began
        if self._profile.is_cut(at):
            return None
        return int(at // self._profile.cut_every) if self._profile.cut_every else 0


def _listener() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(64)
    return made
