"""The office's keys, made at the first start in ``<data>/keys`` and readable by the owner alone (0600).

``receipt.key``: Ed25519, signs receipts and enrolment answers. ``status.key``: 32 bytes that salt the second fact.
``office.age``, ``office-<date>-<id>.age``: the identities that open sealed parts, one file a key; terminals seal to
the newest, the older ones still open what was sealed to them. The embedded gateway keeps them here because its inbox
decrypts. ``escrow.age``: the second identity that every part is sealed to. It is needed only when an office key is
lost: move the file off the machine (the gateway itself needs its public half alone, kept in ``escrow.pub``).

Files that are added or taken away (``gateway keys roll``, ``retire``, ``escrow``) count at once, without a restart.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway import store
from gateway.moment import iso
from gateway.store import durable
from wire import canon, events, ids
from wire.enrol import SealKey
from wire.office_keys import CONTEXT, MOST, OfficeKeys

RECEIPT, OFFICE, ESCROW = "receipt.key", "office.age", "escrow.pub"


class KeyFileError(RuntimeError):
    """A key file is missing or unreadable; the message names it."""


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """One key of the office. ``file`` holds its private half. ``replaced``: ISO 8601 when a newer one came, or ""."""

    key: SealKey
    identity: str
    file: Path
    replaced: str = ""


@dataclass(frozen=True, slots=True)
class Sealing:
    """The keys that parts are sealed to. ``office``: newest first. ``envelope``: of ``told``, as terminals get it."""

    office: tuple[OfficeKey, ...]
    escrow: SealKey
    told: OfficeKeys
    version: str
    envelope: bytes


class Keys:
    """What the running gateway holds; any thread may ask."""

    def __init__(self, folder: Path, receipt: Ed25519PrivateKey, status: bytes) -> None:
        self.folder, self.receipt, self.status = folder, receipt, status
        public = receipt.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.receipt_public = canon.b64(public)
        """The receipt key's public half, base64."""
        self.receipt_kid = "receipt-" + ids.sha256(public)[:16]
        self._lock = threading.Lock()
        self._seen = _stamp(folder)
        self._sealing = self._read()

    @property
    def sealing(self) -> Sealing:
        """The sealing keys as the files are now; as they were, where a file is broken since."""
        with self._lock:
            try:
                if (seen := _stamp(self.folder)) != self._seen:
                    self._seen = seen
                    self._sealing = self._read()
            except (OSError, KeyFileError) as error:
                events.log_error("keys", error)
            return self._sealing

    @property
    def office(self) -> str:
        """Every age identity that opens parts, one a line, for ``gateway.office.packet``."""
        return "\n".join(each.identity for each in self.sealing.office)

    def opens(self, key_id: str) -> bool:
        """Whether we hold the private half of the office key of that id."""
        return any(each.key.id == key_id for each in self.sealing.office)

    def _read(self) -> Sealing:
        office, escrow = office_keys(self.folder), escrow_key(self.folder)
        told = OfficeKeys(office_keys=tuple(each.key for each in office)[:MOST], escrow_key=escrow)
        envelope = canon.sign(told.plain(), self.receipt, self.receipt_kid, CONTEXT)
        return Sealing(office, escrow, told, told.version(), envelope)


def load(folder: Path) -> Keys:
    """Read the keys, making those that are missing. Raises KeyFileError when a file is not what it should be."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.sync_folder(folder.parent)  # the database names the key: after a power cut the folder must be there too
    receipt = Ed25519PrivateKey.from_private_bytes(
        _read(folder / RECEIPT, lambda: _raw(Ed25519PrivateKey.generate()), 32)
    )
    status = _read(folder / "status.key", lambda: secrets.token_bytes(32), 32)
    if not office_files(folder):
        store.make_once(folder / OFFICE, new_identity(time.time()))
    public = folder / ESCROW
    if not public.exists():
        escrow = identity_text(_read(folder / "escrow.age", lambda: new_identity(time.time())).decode(), "escrow.age")
        recipient = str(pyrage.x25519.Identity.from_str(escrow).to_public())
        _read(public, lambda: escrow_text(recipient, time.time()))
    return Keys(folder, receipt, status)


def office_files(folder: Path) -> list[Path]:
    """The files of the office's keys."""
    return sorted((*folder.glob(OFFICE), *folder.glob("office-*.age")))


def office_keys(folder: Path) -> tuple[OfficeKey, ...]:
    """The office's keys, newest first. Raises KeyFileError, OSError."""
    found: list[OfficeKey] = []
    for file in office_files(folder):
        text = file.read_text(errors="replace")
        identity = identity_text(text, file.name)
        try:
            recipient = str(pyrage.x25519.Identity.from_str(identity).to_public())
        except pyrage.IdentityError as error:
            raise KeyFileError(f"{file.name} holds no age identity") from error
        found.append(OfficeKey(_seal_key(recipient, text, file), identity, file))
    if not found:
        raise KeyFileError(f"{folder} holds no key of the office")
    found.sort(key=lambda each: each.key.since, reverse=True)
    return tuple(
        OfficeKey(each.key, each.identity, each.file, found[place - 1].key.since if place else "")
        for place, each in enumerate(found)
    )


def escrow_key(folder: Path) -> SealKey:
    """The escrow key's public half. Raises KeyFileError, OSError."""
    file = folder / ESCROW
    text = file.read_text(errors="replace")
    return _seal_key(recipient_text(text, file.name), text, file)


def identity_text(text: str, name: str) -> str:
    """The secret line of an age identity file. Raises KeyFileError."""
    for line in text.splitlines():
        if line.startswith("AGE-SECRET-KEY-1"):
            return line.strip()
    raise KeyFileError(f"{name} holds no age identity (a line that begins with AGE-SECRET-KEY-1)")


def recipient_text(text: str, name: str) -> str:
    """The public line of a recipient's file. Raises KeyFileError."""
    for line in text.splitlines():
        if line.startswith("age1"):
            try:
                return str(pyrage.x25519.Recipient.from_str(line.strip()))
            except pyrage.RecipientError as error:
                raise KeyFileError(f"{name}: the line that begins with age1 is no X25519 recipient") from error
    raise KeyFileError(f"{name} holds no age recipient (a line that begins with age1)")


def new_identity(at: float) -> bytes:
    """The file of a new age identity. ``at``: seconds since 1970."""
    identity = pyrage.x25519.Identity.generate()
    return f"# created: {iso(at)}\n# public key: {identity.to_public()}\n{identity}\n".encode()


def escrow_text(recipient: str, at: float) -> bytes:
    """The file of the escrow key's public half."""
    return f"# created: {iso(at)}\n{recipient}\n".encode()


def key_id(recipient: str) -> str:
    """The id that manifests name a key by."""
    return "age-" + ids.sha256(recipient.encode())[:16]


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


def _seal_key(recipient: str, text: str, file: Path) -> SealKey:
    """A key and its date: as the file says it (a copy that is put back has another time), else the file's own."""
    for line in text.splitlines():
        if line.startswith("# created: "):
            since = line.removeprefix("# created: ").strip()[:40]
            break
    else:
        since = iso(file.stat().st_mtime)
    return SealKey(id=key_id(recipient), recipient=recipient, since=since)


def _stamp(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What tells that a sealing key's file came, went or changed."""
    with os.scandir(folder) as entries:
        named = [entry for entry in entries if entry.name.endswith((".age", ".pub")) and entry.name != "escrow.age"]
        stats = [(entry.name, entry.stat()) for entry in named]
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_ino, stat.st_size) for name, stat in stats))
