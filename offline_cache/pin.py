"""The staff's PIN: kept as argon2id, asked one try at a time, locked after wrong ones over restarts.

Who can read the data folder needs no PIN (the keys lie there too); it keeps residents out of the staff's screens.
"""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache.api import PinAnswer
from offline_cache.database import Database
from offline_cache.tables import staff_pin
from offline_cache.tries import Tries
from wire import events, pin

_ROW = 1
# RFC 9106's second choice, as for the second fact (wire.tag): a bare PIN lasts no longer by it, a try takes 0.2 s.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


class StaffPin:
    """The one PIN of this terminal."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()

    def is_set(self) -> bool:
        """See ``api.Cache.pin_set``."""
        with self._database.read() as connection:
            return _row(connection) is not None

    def set(self, new: str) -> None:
        """See ``api.Cache.set_pin``. Wrong tries and a lock end with it."""
        pin.check(new)
        values = {"hash": _hasher.hash(new), "wrong": 0, "locked_until": 0.0, "lock_s": 0.0}
        with self._guard, self._database.write() as connection:
            connection.execute(
                upsert(staff_pin)
                .values(id=_ROW, **values)
                .on_conflict_do_update(index_elements=[staff_pin.c.id], set_=values)
            )
        events.log("staff_pin_made")

    def check(self, given: str) -> PinAnswer:
        """See ``api.Cache.check_pin``. Without a PIN and while locked it answers at once, unheard."""
        with self._guard:
            with self._database.read() as connection:
                row = _row(connection)
            if row is None:
                return PinAnswer("unset")
            kept = Tries(row.wrong, row.locked_until, row.lock_s)
            tries = kept.now()
            if left := tries.left():
                self._keep(kept, tries)
                return PinAnswer("locked", left)
            right = _same(row.hash, given)
            now = Tries() if right else tries.one_more()
            self._keep(kept, now)
        if right:
            return PinAnswer("right")
        if not now.lock_s:
            return PinAnswer("wrong")
        events.log("staff_pin_locked", wrong=now.wrong, lock_s=int(now.lock_s))
        return PinAnswer("locked", int(now.lock_s))

    def _keep(self, kept: Tries, now: Tries) -> None:
        if now != kept:
            with self._database.write() as connection:
                connection.execute(
                    update(staff_pin).values(wrong=now.wrong, locked_until=now.locked_until, lock_s=now.lock_s)
                )


def _row(connection: Connection) -> Row[tuple[object, ...]] | None:
    return connection.execute(select(staff_pin).where(staff_pin.c.id == _ROW)).first()


def _same(kept: str, given: str) -> bool:
    try:
        return _hasher.verify(kept, given)
    except VerificationError:
        return False
