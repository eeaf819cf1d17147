"""The words of the other client: section 1 of docs/protocol.md, written from that page alone."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Plain = dict[str, Any]
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROBLEM = "urn:adm:problem:"
FINAL = {"conflict", "too-large", "malformed"}
KNOWN = FINAL | {
    "unauthenticated", "clock", "revoked", "not-found", "offset", "taken-over", "wrong-hash", "busy", "full", "broken",
    "token-used",
}  # fmt: skip


class LineFault(Exception):
    """No verdict: a portal, a proxy, a cut. Nothing changes; ask again."""


class Refused(Exception):
    """A verdict of the gateway: ``word`` of the list, and the whole problem."""

    def __init__(self, problem: Plain) -> None:
        self.word = str(problem["type"]).removeprefix(PROBLEM)
        self.problem = problem
        self.final = self.word in FINAL or (self.word not in KNOWN and problem["status"] < 500)
        super().__init__(self.word, problem.get("detail"))


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sign(payload: Plain, key: Ed25519PrivateKey, kid: str, context: str) -> bytes:
    sig = key.sign(context.encode() + b"\0" + canonical(payload))
    return canonical({"kid": kid, "payload": payload, "sig": b64(sig)})


def prove(envelope: bytes, key: str, context: str) -> Plain:
    """The payload, if ``key`` (base64) signed it for ``context``; otherwise a fault of the line."""
    try:
        read = json.loads(envelope)
        signer = Ed25519PublicKey.from_public_bytes(unb64(key))
        signer.verify(unb64(read["sig"]), context.encode() + b"\0" + canonical(read["payload"]))
    except Exception as error:
        raise LineFault(f"not signed: {error!r}") from error
    return read["payload"]


def wall() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def uuid7() -> str:
    number = int(time.time() * 1000) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number))


def registration_number(code: str, sequence: int) -> str:
    """ISO/IEC 7064 MOD 37,36 over code and digits."""
    product = 36
    for character in f"{code}{sequence}":
        product = ((product + ALPHABET.index(character)) % 36 or 36) * 2 % 37
    return f"{code}-{sequence}-{ALPHABET[(37 - product) % 36]}"


def verdict(got: requests.Response, good: tuple[int, ...]) -> requests.Response:
    """The answer, if it is one of ``good``. Raises Refused for a problem of the list, LineFault for all else."""
    if got.status_code in good:
        return got
    try:
        problem = got.json() if got.headers["Content-Type"].split(";")[0] == "application/problem+json" else {}
        if problem["status"] == got.status_code and problem["type"].startswith(PROBLEM):
            raise Refused(problem)
    except (ValueError, KeyError, TypeError):
        pass
    raise LineFault(f"{got.status_code} is no verdict")
