"""Whether an office still holds what it signed for: the database, every receipt, every part, and the gaps.

Reads everything and changes nothing; it may run beside the gateway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gateway.rooms import Office
from gateway.store import Place
from gateway.tables import Event, Part, Submission, Terminal
from wire import receipt
from wire.canon import CanonError, SignatureError

_TOLD = 20  # of each kind, in words; the report counts them all
_MOST = 10_000  # a terminal may announce any number
_BATCH = 10  # with 20 parts each: PostgreSQL ends a transaction that asks nothing for two minutes


@dataclass(slots=True)
class Report:
    """``faults``: what is not as it was signed. ``lacking``: by terminal's code, sequences below its newest one that
    were never received here (the first 10,000): on their way, lost with an earlier database (the terminal sends again
    what it holds), or on an earlier disk of the terminal when it got a new one, or on a stick from there.
    ``strange``: submissions in the store that the database does not know. ``cursor``: the newest event.
    """

    submissions: int = 0
    received: int = 0
    parts: int = 0
    bytes: int = 0
    cursor: int = 0
    lacking: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    strange: int = 0
    faults: list[str] = field(default_factory=list[str])

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"{self.received} of {self.submissions} submissions received, {self.parts} parts, {self.bytes:,} bytes"
        for code, sequences in self.lacking.items():
            shown = ", ".join(map(str, sequences[:_TOLD])) + (", ..." if len(sequences) > _TOLD else "")
            yield f"{code}: {len(sequences)} never received: {shown}"
        if self.strange:
            yield f"{self.strange} submissions in the store that the database does not know (it may be older)"
        yield from self.faults[:_TOLD]
        if len(self.faults) > _TOLD:
            yield f"and {len(self.faults) - _TOLD} more faults"
        yield "FAULTS" if self.faults else "whole"


def verify(office: Office) -> Report:
    """Read all of it. Raises Unreachable, StoreError."""
    report = Report()
    places = list(office.store.places())  # first: whoever has a place has a row already
    with office.database.read() as session:
        _database(office, session, report)
        known = _submissions(office, session, report)
        _gaps(session, report)
    report.strange = sum(1 for place in places if place not in known)
    return report


def _database(office: Office, session: Session, report: Report) -> None:
    if not office.database.served:  # PostgreSQL checks its pages itself (data_checksums, pg_amcheck)
        found = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check"))]
        report.faults += [f"database: {line}" for line in found if line != "ok"]
        report.faults += [f"database: {row[0]}: a row names what is gone" for row in _dangling(session)]
    report.cursor = session.scalar(select(func.max(Event.no))) or 0


def _dangling(session: Session) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(text("PRAGMA foreign_key_check"))]


def _submissions(office: Office, session: Session, report: Report) -> set[Place]:
    """Every one, its receipt and its parts; the places that they name."""
    known: set[Place] = set()
    last = ""
    while rows := list(
        session.scalars(select(Submission).where(Submission.id > last).order_by(Submission.id).limit(_BATCH))
    ):
        last = rows[-1].id
        parts: dict[str, list[Part]] = {}
        for part in session.scalars(select(Part).where(Part.submission_id.in_([row.id for row in rows]))):
            parts.setdefault(part.submission_id, []).append(part)
        for row in rows:
            place = Place(row.terminal_id, row.id)
            known.add(place)
            report.submissions += 1
            if row.receipt is not None:
                report.received += 1
                report.faults += [f"{row.number} ({row.id}): {fault}" for fault in _received(office, row, place)]
                if row.withdrawn_at is None:
                    report.faults += [
                        f"{row.number} ({row.id}): {fault}"
                        for part in parts.get(row.id, ())
                        for fault in _part(office, place, part, report)
                    ]
        session.expunge_all()
    return known


def _received(office: Office, row: Submission, place: Place) -> Iterator[str]:
    try:
        signed = receipt.prove(row.receipt or b"", office.keys.receipt.public_key())
    except (CanonError, SignatureError):
        yield "its receipt does not hold under this office's key"
    else:
        told = (signed.submission_id, signed.manifest_sha256, signed.number, signed.terminal, signed.seq)
        if told != (row.id, row.manifest_sha256, row.number, row.terminal_id, row.seq):
            yield "its receipt is of something else"
    if hashlib.sha256(row.manifest).hexdigest() != row.manifest_sha256:
        yield "its manifest is not the one that was signed for"
    try:
        if office.store.manifest(place) != row.manifest:
            yield "the manifest in the store is another"
    except FileNotFoundError:
        yield "its manifest is not in the store"


def _part(office: Office, place: Place, part: Part, report: Report) -> Iterator[str]:
    try:
        data = office.store.read(place, part.sha256)
    except FileNotFoundError:
        with office.database.read() as session:
            row = session.get(Submission, part.submission_id)
        if row is None or row.withdrawn_at is None:  # not withdrawn since we began
            yield f"part {part.sha256[:12]} is not there"
        return
    report.parts, report.bytes = report.parts + 1, report.bytes + len(data)
    if hashlib.sha256(data).hexdigest() != part.sha256:
        yield f"part {part.sha256[:12]} is damaged"


def _gaps(session: Session, report: Report) -> None:
    codes = {terminal.id: (terminal.code, terminal.have_seq) for terminal in session.scalars(select(Terminal))}
    for terminal, (code, have) in codes.items():
        own = select(Submission.seq, Submission.receipt.is_not(None)).where(Submission.terminal_id == terminal)
        here = {seq: received for seq, received in session.execute(own)}  # noqa: C416 - rows are no tuples to dict()'s types
        below = range(1, max(have + 1, max(here, default=1)))
        if lacking := list(islice((seq for seq in below if not here.get(seq)), _MOST)):
            report.lacking[code] = lacking
