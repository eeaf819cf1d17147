"""The TLS terminator that stands before the gateway in production (there: Caddy or nginx), and its certificate."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


def certificate(folder: Path, *hosts: str) -> tuple[Path, Path]:
    """A self-signed P-256 certificate for IP addresses: (certificate, key), PEM files in ``folder``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host)) for host in hosts]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "gateway.pem", folder / "gateway.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


class Terminator:
    """An event loop in a thread that serves TLS on sockets which were made elsewhere (in another namespace)."""

    def __init__(self, certificate_file: Path, key_file: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate_file, key_file)
        self._loop = asyncio.new_event_loop()
        self._served: dict[socket.socket, tuple[asyncio.Server, set[asyncio.StreamWriter]]] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls", daemon=True)
        self._thread.start()

    def forward(self, listener: socket.socket, port: int) -> None:
        """Carry what comes over TLS to 127.0.0.1:``port``, in clear."""

        async def onward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            try:
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
            finally:
                back.close()

        self.serve(listener, onward)

    def serve(self, listener: socket.socket, handler: Handler) -> None:
        """Serve TLS connections by ``handler``."""
        writers: set[asyncio.StreamWriter] = set()

        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.add(writer)
            try:
                await handler(reader, writer)
            except (OSError, EOFError, asyncio.IncompleteReadError):
                pass  # the line was cut
            finally:
                writers.discard(writer)
                writer.close()

        async def begin() -> None:
            server = await asyncio.start_server(one, sock=listener, ssl=self._context, ssl_handshake_timeout=60)
            self._served[listener] = server, writers

        asyncio.run_coroutine_threadsafe(begin(), self._loop).result(10)

    def hang_up(self, listener: socket.socket) -> None:
        """Close every connection of a listener in order, as an idle time-out does."""

        def close() -> None:
            for writer in list(self._served[listener][1]):
                writer.close()

        self._loop.call_soon_threadsafe(close)

    def release(self, listener: socket.socket) -> None:
        """Serve it no more, abort its connections and close it."""

        async def end() -> None:
            server, writers = self._served.pop(listener)
            server.close()
            for writer in list(writers):
                writer.transport.abort()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)

    def close(self) -> None:
        """End the loop and everything on it."""

        for listener in list(self._served):
            self.release(listener)

        async def end() -> None:
            own = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not own]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while block := await reader.read(64 * 1024):
            writer.write(block)
            await writer.drain()
    finally:
        writer.close()
