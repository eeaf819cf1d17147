"""Canonical JSON and Ed25519-signed envelopes: the bytes that both ends hash, sign and compare.

Canonical form: UTF-8, keys sorted, no white space, no floats (they have no single spelling). An envelope is
``{"kid": ..., "payload": {...}, "sig": ...}``; the signature covers the canonical bytes of ``payload`` behind a
context word, so that a signature made for one purpose is worthless for another.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_ALLOWED = "canonical JSON holds only objects, lists, strings, integers, booleans and null"
MAX_DEPTH = 32


class CanonError(ValueError):
    """The bytes or the value are no canonical JSON, or no envelope."""


class SignatureError(ValueError):
    """The envelope's signature does not hold."""


def canonical(value: object) -> bytes:
    """The one spelling of ``value``. Raises CanonError on floats and on types that JSON has not."""
    _check(value, 0)
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise CanonError("a string holds half of a surrogate pair") from error


def parse(data: bytes) -> dict[str, object]:
    """The object in ``data``. Raises CanonError unless it is a JSON object without floats or repeated keys."""
    try:
        value: object = json.loads(data.decode(), object_pairs_hook=_no_repeats, parse_float=_no_float)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CanonError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise CanonError("not a JSON object")
    _check(cast(object, value), 0)
    return cast(dict[str, object], value)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed payload as it came: ``payload`` is not to be believed before ``verify``."""

    kid: str
    payload: dict[str, object]
    sig: bytes

    @classmethod
    def read(cls, data: bytes) -> Envelope:
        """Parse the bytes of an envelope. Raises CanonError."""
        value = parse(data)
        kid, payload, sig = value.get("kid"), value.get("payload"), value.get("sig")
        if set(value) != {"kid", "payload", "sig"} or not isinstance(kid, str) or not isinstance(payload, dict):
            raise CanonError("not an envelope of kid, payload and sig")
        if not isinstance(sig, str):
            raise CanonError("the signature is no string")
        return cls(kid, cast(dict[str, object], payload), unb64(sig))

    def verify(self, key: Ed25519PublicKey, context: str) -> dict[str, object]:
        """The payload, proved. Raises SignatureError."""
        try:
            key.verify(self.sig, _signed_bytes(self.payload, context))
        except InvalidSignature as error:
            raise SignatureError("the signature does not hold") from error
        return self.payload


def sign(payload: dict[str, object], key: Ed25519PrivateKey, kid: str, context: str) -> bytes:
    """The canonical bytes of the envelope of ``payload``. Ed25519 is deterministic: same payload, same bytes."""
    sig = key.sign(_signed_bytes(payload, context))
    return canonical({"kid": kid, "payload": payload, "sig": b64(sig)})


def _signed_bytes(payload: dict[str, object], context: str) -> bytes:
    return context.encode() + b"\0" + canonical(payload)


def b64(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes behind ``b64``. Raises CanonError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CanonError("not base64") from error


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise CanonError("a key stands twice")
    return value


def _no_float(text: str) -> object:
    raise CanonError(f"the number {text} is not an integer")


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CanonError("nested too deeply")
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, dict):
        for key, inner in cast(dict[object, object], value).items():
            if not isinstance(key, str):
                raise CanonError(_ALLOWED)
            _check(inner, depth + 1)
        return
    if isinstance(value, list):
        for inner in cast(list[object], value):
            _check(inner, depth + 1)
        return
    raise CanonError(_ALLOWED)
