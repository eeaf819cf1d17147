"""The cache that the station opens: keys, index, parts and all that stands on them, behind ``api.Cache``."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from offline_cache import clock, durable, enrolment
from offline_cache.api import (
    Cache,
    CacheError,
    Completes,
    Exported,
    Identity,
    LineState,
    Lookup,
    PinAnswer,
    QueueState,
    SendState,
    Stick,
    Submitted,
    Taken,
    TrialRecord,
)
from offline_cache.application import Application
from offline_cache.cards import Cards
from offline_cache.clock import OfficeClock
from offline_cache.courier import Courier
from offline_cache.database import Database
from offline_cache.drafts import Drafts
from offline_cache.feed import Feed
from offline_cache.folder import hold, open_keys
from offline_cache.identity import Enrolled, Identities
from offline_cache.keys import Keys
from offline_cache.lookup import StatusDesk
from offline_cache.outbox import Outbox
from offline_cache.parts import Parts
from offline_cache.pin import StaffPin
from offline_cache.places import PlaceList
from offline_cache.purge import make_room
from offline_cache.requeue import Requeue
from offline_cache.settings import CacheSettings
from offline_cache.sync.changes import Pulse
from offline_cache.sync.engine import Engine
from offline_cache.sync.hold import Hold
from offline_cache.trials import Trials
from wire import events
from wire.guard import Protection
from wire.heartbeat import DeviceReport
from wire.places import Places

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STOP_S = 3.0


def open_cache(data: Path, *, version: str, settings: CacheSettings | None = None) -> Cache:
    """Open (or make) the terminal's memory in the folder ``data`` and wipe what an earlier visit left behind.

    One process at a time holds the folder. Raises CacheError: cache_broken when another process holds it or when keys
    or index cannot be opened (nothing is deleted or made anew then), disk_full.
    """
    settings = settings or CacheSettings()
    with _disk():
        durable.make_folder(data)
        lock = hold(data)
    try:
        with _disk():
            keys = open_keys(data)
            database = Database.open(data, keys.database)
        try:
            with _disk():
                return _LocalCache(data, version, settings, keys, database, lock)
        except BaseException:
            database.close()
            raise
    except BaseException:
        os.close(lock)
        raise


class _LocalCache:
    """``api.Cache`` on this machine's disk."""

    def __init__(
        self, data: Path, version: str, settings: CacheSettings, keys: Keys, database: Database, lock: int
    ) -> None:
        self._data, self._version, self._settings = data, version, settings
        self._keys, self._database, self._lock = keys, database, lock
        office_clock = OfficeClock()
        self._identities = Identities(database, keys)
        self._parts = Parts(data / "parts")
        self._drafts = Drafts(database, self._parts)
        self._outbox = Outbox(database, self._parts, self._drafts, office_clock)
        self._courier = Courier(settings.sticks, database, self._identities, self._parts, self._outbox)
        self._desk = StatusDesk(database, self._identities)
        self._cards = Cards(database, keys.cards)
        self._places = PlaceList(database)
        self._pin = StaffPin(database)
        self._trials = Trials(database)
        self._drafts.wipe()
        pulse = Pulse(
            Feed(database), Requeue(database), self._places, self._identities, office_clock, version, keys.protection
        )
        hold = Hold(database, office_clock, settings)
        self._engine = Engine(
            self._outbox, self._identities, self._parts, pulse, office_clock, settings, hold, self.queue
        )
        self._closed = False

    def identity(self) -> Identity | None:
        """See ``api.Cache``."""
        me = self._identities.current()
        return None if me is None else self._public(me)

    def enrol(self, code_text: str) -> Identity:
        """See ``api.Cache``."""
        code = enrolment.read_code(code_text)
        with _disk():
            me = enrolment.run(code, self._keys, self._identities, self._version, self._settings.ca_file)
        events.log("enrolled", terminal=me.terminal, code=me.answer.code)
        self._places.reload()
        self._engine.wake()
        return self._public(me)

    def begin_draft(self) -> str:
        """See ``api.Cache``."""
        return self._drafts.begin()

    def keep_page(self, draft: str, paper: str, page: int, image: bytes, media_type: str) -> None:
        """See ``api.Cache``. Raises CacheError (disk_full, not_enrolled, cache_broken for a draft that has ended)."""
        me = self._me()
        self._make_room(len(image))
        with _disk():
            self._drafts.keep(draft, paper, page, image, media_type, me.sealer)

    def foresee(self, nik: str, number: str = "") -> None:
        """See ``api.Cache``."""
        me = self._identities.current()
        if me is not None:
            self._outbox.foresee(nik, number, me)

    def seal_ahead(self, draft: str, image: bytes) -> None:
        """See ``api.Cache``."""
        self._drafts.seal_ahead(draft, image, self._me().sealer)

    def prepare(
        self,
        draft: str,
        service: str,
        schema_version: int,
        language: str,
        form: dict[str, str],
        *,
        answers: dict[str, str] | None = None,
        missing: tuple[str, ...] = (),
        completes: Completes | None = None,
    ) -> None:
        """See ``api.Cache``."""
        application = Application(service, schema_version, language, form, answers or {}, missing, completes)
        with _disk():
            self._outbox.prepare(draft, application, self._me())

    def drop_page(self, draft: str, paper: str, page: int) -> None:
        """See ``api.Cache``."""
        with _disk():
            self._drafts.drop(draft, paper, page)

    def submit(
        self,
        draft: str,
        service: str,
        schema_version: int,
        language: str,
        form: dict[str, str],
        *,
        answers: dict[str, str] | None = None,
        missing: tuple[str, ...] = (),
        completes: Completes | None = None,
    ) -> Submitted:
        """See ``api.Cache``."""
        found = self._outbox.already(draft)
        if found is not None:
            return found
        application = Application(service, schema_version, language, form, answers or {}, missing, completes)
        with self._database.writer, _disk():  # the identity in force cannot change before its sequence is taken
            me = self._me()
            if me.revoked:
                raise CacheError("revoked", "the office takes nothing new from this terminal")
            self._make_room(0)
            done = self._outbox.submit(draft, application, me)
        events.log(
            "submission_queued",
            submission_id=done.submission_id,
            number=done.number,
            parts=done.parts,
            bytes=done.bytes,
        )
        self._engine.wake()
        return done

    def abandon(self, draft: str) -> None:
        """See ``api.Cache``."""
        with _disk():
            self._outbox.forget()
            self._drafts.abandon(draft)

    def last_shown(self) -> tuple[str, float] | None:
        """See ``api.Cache``."""
        return self._outbox.last_shown()

    def settle(self, number: str) -> None:
        """See ``api.Cache``."""
        self._outbox.settle(number)

    def queue(self) -> QueueState:
        """See ``api.Cache``."""
        counts, free = self._outbox.counts(), self._free()
        return QueueState(
            counts.queued,
            counts.quarantined,
            counts.last_seq,
            free,
            full=free < self._settings.disk_reserve,
            oldest="" if counts.oldest is None else clock.iso(counts.oldest),
        )

    def refused(self) -> tuple[tuple[str, str], ...]:
        """See ``api.Cache``."""
        return tuple(self._outbox.refused())

    def line(self) -> LineState:
        """See ``api.Cache``."""
        return self._engine.line()

    def lookup(self, number: str, nik: str) -> Lookup:
        """See ``api.Cache``."""
        return self._desk.lookup(number, nik)

    def card_known(self, uid: bytes, nik: str) -> bool:
        """See ``api.Cache``."""
        return self._cards.known(uid, nik)

    def remember_card(self, uid: bytes, nik: str) -> None:
        """See ``api.Cache``."""
        self._cards.remember(uid, nik)

    def forget_card(self, uid: bytes, nik: str) -> None:
        """See ``api.Cache``."""
        self._cards.forget(uid, nik)

    def places(self) -> tuple[Places, str] | None:
        """See ``api.Cache``."""
        return self._places.current()

    def pin_set(self) -> bool:
        """See ``api.Cache``."""
        return self._pin.is_set()

    def set_pin(self, pin: str) -> None:
        """See ``api.Cache``."""
        self._pin.set(pin)

    def check_pin(self, pin: str) -> PinAnswer:
        """See ``api.Cache``."""
        return self._pin.check(pin)

    def record_trial(self, record: TrialRecord) -> None:
        """See ``api.Cache``."""
        self._trials.record(record)

    def trials(self) -> tuple[TrialRecord, ...]:
        """See ``api.Cache``."""
        return self._trials.newest()

    def sending(self) -> SendState:
        """See ``api.Cache``."""
        return self._engine.sending()

    def pause(self, on: bool) -> None:
        """See ``api.Cache``."""
        self._engine.pause(on)

    def stick(self) -> Stick | None:
        """See ``api.Cache``."""
        return self._courier.stick()

    def export_to_stick(self, moved: Callable[[float], None]) -> Exported:
        """See ``api.Cache``."""
        with _disk():
            return self._courier.export(moved)

    def take_from_stick(self) -> Taken:
        """See ``api.Cache``."""
        with _disk():
            taken = self._courier.take()
        if taken.received or taken.quarantined:
            try:
                self._make_room(0)
            except CacheError:
                pass  # still full: the queue's state says so
            self._engine.wake()
        return taken

    def protection(self) -> Protection:
        """See ``api.Cache``."""
        return self._keys.protection

    def sync_now(self) -> None:
        """See ``api.Cache``."""
        self._engine.hurry()

    def start_sync(self, devices: Callable[[], tuple[DeviceReport, ...]], changed: Callable[[], None]) -> None:
        """See ``api.Cache``."""
        self._engine.start(devices, changed)

    def close(self) -> None:
        """See ``api.Cache``."""
        if self._closed:
            return
        self._closed = True
        self._courier.stop()
        self._engine.stop(_STOP_S)
        self._database.close()
        os.close(self._lock)

    def release_quarantined(self) -> int:
        """See ``api.Cache``."""
        count = self._outbox.release()
        self._engine.wake()
        return count

    def _public(self, me: Enrolled) -> Identity:
        return Identity(me.terminal, me.answer.code, self._places.here(me.answer.code, me.answer.place), me.revoked)

    def _me(self) -> Enrolled:
        me = self._identities.current()
        if me is None:
            raise CacheError("not_enrolled", "this terminal has no office yet")
        return me

    def _free(self) -> int:
        return shutil.disk_usage(self._data).free

    def _make_room(self, size: int) -> None:
        """Keep the reserve: what the office has acknowledged goes first, oldest first; then no new work (§3.4)."""
        need = self._settings.disk_reserve + size
        with _disk():
            make_room(self._outbox, self._free, need)
            if self._free() < need:
                raise CacheError("disk_full", "the reserve of the disk is reached")


@contextmanager
def _disk() -> Generator[None]:
    """What goes wrong on the disk, in the words of the catalogue."""
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno in _FULL else "cache_broken"
        raise CacheError(code, f"{type(error).__name__}: {error.strerror}") from error
