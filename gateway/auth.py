"""Who is asking: the terminal's own token, proved before the first byte of a body is read (sync-notes T5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from gateway.problems import Refusal
from gateway.rooms import Office, now
from gateway.tables import EnrolToken, Terminal
from wire import canon, token
from wire.problem import Code

_RING = 100_000
"""Terminals whose keys are held in memory; the nation has 83,762 villages."""


def authenticate(office: Office, header: str | None) -> Terminal:
    """The terminal behind an Authorization header. Raises Refusal (UNAUTHENTICATED, CLOCK, REVOKED)."""
    scheme, _, word = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not word:
        raise Refusal(Code.UNAUTHENTICATED, "no bearer token")
    try:
        claimed = token.kid(word)
        with office.database.read() as session:
            terminal = session.get(Terminal, claimed)
        if terminal is None or terminal.public_key is None:
            raise Refusal(Code.UNAUTHENTICATED, "no such terminal")
        token.prove(word, public_key(terminal.public_key))
    except token.ClockError as error:
        raise Refusal(Code.CLOCK, str(error), server_time=now()) from error
    except token.TokenError as error:
        raise Refusal(Code.UNAUTHENTICATED, str(error)) from error
    if terminal.revoked_at is not None:
        raise Refusal(Code.REVOKED)
    return terminal


@dataclass(frozen=True, slots=True)
class Claim:
    """A terminal whose token was proved by a key that was in force when it was last looked up."""

    terminal: str
    key: str


def in_force(found: Row[Any] | None, claim: Claim) -> None:
    """Compare with ``public_key`` and ``revoked_at`` as they are now. Raises Refusal (UNAUTHENTICATED, REVOKED)."""
    if found is None or found.public_key != claim.key:
        raise Refusal(Code.UNAUTHENTICATED, "its key is another one now")
    if found.revoked_at is not None:
        raise Refusal(Code.REVOKED)


class Ring:
    """Keys of terminals that were heard before, by terminal. What they prove is to be compared with the database."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, Ed25519PublicKey]] = {}

    def remember(self, terminal: Terminal) -> Claim:
        """Keep the key of a terminal that was authenticated."""
        text = terminal.public_key or ""
        if len(self._keys) >= _RING:
            self._keys.clear()
        self._keys[terminal.id] = text, public_key(text)
        return Claim(terminal.id, text)

    def prove(self, header: str | None) -> Claim | None:
        """What the token claims, proved; None for everything that ``authenticate`` has to look at."""
        scheme, _, word = (header or "").partition(" ")
        try:
            terminal = token.kid(word)
            text, key = self._keys[terminal]
            token.prove(word, key)
        except (token.TokenError, KeyError):
            return None
        return Claim(terminal, text) if scheme.lower() == "bearer" else None


def public_key(text: str) -> Ed25519PublicKey:
    """An Ed25519 key from its base64. Raises canon.CanonError."""
    try:
        return Ed25519PublicKey.from_public_bytes(canon.unb64(text))
    except ValueError as error:
        raise canon.CanonError("not an Ed25519 public key") from error


def signed_by(session: Session, terminal: str, envelope: canon.Envelope, context: str) -> bool:
    """Whether any key that the terminal ever enrolled with signed it: what was queued before a key roll still holds."""
    used = session.scalars(
        select(EnrolToken.public_key)
        .where(EnrolToken.terminal_id == terminal, EnrolToken.public_key.is_not(None))
        .order_by(EnrolToken.used_at.desc())
    )
    return any(_holds(envelope, public_key(text), context) for text in used if text is not None)


def _holds(envelope: canon.Envelope, key: Ed25519PublicKey, context: str) -> bool:
    try:
        envelope.verify(key, context)
    except canon.SignatureError:
        return False
    return True
