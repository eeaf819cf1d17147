"""What ``verify`` checks: the index itself, every submission's manifest, parts and receipt, and their chain."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, select

from offline_cache.keys import Keys
from offline_cache.tables import Delivery, identities, submission_parts, submissions
from wire import canon, manifest, receipt
from wire.enrol import EnrolAnswer
from wire.manifest import Manifest

_BLOCK = 1024 * 1024
_HERE = (Delivery.QUEUED.value, Delivery.QUARANTINED.value, Delivery.RECEIVED.value)


def index(connection: Connection) -> list[str]:
    """What SQLCipher and SQLite say of the file; nothing when it is whole."""
    said: list[str] = []
    for pragma in ("cipher_integrity_check", "integrity_check", "foreign_key_check"):
        rows = connection.exec_driver_sql(f"PRAGMA {pragma}").all()
        said += [f"index: {pragma}: {' '.join(str(word) for word in row)}" for row in rows if row[0] != "ok"]
    return said[:50]


@dataclass(slots=True)
class _Chain:
    """The last manifest of a terminal, and of which identity it was."""

    digest: str
    seq: int
    identity: int


@dataclass(slots=True)
class Audit:
    """``misses``: in words, with the submission's number. ``unproved``: manifests whose key is gone since a roll."""

    connection: Connection
    keys: Keys
    folder: Path
    misses: list[str] = field(default_factory=list[str])
    submissions: int = 0
    parts: int = 0
    bytes: int = 0
    receipts: int = 0
    unproved: int = 0

    def run(self) -> None:
        """Check every row. Raises CacheError when the index cannot be read."""
        chains: dict[str, _Chain] = {}
        for who in self.connection.execute(select(identities).order_by(identities.c.id)).all():
            try:
                answer = EnrolAnswer.read(who.answer)
                office = Ed25519PublicKey.from_public_bytes(canon.unb64(answer.receipt_key))
            except ValueError as error:
                self.misses.append(f"identity {who.id}: the office's answer: {error}")
                continue
            signer = self.keys.proving(who.token_sha256)
            for row in self.connection.execute(
                select(submissions).where(submissions.c.identity == who.id).order_by(submissions.c.seq)
            ).all():
                self.submissions += 1
                read = self._manifest(row, answer, signer)
                if read is not None:
                    self._chain(row, read, chains)
                    self._parts(row, read)
                self._receipt(row, answer, office)
            last = chains.get(answer.terminal)
            if (
                last is not None
                and last.identity == who.id
                and (who.next_seq != last.seq + 1 or who.prev != last.digest)
            ):
                self.misses.append(f"identity {who.id}: its next sequence does not follow {last.seq}")

    def _miss(self, row: Row[Any], what: str) -> None:
        self.misses.append(f"{row.number} ({row.submission_id}): {what}")

    def _manifest(self, row: Row[Any], answer: EnrolAnswer, signer: Ed25519PublicKey | None) -> Manifest | None:
        if manifest.digest(row.manifest) != row.manifest_sha256:
            self._miss(row, "the manifest has another hash than its row says")
            return None
        try:
            envelope, read = manifest.unproved(row.manifest)
            if signer is None:
                self.unproved += 1
            else:
                envelope.verify(signer, manifest.CONTEXT)
        except (canon.CanonError, canon.SignatureError) as error:
            self._miss(row, f"the manifest: {error}")
            return None
        if (read.submission_id, read.number, read.seq, read.tag, read.terminal) != (
            row.submission_id,
            row.number,
            row.seq,
            row.tag,
            answer.terminal,
        ):
            self._miss(row, "the manifest names something else than its row")
        return read

    def _chain(self, row: Row[Any], read: Manifest, chains: dict[str, _Chain]) -> None:
        """Gap-free within an identity; a new key of the same terminal goes on with the chain (or begins one)."""
        last = chains.get(read.terminal)
        if last is not None and last.identity == row.identity and (read.seq, read.prev) != (last.seq + 1, last.digest):
            self._miss(row, f"it does not follow the one before it ({last.seq})")
        if (
            last is not None
            and last.identity != row.identity
            and (read.prev not in ("", last.digest) or read.seq <= last.seq)
        ):
            self._miss(row, "it does not follow what the terminal sent under its key before")
        chains[read.terminal] = _Chain(row.manifest_sha256, read.seq, row.identity)

    def _parts(self, row: Row[Any], read: Manifest) -> None:
        if row.state not in _HERE:
            return
        rows = self.connection.execute(
            select(submission_parts.c.sha256, submission_parts.c.bytes).where(
                submission_parts.c.submission_id == row.submission_id
            )
        ).all()
        if {(part.sha256, part.bytes) for part in rows} != {(part.sha256, part.bytes) for part in read.parts}:
            self._miss(row, "its parts in the index are not those of its manifest")
        for part in read.parts:
            self.parts += 1
            self.bytes += part.bytes
            found = _measured(self.folder / part.sha256)
            if found is None:
                self._miss(row, f"part {part.sha256[:12]} is not here")
            elif found != (part.bytes, part.sha256):
                self._miss(row, f"part {part.sha256[:12]} is damaged")

    def _receipt(self, row: Row[Any], answer: EnrolAnswer, office: Ed25519PublicKey) -> None:
        if row.receipt is None:
            if row.state not in (Delivery.QUEUED.value, Delivery.QUARANTINED.value):
                self._miss(row, f"{row.state} without a receipt")
            return
        try:
            proved = receipt.prove(row.receipt, office)
        except (canon.CanonError, canon.SignatureError) as error:
            self._miss(row, f"the receipt: {error}")
            return
        if (proved.submission_id, proved.manifest_sha256, proved.number, proved.terminal, proved.seq) != (
            row.submission_id,
            row.manifest_sha256,
            row.number,
            answer.terminal,
            row.seq,
        ):
            self._miss(row, "the receipt is for something else")
            return
        self.receipts += 1


def _measured(path: Path) -> tuple[int, str] | None:
    """Length and SHA-256 of a file, or None where it cannot be read."""
    found, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
                size += len(block)
    except OSError:
        return None
    return size, found.hexdigest()
