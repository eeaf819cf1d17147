"""The office's keys, made at the first start in ``<data>/keys`` and readable by the owner alone (0600).

``receipt.key``: Ed25519, signs receipts and enrolment answers. ``status.key``: 32 bytes that salt the second fact.
``office.age``: the identity that opens sealed parts; the embedded gateway keeps it here because its inbox decrypts.
``escrow.age``: the second identity that every part is sealed to. It is needed only when the office key is lost:
move the file off the machine (the gateway itself needs its public half alone, kept in ``escrow.pub``).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway import store
from wire import canon, ids
from wire.enrol import SealKey


class KeyFileError(RuntimeError):
    """A key file is missing or unreadable; the message names it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the running gateway holds. ``office``: the age identity as text, for ``gateway.office.packet``."""

    receipt: Ed25519PrivateKey
    receipt_kid: str
    status: bytes
    office: str
    office_key: SealKey
    escrow_key: SealKey

    @property
    def receipt_public(self) -> str:
        """The receipt key's public half, base64."""
        return canon.b64(self.receipt.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def load(folder: Path) -> Keys:
    """Read the keys, making those that are missing. Raises KeyFileError when a file is not what it should be."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    receipt = Ed25519PrivateKey.from_private_bytes(
        _read(folder / "receipt.key", lambda: _raw(Ed25519PrivateKey.generate()), 32)
    )
    status = _read(folder / "status.key", lambda: secrets.token_bytes(32), 32)
    office_file = folder / "office.age"
    office = identity_text(_read(office_file, _identity).decode(), office_file.name)
    public = folder / "escrow.pub"
    if not public.exists():
        escrow = identity_text(_read(folder / "escrow.age", _identity).decode(), "escrow.age")
        _read(public, lambda: f"{pyrage.x25519.Identity.from_str(escrow).to_public()}\n".encode())
    kid = "receipt-" + ids.sha256(receipt.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))[:16]
    return Keys(
        receipt=receipt,
        receipt_kid=kid,
        status=status,
        office=office,
        office_key=_seal_key(str(pyrage.x25519.Identity.from_str(office).to_public()), office_file),
        escrow_key=_seal_key(public.read_text().strip(), public),
    )


def identity_text(text: str, name: str) -> str:
    """The secret line of an age identity file. Raises KeyFileError."""
    for line in text.splitlines():
        if line.startswith("AGE-SECRET-KEY-1"):
            return line.strip()
    raise KeyFileError(f"{name} holds no age identity (a line that begins with AGE-SECRET-KEY-1)")


def _read(path: Path, make: Callable[[], bytes], length: int | None = None) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        store.make_once(path, make())
        data = path.read_bytes()
    if length is not None and len(data) != length:
        raise KeyFileError(f"{path.name} holds {len(data)} bytes instead of {length}")
    return data


def _raw(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def _identity() -> bytes:
    identity = pyrage.x25519.Identity.generate()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return f"# created: {created}\n# public key: {identity.to_public()}\n{identity}\n".encode()


def _seal_key(recipient: str, file: Path) -> SealKey:
    since = time.strftime("%Y-%m-%d", time.gmtime(file.stat().st_mtime))
    return SealKey(id="age-" + ids.sha256(recipient.encode())[:16], recipient=recipient, since=since)
