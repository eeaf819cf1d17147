"""The second fact of "Cek status": a slow keyed tag over number and NIK, all that leaves of the NIK in clear."""

from __future__ import annotations

import hmac

from argon2.low_level import Type, hash_secret_raw

from wire import canon

_TIME, _MEMORY_KIB, _LANES = 3, 64 * 1024, 1


def make(number: str, nik: str, status_key: bytes) -> str:
    """The tag, base64 of 32 bytes. Argon2id (RFC 9106), 64 MiB, three passes, salted with the district's status key."""
    raw = hash_secret_raw(
        secret=f"{number}|{nik}".encode(),
        salt=status_key,
        time_cost=_TIME,
        memory_cost=_MEMORY_KIB,
        parallelism=_LANES,
        hash_len=32,
        type=Type.ID,
    )
    return canon.b64(raw)


def same(tag: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(tag.encode(), other.encode())
