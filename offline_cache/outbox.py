"""The outbox: from the press of "Kirim" to the signed receipt, and the removal days after it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from offline_cache import clock
from offline_cache.api import CacheError, Submitted
from offline_cache.application import Application
from offline_cache.clock import OfficeClock
from offline_cache.database import Database
from offline_cache.drafts import Drafts
from offline_cache.identity import Enrolled, rows_of
from offline_cache.packing import Packed, Packer, Place, numbered
from offline_cache.parts import Parts
from offline_cache.queued import Counts, Queued, queued
from offline_cache.statement import Statement
from offline_cache.tables import Delivery, identities, submission_parts, submissions, tallies
from wire import manifest
from wire.receipt import Receipt

# A press of send waits for each of them.
_ADD, _ADD_PARTS = Statement(insert(submissions)), Statement(insert(submission_parts))
_NEXT = select(identities.c.next_seq, identities.c.prev).where(identities.c.id == bindparam("row"))
_ADVANCE = Statement(
    update(identities)
    .where(
        identities.c.id == bindparam("row"),
        identities.c.next_seq == bindparam("seq"),
        identities.c.prev == bindparam("before"),
    )
    .values(next_seq=bindparam("next"), prev=bindparam("digest"))
)
_OF_DRAFT = select(submissions).where(submissions.c.draft == bindparam("of"))


class Outbox:
    """Every change of a submission's delivery state, each in one transaction."""

    def __init__(self, database: Database, parts: Parts, drafts: Drafts, office_clock: OfficeClock) -> None:
        self._database = database
        self._parts = parts
        self._drafts = drafts
        self._clock = office_clock
        self._packer = Packer(parts, drafts, office_clock)

    def foresee(self, nik: str, number: str, me: Enrolled) -> None:
        """Begin what takes long at ``submit``. ``number``: of the application that is completed, "" = the next one."""
        if not number:
            with self._database.read() as connection:
                number = numbered(me, _next(connection, me).seq)
        self._packer.foresee(nik, number, me)

    def prepare(self, draft: str, application: Application, me: Enrolled) -> None:
        """Do all of ``submit`` that comes before its commit. Raises CacheError, OSError."""
        if self._drafts.is_open(draft):
            with self._database.read() as connection:
                at = _next(connection, me)
            self._packer.prepare(draft, application, me, at)

    def forget(self) -> None:
        """Nothing is foreseen any more: the resident has left. Raises OSError."""
        self._packer.forget()

    def already(self, draft: str) -> Submitted | None:
        """What ``submit`` answered for this draft, or None."""
        if self._drafts.is_open(draft):
            return None
        with self._database.read() as connection:
            row = connection.execute(_OF_DRAFT, {"of": draft}).first()
            return None if row is None else _answer(connection, row)

    def submit(self, draft: str, application: Application, me: Enrolled) -> Submitted:
        """Allot id, sequence and number and queue the signed manifest, all in one commit.

        The form's file is durable before that commit (``packing``); when the commit fails it is an orphan and goes.
        Raises CacheError, OSError; the draft then stays as it was.
        """
        with self._database.writer:
            found = self.already(draft)
            if found is not None:
                return found
            if not self._drafts.is_open(draft):
                raise CacheError("cache_broken", "the draft has ended")
            packed = self._packer.take(draft, application, me)
            try:
                with self._database.write() as connection:
                    if packed is None or not _advance(connection, packed):
                        late, packed = packed, self._packer.pack(draft, application, me, _next(connection, me))
                        if late is not None:  # its place was taken meanwhile
                            self._parts.remove([late.form])
                        _advance(connection, packed)
                    _queue(connection, packed)
            except BaseException:
                self._failed(draft, packed)
                raise
            self._drafts.end(draft)
            self._packer.forget()
            size = sum(part.bytes for part in packed.parts)
            return Submitted(packed.submission_id, packed.number, packed.place.seq, len(packed.parts), size)

    def _failed(self, draft: str, packed: Packed | None) -> None:
        """A commit may fail after it held: then the draft's files are the submission's, and none of them may go."""
        try:
            with self._database.read() as connection:
                held = connection.execute(_OF_DRAFT, {"of": draft}).first() is not None
        except BaseException:
            self._drafts.end(draft)  # not to be known now: the next start sweeps what no row names
            raise
        if held:
            self._drafts.end(draft)
        elif packed is not None:
            self._parts.remove([packed.form])

    def waiting(self, me: Enrolled, limit: int) -> list[str]:
        """Ids of what still has to go to the office of ``me``, the oldest ``limit``.

        What an earlier key of the same terminal signed is among it; what belongs to another office leaves by courier.
        """
        found: list[str] = []
        with self._database.read() as connection:
            for row in sorted(rows_of(connection, me.terminal)):  # one by one: then the index gives them in order
                found += connection.execute(
                    select(submissions.c.submission_id)
                    .where(submissions.c.state == Delivery.QUEUED.value, submissions.c.identity == row)
                    .order_by(submissions.c.seq)
                    .limit(limit - len(found))
                ).scalars()
        return found

    def load(self, submission_ids: Sequence[str]) -> list[Queued]:
        """Those of them that are queued."""
        # By the primary key alone: with the state beside it SQLite would walk the whole queue in order instead.
        with self._database.read() as connection:
            rows = connection.execute(select(submissions).where(submissions.c.submission_id.in_(submission_ids))).all()
            return [
                queued(connection, row)
                for row in sorted(rows, key=lambda row: (row.identity, row.seq))
                if row.state == Delivery.QUEUED.value
            ]

    def counts(self) -> Counts:
        """How many wait, and since when; the same cost however many there are."""
        with self._database.read() as connection:
            count: dict[str, int] = {row[0]: row[1] for row in connection.execute(select(tallies))}
            last = connection.execute(select(identities.c.next_seq).order_by(identities.c.id.desc()).limit(1)).scalar()
            oldest = connection.execute(
                select(submissions.c.made_at)
                .where(submissions.c.state == Delivery.QUEUED.value)
                .order_by(submissions.c.identity, submissions.c.seq)
                .limit(1)
            ).scalar()
        waiting, refused = count.get(Delivery.QUEUED.value, 0), count.get(Delivery.QUARANTINED.value, 0)
        return Counts(waiting, refused, 0 if last is None else last - 1, oldest)

    def refused(self) -> list[tuple[str, str]]:
        """(number, problem) of what the office refused and we keep, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(submissions.c.number, submissions.c.problem)
                .where(submissions.c.state == Delivery.QUARANTINED.value)
                .order_by(submissions.c.identity, submissions.c.seq)
            )
            return [(row.number, row.problem) for row in rows]

    def received(self, submission_id: str, envelope: bytes, receipt: Receipt) -> bool:
        """Keep a receipt that was proved and fits. False when the submission was not waiting for one.

        Its days begin now; at the time that it tells, where our clock may be wrong.
        """
        at = self._clock.now() if self._clock.heard else _told(receipt.received_at)
        with self._database.write() as connection:
            return (
                connection.execute(
                    update(submissions)
                    .where(
                        submissions.c.submission_id == submission_id,
                        submissions.c.manifest_sha256 == receipt.manifest_sha256,
                        submissions.c.state.in_((Delivery.QUEUED.value, Delivery.QUARANTINED.value)),
                    )
                    .values(state=Delivery.RECEIVED.value, problem="", receipt=envelope, received_at=at)
                ).rowcount
                > 0
            )

    def quarantine(self, submission_id: str, problem: str) -> None:
        """The office refused it for a reason that another try does not mend: kept, listed, out of the way."""
        with self._database.write() as connection:
            connection.execute(
                update(submissions)
                .where(submissions.c.submission_id == submission_id, submissions.c.state == Delivery.QUEUED.value)
                .values(state=Delivery.QUARANTINED.value, problem=problem[:64])
            )

    def release(self) -> int:
        """Put every quarantined submission back into the queue (the office was mended). How many."""
        with self._database.write() as connection:
            return connection.execute(
                update(submissions)
                .where(submissions.c.state == Delivery.QUARANTINED.value)
                .values(state=Delivery.QUEUED.value, problem="")
            ).rowcount

    def purge(self, before: float) -> list[str]:
        """Remove the parts of what was received before that time (office's clock). Ids of what went. Raises OSError.

        ``purging`` is committed, then the files go, then ``purged`` is committed; a crash in between is finished by
        the next call.
        """
        with self._database.writer:
            with self._database.write() as connection:
                connection.execute(
                    update(submissions)
                    .where(submissions.c.state == Delivery.RECEIVED.value, submissions.c.received_at <= before)
                    .values(state=Delivery.PURGING.value)
                )
            purging = self._list(select(submissions).where(submissions.c.state == Delivery.PURGING.value))
            for one in purging:
                self._parts.remove(name for name, _ in one.parts)
                with self._database.write() as connection:
                    connection.execute(
                        delete(submission_parts).where(submission_parts.c.submission_id == one.submission_id)
                    )
                    connection.execute(
                        update(submissions)
                        .where(submissions.c.submission_id == one.submission_id)
                        .values(state=Delivery.PURGED.value)
                    )
            return [one.submission_id for one in purging]

    def oldest_received(self) -> float | None:
        """When the oldest application that still has its parts here was received, or None."""
        with self._database.read() as connection:
            return connection.execute(
                select(func.min(submissions.c.received_at)).where(submissions.c.state == Delivery.RECEIVED.value)
            ).scalar()

    def last_shown(self) -> tuple[str, float] | None:
        """The newest number and the seconds since it was allotted, unless it was settled."""
        with self._database.read() as connection:
            row = connection.execute(
                select(submissions).order_by(submissions.c.identity.desc(), submissions.c.seq.desc()).limit(1)
            ).first()
        if row is None or row.settled:
            return None
        if row.boot_id == clock.boot_id():
            return row.number, clock.boot_s() - row.made_boot_s
        return row.number, max(0.0, time.time() - row.made_at)

    def settle(self, number: str) -> None:
        """The visit of that number ended in order."""
        with self._database.write() as connection:
            connection.execute(update(submissions).where(submissions.c.number == number).values(settled=True))

    def _list(self, chosen: Select[tuple[object, ...]]) -> list[Queued]:
        with self._database.read() as connection:
            rows = connection.execute(chosen.order_by(submissions.c.identity, submissions.c.seq)).all()
            return [queued(connection, row) for row in rows]


def _told(received_at: str) -> float:
    try:
        return datetime.fromisoformat(received_at).timestamp()
    except (ValueError, OverflowError):
        return time.time()


def _next(connection: Connection, me: Enrolled) -> Place:
    """Where the next manifest stands."""
    seq, prev = connection.execute(_NEXT, {"row": me.row}).one()
    return Place(me.row, seq, prev)


def _advance(connection: Connection, packed: Packed) -> bool:
    """Take the packet's place. False when another packet has it."""
    at = packed.place
    words = {"row": at.identity, "seq": at.seq, "before": at.prev, "next": at.seq + 1, "digest": packed.digest}
    return _ADVANCE.run(connection, words).rowcount == 1


def _queue(connection: Connection, packed: Packed) -> None:
    application, at = packed.application, packed.place
    _ADD.run(
        connection,
        {
            "submission_id": packed.submission_id,
            "draft": packed.draft,
            "identity": at.identity,
            "number": packed.number,
            "seq": at.seq,
            "service": application.service,
            "tag": packed.tag,
            "manifest": packed.signed,
            "manifest_sha256": packed.digest,
            "state": Delivery.QUEUED.value,
            "problem": "",
            "receipt": None,
            "received_at": None,
            "made_at": time.time(),
            "boot_id": clock.boot_id(),
            "made_boot_s": clock.boot_s(),
            "settled": False,
            "corrects": application.completes.first if application.completes else None,
            "missing": json.dumps(application.missing),
        },
    )
    _ADD_PARTS.run(
        connection,
        [{"sha256": part.sha256, "submission_id": packed.submission_id, "bytes": part.bytes} for part in packed.parts],
    )


def _answer(connection: Connection, row: Row[tuple[object, ...]]) -> Submitted:
    _, read = manifest.unproved(row.manifest)
    return Submitted(row.submission_id, row.number, row.seq, len(read.parts), sum(part.bytes for part in read.parts))
