"""The signed receipt of the office: the only thing that lets a terminal purge."""

from __future__ import annotations

from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field

from wire import canon, ids
from wire.frozen import Frozen

CONTEXT = "adm receipt v1"


class Receipt(Frozen):
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
