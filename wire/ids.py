"""Identifiers that both ends write: UUIDv7 for submissions, fixed-length hex for hashes."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from typing import Annotated

from pydantic import StringConstraints

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SubmissionId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
]
TerminalId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
TerminalCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


def uuid7() -> str:
    """A UUID of version 7 (RFC 9562 §5.7): milliseconds since 1970, then random bits."""
    stamp = time.time_ns() // 1_000_000 & (1 << 48) - 1
    value = stamp << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def sha256(data: bytes) -> str:
    """SHA-256 as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
