"""Who is asking: the terminal's own token, proved before the first byte of a body is read (sync-notes T5)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.problems import Refusal
from gateway.rooms import Office, now
from gateway.tables import EnrolToken, Terminal
from wire import canon, token
from wire.problem import Code


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


def public_key(text: str) -> Ed25519PublicKey:
    """An Ed25519 key from its base64. Raises canon.CanonError."""
    try:
        return Ed25519PublicKey.from_public_bytes(canon.unb64(text))
    except ValueError as error:
        raise canon.CanonError("not an Ed25519 public key") from error


def keys_of(session: Session, terminal: str) -> list[Ed25519PublicKey]:
    """Every key that the terminal ever enrolled with, newest first: what was queued before a key roll still holds."""
    used = session.scalars(
        select(EnrolToken.public_key)
        .where(EnrolToken.terminal_id == terminal, EnrolToken.public_key.is_not(None))
        .order_by(EnrolToken.used_at.desc())
    )
    return [public_key(text) for text in used if text is not None]
