"""The signed receipt of the office: the only thing that lets a terminal purge."""

from __future__ import annotations

from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field

from wire import canon, ids, manifest
from wire.frozen import Open

CONTEXT = "adm receipt v1"


class Receipt(Open):
    """``received_at``: ISO 8601 in UTC, by the office's clock. ``server_seq``: order of arrival at the office."""

    v: Literal[1] = 1
    submission_id: ids.SubmissionId
    manifest_sha256: ids.Sha256
    number: str
    terminal: ids.TerminalId
    seq: int = Field(ge=1)
    server_seq: int = Field(ge=1)
    received_at: str = Field(max_length=40)
    withdrawn: bool = False


def prove(envelope: bytes, key: Ed25519PublicKey) -> Receipt:
    """The receipt in ``envelope``. Raises canon.CanonError or canon.SignatureError."""
    return Receipt.take(canon.Envelope.read(envelope).verify(key, CONTEXT))


class StrangeReceiptError(ValueError):
    """The receipt holds, but it is for something else."""


def prove_for(envelope: bytes, key: Ed25519PublicKey, signed_manifest: bytes) -> Receipt:
    """The receipt for this very manifest. Raises canon.CanonError, canon.SignatureError or StrangeReceiptError."""
    proved = prove(envelope, key)
    _, sent = manifest.unproved(signed_manifest)
    if (proved.submission_id, proved.manifest_sha256, proved.terminal) != (
        sent.submission_id,
        manifest.digest(signed_manifest),
        sent.terminal,
    ):
        raise StrangeReceiptError("a receipt for something else")
    return proved
