"""Enrolment: an administrator makes a terminal and its one-time code; the terminal comes once with its own key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway import auth
from gateway.database import Database
from gateway.places import changed, opening_of
from gateway.problems import Refusal
from gateway.rooms import Office, now
from gateway.tables import Audit, EnrolToken, Fact, Submission, Terminal
from wire import canon, enrol, ids
from wire.events import log
from wire.places import hours_lines
from wire.problem import Code

URL_FACT = "url"
_AHEAD = 10_000
"""Of a terminal's word that it allotted more numbers than came, so many are believed: the numbers must not run out."""


@dataclass(frozen=True, slots=True)
class NewTerminal:
    """What an administrator says about a terminal: its code and the place as residents read it."""

    code: str
    village: str
    district: str
    regency: str
    office: str
    phone: str = ""
    hours: tuple[tuple[str, str], ...] = ()


def add_terminal(office: Office, new: NewTerminal, url: str, officer: int | None = None) -> str:
    """Make the terminal, or a new code for one that is enrolled again; returns the enrolment code's text.

    A code that was not used yet stops being good. Raises ValueError when a value does not fit.
    """
    if not (len(new.code) == 3 and new.code.isascii() and new.code.isalpha() and new.code.isupper()):
        raise ValueError("the terminal's code is three capital letters")
    for name in ("village", "district", "regency", "office"):
        if not 1 <= len(getattr(new, name)) <= 120:
            raise ValueError(f"{name} is empty or longer than 120 characters")
    word = secrets.token_urlsafe(16)
    code = enrol.EnrolCode(url=url.rstrip("/"), token=word, gateway_key=office.keys.receipt_public)
    at = now()
    with office.database.write() as session:
        terminal = session.scalar(select(Terminal).where(Terminal.code == new.code))
        if terminal is None:
            terminal = Terminal(id=secrets.token_hex(16), code=new.code, created_at=at)
            session.add(terminal)
        regency = terminal.regency or new.regency
        terminal.village, terminal.district = new.village, new.district
        terminal.regency, terminal.office = new.regency, new.office
        terminal.phone, terminal.hours = new.phone, [list(line) for line in new.hours]
        session.flush()
        session.execute(delete(EnrolToken).where(EnrolToken.terminal_id == terminal.id, EnrolToken.used_at.is_(None)))
        session.add(
            EnrolToken(
                token_sha256=ids.sha256(word.encode()),
                terminal_id=terminal.id,
                created_at=at,
                expires_at=at + office.settings.token_s,
            )
        )
        session.add(Audit(at=at, officer_id=officer, act="terminal_code", detail=new.code))
        changed(session, regency, new.regency)
    office.board.forget(regency, new.regency)
    return code.text()


def enrol_terminal(office: Office, body: bytes) -> bytes:
    """Answer an enrolment request with a signed envelope; same token and same key: the same bytes. Raises Refusal."""
    try:
        envelope = canon.Envelope.read(body)
        request = enrol.EnrolRequest.take(envelope.payload)
        envelope.verify(auth.public_key(request.public_key), enrol.CONTEXT)
    except (canon.CanonError, canon.SignatureError) as error:
        raise Refusal(Code.MALFORMED, str(error)) from error
    at = now()
    with office.database.write() as session:
        token = session.get(EnrolToken, ids.sha256(request.token.encode()))
        if token is None:
            raise Refusal(Code.TOKEN_USED, "no such token")
        if token.answer is not None:
            if token.public_key != request.public_key:
                raise Refusal(Code.TOKEN_USED, "used with another key")
            return token.answer
        if at > token.expires_at:
            raise Refusal(Code.TOKEN_USED, "expired")
        if request.queue_of not in ("", token.terminal_id):
            raise Refusal(Code.CONFLICT, "the code is for another terminal")
        terminal = session.get_one(Terminal, token.terminal_id)
        next_seq = _next_seq(session, terminal)
        terminal.public_key, terminal.enrolled_at, terminal.revoked_at = request.public_key, at, None
        terminal.hardware, terminal.version = request.hardware, request.version
        if not request.queue_of:
            # What an earlier disk had and lost must not hold back the gap-free count of this one (verify names it).
            terminal.have_seq, terminal.open_bytes = max(terminal.have_seq, next_seq - 1), 0
        token.used_at, token.public_key = at, request.public_key
        answer = canon.sign(
            _answer(office, terminal, next_seq, at).plain(), office.keys.receipt, office.keys.receipt_kid, enrol.CONTEXT
        )
        token.answer = answer
        changed(session, terminal.regency)
    office.board.forget(terminal.regency)
    log("gateway_enrolled", terminal=terminal.id, code=terminal.code)
    return answer


def revoke(office: Office, code: str, officer: int | None = None) -> None:
    """Take nothing more from the terminal until it is enrolled again. Raises ValueError for an unknown code."""
    with office.database.write() as session:
        terminal = session.scalar(select(Terminal).where(Terminal.code == code))
        if terminal is None:
            raise ValueError(f"there is no terminal {code}")
        terminal.revoked_at = now()
        session.add(Audit(at=now(), officer_id=officer, act="terminal_revoked", detail=code))
        changed(session, terminal.regency)
    office.board.forget(terminal.regency)


def remember_url(database: Database, url: str) -> None:
    """Keep the address that enrolment codes carry."""
    with database.write() as session:
        session.merge(Fact(name=URL_FACT, value=url.rstrip("/")))


def known_url(office: Office) -> str | None:
    """The address that the gateway was last served under, or None."""
    with office.database.read() as session:
        fact = session.get(Fact, URL_FACT)
    return fact.value if fact else None


def _next_seq(session: Session, terminal: Terminal) -> int:
    """After all that is here, and after what the terminal said it had allotted: that may wait on a stick."""
    here = session.scalar(select(func.max(Submission.seq)).where(Submission.terminal_id == terminal.id)) or 0
    return max(here, min(terminal.last_seq, here + _AHEAD)) + 1


def _answer(office: Office, terminal: Terminal, next_seq: int, at: int) -> enrol.EnrolAnswer:
    sealing = office.keys.sealing
    return enrol.EnrolAnswer(
        terminal=terminal.id,
        code=terminal.code,
        next_seq=next_seq,
        office_keys=sealing.told.office_keys,
        escrow_key=sealing.told.escrow_key,
        receipt_key=office.keys.receipt_public,
        receipt_kid=office.keys.receipt_kid,
        status_key=canon.b64(office.keys.status),
        limits=office.settings.limits,
        place=enrol.Place(
            village=terminal.village,
            district=terminal.district,
            regency=terminal.regency,
            office=terminal.office,
            phone=terminal.phone,
            hours=hours_lines(opening_of(terminal)) or tuple((line[0], line[1]) for line in terminal.hours),
        ),
        server_time=at,
    )
