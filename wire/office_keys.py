"""The office's sealing keys as they are now: a terminal asks for them when the heartbeat names another version."""

from __future__ import annotations

from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field

from wire import canon, ids
from wire.enrol import SealKey
from wire.frozen import Open

CONTEXT = "adm office keys v1"
MOST = 32
"""Office keys at a time."""
HONOURED_DAYS = 730
"""How long an office key that was replaced still opens what was sealed to it (sync-notes §3.6: two years)."""


class OfficeKeys(Open):
    """Signed with the gateway's receipt key under ``CONTEXT``. Terminals seal to the newest of ``office_keys``."""

    v: Literal[1] = 1
    office_keys: tuple[SealKey, ...] = Field(min_length=1, max_length=MOST)
    escrow_key: SealKey

    def version(self) -> str:
        """The version that heartbeats name: SHA-256 over the canonical bytes."""
        return ids.sha256(self.canonical())


def prove(envelope: bytes, key: Ed25519PublicKey) -> OfficeKeys:
    """The keys in ``envelope``. Raises canon.CanonError or canon.SignatureError."""
    return OfficeKeys.take(canon.Envelope.read(envelope).verify(key, CONTEXT))
