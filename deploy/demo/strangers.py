"""Who answers in the office's place when the line goes astray: a captive portal, and somebody else's TLS server."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "login.hotspot.example"
"""Whose certificate it is: not the office's, and signed by nobody."""
_PAGE = (
    b"<!doctype html><html><head><title>Hotspot</title></head>"
    b"<body><h1>Selamat datang</h1><form><input name=voucher></form></body></html>"
)
_HEAD_LIMIT = 65536
_HEAD_S = 10.0


async def portal(status: int) -> asyncio.Server:
    """A captive portal on a free port: every request is answered by its page (200), or sent there (302)."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_S)
            where = b"" if status == 200 else f"Location: http://{NAME}/\r\n".encode()
            writer.write(
                f"HTTP/1.1 {status} {'OK' if status == 200 else 'Found'}\r\nContent-Type: text/html\r\n".encode()
                + where
                + f"Content-Length: {len(_PAGE)}\r\nConnection: close\r\n\r\n".encode()
                + (b"" if head.startswith(b"HEAD ") else _PAGE)
            )
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has left, or spoke no HTTP
        finally:
            writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0, limit=_HEAD_LIMIT)


async def wrong_tls() -> asyncio.Server:
    """A TLS server on a free port with a certificate that nobody asked for; whoever gets through is told nothing."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0, ssl=_context())


def _context() -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(file)
    return context
