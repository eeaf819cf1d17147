"""Taking a submission: insert the manifest or compare it, name the missing parts, sign the receipt.

A completion is taken when it fits the submission that it completes, and also while that one is still on its way from
another terminal; one that turns out not to fit is held, never lost.

The receipt is made in the transaction that marks the submission received, after every part was read back from the
disk with its hash. The same manifest gets the same receipt bytes for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import String, bindparam, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from gateway import applications, auth, quota
from gateway.applications import Claim
from gateway.problems import Refusal
from gateway.quota import FREE
from gateway.rooms import Office, iso, now
from gateway.store import Place, StoreFull
from gateway.tables import Audit, Event, Part, Submission, Terminal
from wire import canon, manifest, receipt
from wire import service as services
from wire.change import State
from wire.events import log
from wire.number import Number
from wire.problem import Code

_RETRY_FULL_S = 300

# Built once: every receipt waits for it. The last sequence of the run of received ones that begins with ``next``.
_FIRST, _AFTER = aliased(Submission), aliased(Submission)
_OWNER = bindparam("terminal", type_=String(32))
_RUN_S_END = (
    select(Submission.seq)
    .where(
        Submission.terminal_id == _OWNER,
        Submission.receipt.is_not(None),
        Submission.seq > bindparam("have"),
        exists().where(_FIRST.terminal_id == _OWNER, _FIRST.seq == bindparam("next"), _FIRST.receipt.is_not(None)),
        ~exists().where(_AFTER.terminal_id == _OWNER, _AFTER.seq == Submission.seq + 1, _AFTER.receipt.is_not(None)),
    )
    .order_by(Submission.seq)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Answer:
    """``new``: this call stored the manifest. ``missing``: (sha256, offset). ``receipt``: None while parts miss."""

    new: bool
    missing: tuple[tuple[str, int], ...]
    receipt: bytes | None

    def plain(self) -> dict[str, object]:
        """The body of the answer."""
        if self.receipt is not None:
            return {"state": "received", "receipt": canon.b64(self.receipt)}
        return {
            "state": "awaiting",
            "missing": [{"sha256": sha256, "offset": offset} for sha256, offset in self.missing],
        }


def put(office: Office, terminal: Terminal, submission_id: str, body: bytes, *, limited: bool = True) -> Answer:
    """Take or compare a signed manifest. Raises Refusal (MALFORMED, CONFLICT, BUSY, FULL).

    ``limited`` False: an officer brings it, the terminal's limits do not hold.
    """
    new = False
    known = _known(office, terminal, submission_id, body)
    if known is None:
        read = _checked(office, terminal, submission_id, body)
        try:
            known, new = _insert(office, terminal, read, body, limited), True
        except IntegrityError as error:
            # Another request was faster, or the sequence or a part belongs to another submission.
            known = _known(office, terminal, submission_id, body)
            if known is None:
                raise Refusal(Code.CONFLICT, "its sequence or a part belongs to another submission") from error
    if known.receipt is not None:
        return Answer(new, (), known.receipt)
    place = Place(known.terminal_id, known.id)
    try:
        missing = office.store.missing(place, known.manifest, _named(office, known.id))
    except StoreFull as error:
        raise Refusal(Code.FULL, retry_after=_RETRY_FULL_S) from error
    return Answer(new, missing, None if missing else _receive(office, known.id))


def withdraw(office: Office, submission_id: str) -> None:
    """Withdraw the application of a submission, with all that completes it.

    Leaves tombstones: the parts go, and every further PUT hears "received, then withdrawn" (sync-notes D7).
    """
    with office.database.write() as session:
        row = session.get(Submission, submission_id)
        if row is None:
            raise ValueError("there is no such submission")
        first = row if applications.is_stray(session, row) else applications.first_of(session, row)
        if first is None:
            raise ValueError("the first submission is still on its way; withdraw the application once it is here")
        rows = [first, *(each for each in _completions(session, first) if not _misfit(first, each))]
        # Their terminals in the order in which heartbeats take them: neither waits for the other.
        owners = select(Terminal).where(Terminal.id.in_({each.terminal_id for each in rows}))
        session.scalars(owners.order_by(Terminal.id).with_for_update()).all()
        for each in rows:
            if each.withdrawn_at is None:
                _mark_received(office, session, each, withdrawn=True)
                each.withdrawn_at = now()
                add_event(session, each, State.WITHDRAWN)
                session.add(Audit(at=now(), officer_id=None, act="withdrawn", submission_id=each.id))
        places = [Place(each.terminal_id, each.id) for each in rows]
    for place in places:
        office.store.remove(place)


def add_event(
    session: Session,
    row: Submission,
    state: State,
    reasons: list[dict[str, str]] | None = None,
    officer: int | None = None,
) -> Event:
    """Append to the application's history; the event's number is its cursor in the change feed.

    The newest event of an application is the state of all its submissions.
    """
    event = Event(submission_id=row.id, state=state.value, reasons=reasons or [], officer_id=officer, at=now())
    joined = applications.members(session, row)
    event.missing = list(applications.lacking(session, joined, event))
    session.add(event)
    session.flush()
    for each in joined:
        each.state, each.event_no = state.value, event.no
    return event


def _known(office: Office, terminal: Terminal, submission_id: str, body: bytes) -> Submission | None:
    with office.database.read() as session:
        row = session.get(Submission, submission_id)
    if row is None:
        return None
    if row.terminal_id != terminal.id or row.manifest_sha256 != manifest.digest(body):
        raise Refusal(Code.CONFLICT, "another manifest has this id")
    return row


def _checked(office: Office, terminal: Terminal, submission_id: str, body: bytes) -> manifest.Manifest:
    try:
        envelope, read = manifest.unproved(body)
    except canon.CanonError as error:
        raise Refusal(Code.MALFORMED, str(error)) from error
    if read.submission_id != submission_id:
        raise Refusal(Code.MALFORMED, "the address names another submission")
    if not envelope.kid == read.terminal == terminal.id:
        raise Refusal(Code.MALFORMED, "the manifest is of another terminal")
    if Number.parse(read.number).code != terminal.code and read.corrects is None:
        raise Refusal(Code.MALFORMED, "the number carries another terminal's code")
    if read.corrects == read.submission_id:
        raise Refusal(Code.MALFORMED, "it completes itself")
    with office.database.read() as session:
        if not auth.signed_by(session, terminal.id, envelope, manifest.CONTEXT):
            raise Refusal(Code.MALFORMED, "the manifest's signature does not hold")
    free = office.store.free()
    if free is not None and free < office.settings.reserve + sum(part.bytes for part in read.parts):
        raise Refusal(Code.FULL, retry_after=_RETRY_FULL_S)
    return read


def _insert(office: Office, terminal: Terminal, read: manifest.Manifest, body: bytes, limited: bool) -> Submission:
    service = services.catalogue().get(read.service)
    row = Submission(
        id=read.submission_id,
        terminal_id=terminal.id,
        seq=read.seq,
        number=read.number,
        service=read.service,
        tag=read.tag,
        manifest=body,
        manifest_sha256=manifest.digest(body),
        held=service is None or service.schema_version < read.schema_version or not office.keys.opens(read.office_key),
        corrects=read.corrects,
        missing=list(read.missing),
        announced_at=now(),
    )
    with office.database.write() as session:
        if read.corrects is not None and (why := _refused(session, row)):
            raise Refusal(Code.CONFLICT, why)
        quota.announce(session, office.settings.quota if limited else FREE, row, sum(part.bytes for part in read.parts))
        session.add(row)
        session.flush()
        for other in _claiming(session, row):  # one of them was faster, from another terminal
            first, completion = (row, other) if row.corrects is None else (other, row)
            if first.corrects is None and completion.corrects is not None and _misfit(first, completion):
                completion.held = True
        session.add_all(
            Part(terminal_id=terminal.id, sha256=part.sha256, submission_id=read.submission_id, bytes=part.bytes)
            for part in read.parts
        )
    return row


def _completions(session: Session, first: Submission) -> list[Submission]:
    """What names ``first`` as the submission that it completes, received or not."""
    return list(session.scalars(select(Submission).where(Submission.corrects == first.id)))


def _claiming(session: Session, row: Submission) -> list[Submission]:
    """What else carries the number of ``row``, or names it as the submission that it completes."""
    either = or_(Submission.number == row.number, Submission.corrects == row.id)
    return list(session.scalars(select(Submission).where(either, Submission.id != row.id)))


def _misfit(first: Submission, completion: Submission) -> str:
    return applications.misfit(Claim.of_row(first), Claim.of_row(completion))


def _refused(session: Session, completion: Submission) -> str:
    """Why a completion cannot be taken for the submission that it names, or "": that one may not be here yet."""
    first = session.get(Submission, completion.corrects)
    if first is None:
        return ""
    if first.withdrawn_at is not None:
        return "the application was withdrawn"
    return _misfit(first, completion)


def _named(office: Office, submission_id: str) -> dict[str, int]:
    with office.database.read() as session:
        parts = session.scalars(select(Part).where(Part.submission_id == submission_id).order_by(Part.sha256))
        return {part.sha256: part.bytes for part in parts}


def _receive(office: Office, submission_id: str) -> bytes:
    with office.database.write() as session:
        row = session.get_one(Submission, submission_id)
        if row.receipt is not None:  # another request was faster: its receipt is the receipt
            return row.receipt
        signed = _mark_received(office, session, row)
        add_event(session, row, State.RECEIVED)
        terminal, server_seq = row.terminal_id, row.server_seq
    log("gateway_received", submission_id=submission_id, terminal=terminal, server_seq=server_seq)
    return signed


def _mark_received(office: Office, session: Session, row: Submission, withdrawn: bool = False) -> bytes:
    if row.server_seq is None or row.received_at is None:
        quota.arrive(session, row)
        row.server_seq = (session.scalar(select(func.max(Submission.server_seq))) or 0) + 1
        row.received_at = now()
    signed = canon.sign(
        receipt.Receipt(
            submission_id=row.id,
            manifest_sha256=row.manifest_sha256,
            number=row.number,
            terminal=row.terminal_id,
            seq=row.seq,
            server_seq=row.server_seq,
            received_at=iso(row.received_at),
            withdrawn=withdrawn,
        ).plain(),
        office.keys.receipt,
        office.keys.receipt_kid,
        receipt.CONTEXT,
    )
    row.receipt = signed
    session.flush()
    _close_gap(session, session.get_one(Terminal, row.terminal_id))
    return signed


def _close_gap(session: Session, terminal: Terminal) -> None:
    """Move the gap-free count to the end of the run that begins after it: one question, however long the run."""
    have = terminal.have_seq
    terminal.have_seq = session.scalar(_RUN_S_END, {"terminal": terminal.id, "have": have, "next": have + 1}) or have
