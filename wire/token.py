"""The request token: a JWT that the terminal signs for itself (Ed25519, RFC 9864): no log-in round trip."""

from __future__ import annotations

import time
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwt
from joserfc.jwk import OKPKey

from wire import canon

AUDIENCE = "adm-gateway"
LIFE_S = 600
_ALGORITHMS = ["Ed25519"]


class TokenError(ValueError):
    """The token is none of ours."""


class ClockError(TokenError):
    """The token is ours, but its time is off: the answer carries the server's time."""


def make(terminal: str, key: Ed25519PrivateKey, now: float | None = None) -> str:
    """A token for ``terminal``, good for ten minutes around ``now`` (seconds since 1970)."""
    at = int(time.time() if now is None else now)
    raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    jwk = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": canon.b64(raw), "x": canon.b64(public)})
    return jwt.encode(
        {"alg": "Ed25519", "kid": terminal},
        {"aud": AUDIENCE, "iat": at},
        jwk,
        algorithms=_ALGORITHMS,
    )


def kid(token: str) -> str:
    """The terminal that the token claims to come from; not proved. Raises TokenError."""
    try:
        header = canon.parse(canon.unb64(token.split(".")[0]))
    except (canon.CanonError, IndexError) as error:
        raise TokenError("not a token") from error
    found = header.get("kid")
    # One algorithm, and no extension of the header that would have to be understood (RFC 7515, crit).
    if not isinstance(found, str) or header.get("alg") != "Ed25519" or "crit" in header:
        raise TokenError("not a token of a terminal")
    return found


@dataclass(frozen=True, slots=True)
class Proved:
    """A token whose signature holds. ``age_s``: server time minus issue time."""

    terminal: str
    age_s: int


def prove(token: str, key: Ed25519PublicKey, now: float | None = None) -> Proved:
    """Check signature, audience and time (ten minutes either way). Raises TokenError, ClockError.

    RFC 7515 §5.2 by hand, for the one algorithm there is: a library builds a key object anew for each request.
    """
    terminal = kid(token)
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(canon.unb64(signature), signed.encode())
        claims = canon.parse(canon.unb64(signed.partition(".")[2]))
    except (InvalidSignature, canon.CanonError, UnicodeEncodeError) as error:
        raise TokenError("the token's signature does not hold") from error
    issued = claims.get("iat")
    if claims.get("aud") != AUDIENCE or not isinstance(issued, int):
        raise TokenError("the token is for somebody else")
    age = int(time.time() if now is None else now) - issued
    if abs(age) > LIFE_S:
        raise ClockError(f"the token is {age} s old")
    return Proved(terminal, age)
