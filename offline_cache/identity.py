"""Who this terminal is: the office's answer to its enrolment (in the index) and its signing key (in the key file)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from offline_cache.api import CacheError
from offline_cache.database import Database
from offline_cache.facts import OF_THE_OFFICE
from offline_cache.keys import Keys
from offline_cache.seal import Sealer
from offline_cache.tables import Delivery, facts, feed, identities, places, submissions
from wire import canon, events
from wire.enrol import EnrolAnswer
from wire.office_keys import OfficeKeys


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The identity in force. ``row``: its id in the index. ``key`` signs; ``receipt_key`` proves the office."""

    row: int
    url: str
    answer: EnrolAnswer
    key: Ed25519PrivateKey
    receipt_key: Ed25519PublicKey
    status_key: bytes
    sealer: Sealer
    revoked: bool

    @property
    def terminal(self) -> str:
        """The terminal's id at the office."""
        return self.answer.terminal

    @property
    def keys(self) -> OfficeKeys:
        """The office's sealing keys as we know them."""
        return OfficeKeys(office_keys=self.answer.office_keys, escrow_key=self.answer.escrow_key)


class Identities:
    """Holds the identity in force in memory; the index is asked once at open."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys
        self._guard = threading.Lock()
        self._now: Enrolled | None = self._load()
        self._tidy(keep_unused=True)  # a code whose answer was lost is tried again with the key made for it

    def current(self) -> Enrolled | None:
        """The identity in force, or None before enrolment; never touches the disk."""
        with self._guard:
            return self._now

    def by_token(self, token_sha256: str) -> bool:
        """True when the identity in force came from the one-time code of that hash."""
        with self._database.read() as connection:
            newest = connection.execute(
                select(identities.c.token_sha256).order_by(identities.c.id.desc()).limit(1)
            ).scalar()
        return newest == token_sha256

    def undelivered(self) -> int:
        """How many applications still wait for the office that we belong to."""
        waiting = submissions.c.state.in_((Delivery.QUEUED.value, Delivery.QUARANTINED.value))
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(submissions).where(waiting)).scalar_one()

    def adopt(self, token_sha256: str, url: str, answer: EnrolAnswer) -> Enrolled:
        """Make the office's proved answer the identity in force; what another office told is forgotten.

        A sequence that this disk has used is not used again, even when the office forgot it. A new key of the same
        terminal goes on with its chain of manifests. Keys that nothing needs any more are removed. Raises CacheError,
        OSError; the identity may be in force all the same then.
        """
        with self._database.writer:
            before = self.current()
            with self._database.write() as connection:
                next_seq, prev = _goes_on(connection, answer)
                connection.execute(
                    insert(identities).values(
                        token_sha256=token_sha256,
                        url=url,
                        answer=answer.canonical(),
                        next_seq=next_seq,
                        prev=prev,
                        revoked=False,
                    )
                )
                if before is not None and before.answer.receipt_key != answer.receipt_key:
                    connection.execute(delete(feed))
                    connection.execute(delete(facts).where(facts.c.name.in_(OF_THE_OFFICE)))
                    connection.execute(delete(places))
            found = self._load()
            if found is None:
                raise CacheError("cache_broken", "the identity was not kept")
            with self._guard:
                self._now = found
            self._tidy(keep_unused=False)
            return found

    def take_keys(self, me: Enrolled, told: OfficeKeys) -> None:
        """Seal to the office's new keys from now on. Raises ValueError for keys that are none, CacheError."""
        answer = me.answer.model_copy(update={"office_keys": told.office_keys, "escrow_key": told.escrow_key})
        sealer = _sealer(answer)
        with self._database.writer:
            with self._database.write() as connection:
                values = {"answer": answer.canonical()}
                connection.execute(update(identities).where(identities.c.id == me.row).values(**values))
            with self._guard:
                if self._now is not None and self._now.row == me.row:
                    self._now = replace(self._now, answer=answer, sealer=sealer)
        events.log("office_keys_kept", key=sealer.office_key)

    def revoke(self, row: int) -> None:
        """The office revoked that identity: remembered over restarts. One that came after it is not touched."""
        with self._database.writer:
            now = self.current()
            if now is None or now.row != row or now.revoked:
                return
            with self._database.write() as connection:
                connection.execute(update(identities).where(identities.c.id == row).values(revoked=True))
            with self._guard:
                self._now = replace(now, revoked=True)

    def every(self) -> list[Enrolled]:
        """The identities that submissions here still need, and the one in force, oldest first. Raises CacheError."""
        with self._database.read() as connection:
            rows = connection.execute(select(identities).order_by(identities.c.id)).all()
        return [self._opened(row) for row in rows if row.token_sha256 in self._keys.codes]

    def _tidy(self, *, keep_unused: bool) -> None:
        """Private keys stay for the identity in force and for those whose submissions are not purged yet.

        Of the others whose rows are still here the public half stays, which proves their manifests. Raises OSError.
        """
        with self._database.writer:
            with self._database.read() as connection:
                tokens = connection.execute(select(identities.c.token_sha256).order_by(identities.c.id)).scalars().all()
                joined = select(identities.c.token_sha256).join(submissions, submissions.c.identity == identities.c.id)
                proving = set(connection.execute(joined.distinct()).scalars())
                kept = joined.where(submissions.c.state != Delivery.PURGED.value)
                signing = {*connection.execute(kept.distinct()).scalars(), *tokens[-1:]}
            if keep_unused:
                signing |= self._keys.codes - {*tokens}
            self._keys.keep(signing, proving)

    def _load(self) -> Enrolled | None:
        with self._database.read() as connection:
            row = connection.execute(select(identities).order_by(identities.c.id.desc()).limit(1)).first()
        return None if row is None else self._opened(row)

    def _opened(self, row: Row[tuple[object, ...]]) -> Enrolled:
        key = self._keys.signing(row.token_sha256)
        if key is None:
            raise CacheError("cache_broken", "the signing key of this terminal is not in the key file")
        try:
            return open_answer(row.id, row.url, EnrolAnswer.read(row.answer), key, row.revoked)
        except ValueError as error:
            raise CacheError("cache_broken", f"the enrolment answer in the index: {error}") from error


def _goes_on(connection: Connection, answer: EnrolAnswer) -> tuple[int, str]:
    """The next sequence of that terminal, and the hash of its newest manifest on this disk ("" where there is none)."""
    next_seq, prev = answer.next_seq, ""
    for row in connection.execute(select(identities).order_by(identities.c.id)):
        try:
            old = EnrolAnswer.read(row.answer)
        except canon.CanonError:
            continue
        if old.code == answer.code:
            next_seq = max(next_seq, row.next_seq)
        if (old.terminal, old.receipt_key) == (answer.terminal, answer.receipt_key):
            prev = row.prev
    return next_seq, prev


def open_answer(row: int, url: str, answer: EnrolAnswer, key: Ed25519PrivateKey, revoked: bool) -> Enrolled:
    """Turn the answer's words into keys. Raises ValueError for a key that is none."""
    sealer = _sealer(answer)
    status_key = canon.unb64(answer.status_key)
    if len(status_key) != 32:
        raise ValueError("the status key is not 32 bytes long")
    receipt_key = Ed25519PublicKey.from_public_bytes(canon.unb64(answer.receipt_key))
    return Enrolled(row, url, answer, key, receipt_key, status_key, sealer, revoked)


def _sealer(answer: EnrolAnswer) -> Sealer:
    try:
        return Sealer(answer)
    except Exception as error:  # pyrage's own errors share no base but Exception
        raise ValueError(f"a sealing key is none: {error}") from error


def rows_of(connection: Connection, terminal: str) -> list[int]:
    """The identities under which this disk was that terminal: its key may have been rolled."""
    rows = connection.execute(select(identities.c.id, identities.c.answer))
    return [row.id for row in rows if EnrolAnswer.read(row.answer).terminal == terminal]
