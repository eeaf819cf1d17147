"""``gateway keys list|roll|retire|escrow``: the office's sealing keys over the years.

A key that was rolled still opens what was sealed to it, and is kept for two years at least (sync-notes §3.6): so long
a terminal may lie in a cupboard with a queue. It is retired after that, once nothing in the store needs it.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import keys
from gateway.keys import ESCROW, OfficeKey
from gateway.rooms import Office, iso, now
from gateway.store import durable
from gateway.tables import Audit, Submission
from wire import canon, manifest
from wire.office_keys import HONOURED_DAYS, MOST

_AT_ONCE = 500


def listing(office: Office) -> list[dict[str, object]]:
    """Every key: id, recipient, date, whether terminals seal to it, and how many submissions are sealed to it."""
    sealing = office.keys.sealing
    with office.database.read() as session:
        sealed = _sealed(session)
    told: list[dict[str, object]] = [
        {
            "kind": "office",
            "id": each.key.id,
            "recipient": each.key.recipient,
            "since": each.key.since,
            "replaced": each.replaced,
            "sealed": sealed.pop(each.key.id, 0),
            "file": each.file.name,
        }
        for each in sealing.office
    ]
    told.append(
        {
            "kind": "escrow",
            "id": sealing.escrow.id,
            "recipient": sealing.escrow.recipient,
            "since": sealing.escrow.since,
            "private_half_here": (office.keys.folder / "escrow.age").exists(),
        }
    )
    # What somebody sealed to a key that is gone is kept and told: the escrow key opens it.
    unknown: list[dict[str, object]] = [
        {"kind": "unknown", "id": key, "sealed": count} for key, count in sorted(sealed.items())
    ]
    return told + unknown


def roll(office: Office, at: float | None = None) -> OfficeKey:
    """Make a new key: terminals seal to it from their next heartbeat on. Raises ValueError, OSError."""
    newest = office.keys.sealing.office[0]
    while at is None and iso(time.time()) == newest.key.since:  # dates tell keys apart
        time.sleep(0.1)
    since = iso(at := time.time() if at is None else at)
    if since <= newest.key.since:
        raise ValueError(f"the newest key is of {newest.key.since}; the clock says {since}")
    if len(office.keys.sealing.office) >= MOST:
        raise ValueError(f"there are {MOST} keys already: retire some first")
    text = keys.new_identity(at)
    recipient = keys.recipient_text(text.decode().replace("# public key: ", ""), "the new key")
    file = office.keys.folder / f"office-{since[:10].replace('-', '')}-{keys.key_id(recipient)[4:12]}.age"
    durable.make_once(file, text)
    _note(office, "office_key_rolled", keys.key_id(recipient))
    return office.keys.sealing.office[0]


def retire(office: Office, key_id: str, at: float | None = None) -> OfficeKey:
    """Remove the private half of a key for good. Raises ValueError with the reason, OSError."""
    at = time.time() if at is None else at
    key = next((each for each in office.keys.sealing.office if each.key.id == key_id), None)
    if key is None:
        raise ValueError(f"there is no key {key_id} here")
    if not key.replaced:
        raise ValueError("terminals seal to this key: roll first")
    until = _time(key.replaced) + timedelta(days=HONOURED_DAYS)
    if datetime.fromtimestamp(at, UTC) < until:
        raise ValueError(f"it was replaced on {key.replaced[:10]} and is honoured until {until:%Y-%m-%d}")
    with office.database.write() as session:  # nothing new comes in between
        count = _sealed(session).get(key_id, 0)
        if count:
            raise ValueError(f"{count} submissions that are not withdrawn are sealed to it")
        durable.remove([key.file])
        session.add(Audit(at=now(), officer_id=None, act="office_key_retired", detail=key_id))
    return key


def escrow(office: Office, file: Path, at: float | None = None) -> str:
    """Put another escrow key in force, by its public half; returns its id. Raises KeyFileError, ValueError, OSError."""
    text = file.read_text(errors="replace")
    if "AGE-SECRET-KEY-" in text:
        raise ValueError(f"{file.name} holds a private key: give its public half alone (age-keygen -y)")
    recipient = keys.recipient_text(text, file.name)
    if recipient in (each.key.recipient for each in office.keys.sealing.office):
        raise ValueError("that is a key of the office itself: who has the one would have both")
    durable.write_over(office.keys.folder / ESCROW, keys.escrow_text(recipient, time.time() if at is None else at))
    (office.keys.folder / ESCROW).chmod(0o600)
    _note(office, "escrow_key_replaced", keys.key_id(recipient))
    return office.keys.sealing.escrow.id


def tell(facts: list[dict[str, object]], as_json: bool) -> None:
    """Print keys, one a line, or as JSON."""
    if as_json:
        print(json.dumps({"keys": facts}))
        return
    for each in facts:
        dates = f"{each.get('since', '')}{' - ' if each.get('replaced') else ''}{each.get('replaced', '')}"
        sealed = f"  {each['sealed']} sealed to it" if "sealed" in each else ""
        print(f"{each['kind']:8} {each['id']:20} {dates}{sealed}")


def plain(key: OfficeKey) -> dict[str, object]:
    """A key's public facts."""
    return {
        "kind": "office",
        "id": key.key.id,
        "recipient": key.key.recipient,
        "since": key.key.since,
        "replaced": key.replaced,
        "file": key.file.name,
    }


def _sealed(session: Session) -> dict[str, int]:
    """How many submissions that were not withdrawn name each key; announced ones count: their parts may still come."""
    counted: dict[str, int] = {}
    rows = session.scalars(
        select(Submission.manifest).where(Submission.withdrawn_at.is_(None)).execution_options(yield_per=_AT_ONCE)
    )
    for envelope in rows:
        try:
            key = manifest.unproved(envelope)[1].office_key
        except canon.CanonError:  # taken by another version of this program
            key = "?"
        counted[key] = counted.get(key, 0) + 1
    return counted


def _note(office: Office, act: str, detail: str) -> None:
    with office.database.write() as session:
        session.add(Audit(at=now(), officer_id=None, act=act, detail=detail))


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise ValueError(f"the date of the key that replaced it is none: {text}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
