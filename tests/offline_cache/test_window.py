"""A long queue costs what a short one does: a bounded window of it in memory, tallies in the index."""

from __future__ import annotations

from pathlib import Path

from offline_cache.api import Cache
from offline_cache.database import Database
from offline_cache.identity import Enrolled, Identities
from offline_cache.keys import Keys
from offline_cache.outbox import Outbox
from offline_cache.sync.line import Backoff
from offline_cache.sync.window import ROOM, Window
from tests.benchmarks.fill import fill
from tests.offline_cache.conftest import Opener, apply, sync, until
from tests.offline_cache.office import Office


def reopened(opener: Opener, office: Office, folder: Path, count: int) -> tuple[Cache, Outbox, Enrolled]:
    """A cache whose index holds ``count`` queued submissions; its outbox and identity by the way."""
    cache = opener()
    cache.enrol(office.code())
    cache.close()
    fill(folder / "data", count)
    cache = opener()
    outbox: Outbox = cache._outbox  # pyright: ignore[reportAttributeAccessIssue]  # the protocol hides it
    identities: Identities = cache._identities  # pyright: ignore[reportAttributeAccessIssue]  # the protocol hides it
    me = identities.current()
    assert me is not None
    return cache, outbox, me


def test_window_holds_the_oldest_and_takes_more_when_half_of_it_has_gone(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    _, outbox, me = reopened(opener, office, tmp_path, 3 * ROOM)
    window = Window(outbox)
    window.refill(me)
    assert [item.queued.seq for item in window] == list(range(1, ROOM + 1)) and not window.thin
    for item in list(window)[: ROOM // 2 + 1]:
        outbox.quarantine(item.queued.submission_id, "x")
        window.drop(item)
    assert window.thin
    window.refill(me)
    assert [item.queued.seq for item in window] == list(range(ROOM // 2 + 2, ROOM + ROOM // 2 + 2))


def test_s3_those_that_wait_for_their_next_try_take_no_room(opener: Opener, office: Office, tmp_path: Path) -> None:
    _, outbox, me = reopened(opener, office, tmp_path, 3 * ROOM)
    window = Window(outbox)
    window.refill(me)
    for item in window:
        item.backoff.failed(300.0, at_least_s=300.0)
    assert window.thin and window.next(parts=True) is None
    window.refill(me)
    item = window.next(parts=True)
    assert item is not None and item.queued.seq == ROOM + 1 and isinstance(item.backoff, Backoff)


def test_what_is_queued_again_below_the_window_joins_it(opener: Opener, office: Office, tmp_path: Path) -> None:
    _, outbox, me = reopened(opener, office, tmp_path, 2 * ROOM)
    window = Window(outbox)
    window.refill(me)
    first = next(iter(window))
    outbox.quarantine(first.queued.submission_id, "x")
    window.refill(me)
    assert first not in list(window)
    assert outbox.release() == 1
    window.refill(me)
    assert next(iter(window)).queued.seq == 1


def test_tallies_are_those_of_the_rows_after_every_change(opener: Opener, office: Office, tmp_path: Path) -> None:
    cache = opener()
    cache.enrol(office.code())
    apply(cache)
    apply(cache)
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    apply(cache)
    until(lambda: cache.queue().queued == 0)
    cache.close()
    database = Database.open(tmp_path / "data", Keys.load(tmp_path / "data").database)
    with database.write() as connection:
        assert connection.exec_driver_sql("SELECT * FROM tallies WHERE count > 0").all() == [("received", 3)]
        connection.exec_driver_sql("DELETE FROM submission_parts")
        connection.exec_driver_sql("DELETE FROM submissions WHERE seq = 2")
        assert connection.exec_driver_sql("SELECT count FROM tallies WHERE state = 'received'").scalar() == 2
    database.close()
