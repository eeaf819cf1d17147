"""Officers: accounts (argon2id), sign-in with a lock-out, sessions on the server, and the first account's code."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select

from gateway.database import Database
from gateway.rooms import Office, now
from gateway.tables import Audit, Failure, Officer, OfficerSession
from wire import ids
from wire.words import N_

MIN_PASSWORD = 10
_FREE_TRIES = 5
_FIRST_LOCK_S = 15
_LONGEST_LOCK_S = 3600
_FORGET_S = 24 * 3600
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0, 1
_hasher = PasswordHasher()


class AccountError(ValueError):
    """An account cannot be made so; the message is a msgid for the page."""


class Locked(Exception):
    """Too many wrong passwords; ``seconds`` are left."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An officer with a session. ``csrf``: goes into every form of this session."""

    id: int
    name: str
    login: str
    csrf: str

    @property
    def initials(self) -> str:
        """Up to two letters for the badge beside the name."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class SetupCode:
    """The one-time code for the first account: on the console, in memory alone, spent with the first account.

    Made before the workers are: all of them know the same one.
    """

    def __init__(self) -> None:
        word = "".join(secrets.choice(_LETTERS) for _ in range(16))  # 80 bits
        self.spelled = "-".join(word[i : i + 4] for i in range(0, 16, 4))

    @classmethod
    def if_needed(cls, database: Database) -> SetupCode | None:
        """A code while no officer has an account, else None."""
        return None if any_account(database) else cls()

    def holds(self, text: str) -> bool:
        """Compare what was typed, in constant time; case, blanks and hyphens are forgiven."""
        tight = "".join(text.split()).replace("-", "").upper()
        return hmac.compare_digest(tight.encode(), self.spelled.replace("-", "").encode())


def any_account(database: Database) -> bool:
    """True once somebody can sign in."""
    with database.read() as session:
        return bool(session.scalar(select(func.count()).select_from(Officer)))


def add(office: Office, name: str, login: str, password: str, *, first: bool = False) -> None:
    """Make an account. ``first``: only when there is none yet. Raises AccountError."""
    name, login = " ".join(name.split()), _login(login)
    if not 2 <= len(name) <= 120:
        raise AccountError(N_("Type your name."))
    if not (2 <= len(login) <= 64 and all(c.isalnum() or c in "._-@" for c in login)):
        raise AccountError(N_("The account name takes letters, digits, dots and hyphens."))
    if not MIN_PASSWORD <= len(password) <= 200:
        raise AccountError(N_("The password needs at least 10 characters."))
    hashed = _hasher.hash(_password(password))
    with office.database.write() as session:
        if first and session.scalar(select(func.count()).select_from(Officer)):
            raise AccountError(N_("There is an account already. Sign in."))
        if session.scalar(select(Officer.id).where(Officer.login == login)) is not None:
            raise AccountError(N_("That account name is taken."))
        officer = Officer(login=login, name=name, password=hashed, created_at=now())
        session.add(officer)
        session.flush()
        session.add(Audit(at=now(), officer_id=officer.id, act="account_made", detail=login))


def sign_in(office: Office, login: str, password: str) -> str | None:
    """The cookie's token for the right password, None for a wrong one. Raises Locked.

    Five wrong tries are free; each further one locks the login for 15 s, doubling to an hour. An unknown login
    behaves like a known one.
    """
    login, at = _login(login)[:64], now()
    check_lock(office, login)
    with office.database.read() as session:
        officer = session.scalar(select(Officer).where(Officer.login == login))
    try:
        _hasher.verify(officer.password if officer else _nobody(), _password(password[:200]))
    except (VerificationError, InvalidHashError):
        note_failure(office, login)
        return None
    if officer is None:
        return None
    token = secrets.token_urlsafe(32)
    with office.database.write() as session:
        session.execute(delete(Failure).where(Failure.login == login))
        session.execute(delete(OfficerSession).where(OfficerSession.seen_at < at - office.settings.session_s))
        session.add(
            OfficerSession(
                token_sha256=ids.sha256(token.encode()),
                officer_id=officer.id,
                csrf=secrets.token_urlsafe(32),
                created_at=at,
                seen_at=at,
            )
        )
        session.add(Audit(at=at, officer_id=officer.id, act="signed_in"))
    return token


def check_lock(office: Office, login: str) -> None:
    """Raises Locked while the login has to wait."""
    with office.database.read() as session:
        failure = session.get(Failure, login)
    if failure is not None and failure.locked_until > now():
        raise Locked(failure.locked_until - now())


def note_failure(office: Office, login: str) -> None:
    """Count a wrong try."""
    at = now()
    with office.database.write() as session:
        session.execute(delete(Failure).where(Failure.locked_until < at - _FORGET_S))
        failure = session.get(Failure, login) or Failure(login=login, count=0, locked_until=at)
        failure.count += 1
        if failure.count >= _FREE_TRIES:
            failure.locked_until = at + min(_FIRST_LOCK_S << min(failure.count - _FREE_TRIES, 12), _LONGEST_LOCK_S)
        else:
            failure.locked_until = at
        session.merge(failure)


def signed_in(office: Office, token: str | None) -> SignedIn | None:
    """The officer behind a cookie, or None; a session ends after some minutes of silence."""
    if not token:
        return None
    at, key = now(), ids.sha256(token.encode())
    with office.database.read() as session:
        found = session.execute(
            select(OfficerSession, Officer)
            .join(Officer, Officer.id == OfficerSession.officer_id)
            .where(OfficerSession.token_sha256 == key)
        ).first()
    if found is None or found[0].seen_at < at - office.settings.session_s:
        return None
    if found[0].seen_at < at - 30:  # not a write for every picture of a page
        with office.database.write(ordered=False) as session:
            row = session.get(OfficerSession, key)
            if row is not None:
                row.seen_at = at
    officer = found[1]
    return SignedIn(officer.id, officer.name, officer.login, found[0].csrf)


def sign_out(office: Office, token: str | None) -> None:
    """End a session."""
    if token:
        with office.database.write() as session:
            session.execute(delete(OfficerSession).where(OfficerSession.token_sha256 == ids.sha256(token.encode())))


@cache
def _nobody() -> str:
    """What an unknown login is compared with: same time, always wrong."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _login(text: str) -> str:
    return unicodedata.normalize("NFKC", text.replace("\0", "")).strip().lower()


def _password(text: str) -> str:
    return unicodedata.normalize("NFC", text)
