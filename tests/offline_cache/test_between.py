"""What falls between the parts of the cache: two of them at once, a clock that steps, a fault nobody foresaw."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from offline_cache.api import Cache
from offline_cache.clock import OfficeClock
from offline_cache.database import Database
from offline_cache.outbox import Outbox
from offline_cache.purge import Purger
from offline_cache.sync.http import BodyError, Http, Slice
from tests.offline_cache.conftest import QUICK, Opener, apply, received, sync, until
from tests.offline_cache.office import Office, Say, no
from tests.offline_cache.stick import answer, export, volumes
from wire import manifest
from wire.change import Change
from wire.heartbeat import DeviceReport
from wire.problem import Code

DAY_S = 86400.0


def outbox_of(cache: Cache) -> Outbox:
    return cache._outbox  # pyright: ignore[reportAttributeAccessIssue]  # the room behind the cache's door


def database_of(cache: Cache) -> Database:
    return cache._database  # pyright: ignore[reportAttributeAccessIssue]  # the room behind the cache's door


def states(cache: Cache) -> list[str]:
    with database_of(cache).read() as connection:
        rows = connection.exec_driver_sql("SELECT state FROM submissions ORDER BY seq").all()
    return [row[0] for row in rows]


@pytest.mark.parametrize("days", [30, -30])
def test_a_wall_clock_that_steps_after_the_office_was_heard_purges_nothing_early(
    cache: Cache, office: Office, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """A machine without a battery's clock: the office was heard, then NTP sets the system's clock."""
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number))
    cache.close()
    heard = OfficeClock()
    heard.correct(int(time.time()))
    right, real = heard.now(), time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * DAY_S)
    assert abs(heard.now() - right) < 5


def test_t7_a_receipt_taken_while_the_clock_was_wrong_is_kept_for_its_days(
    opener: Opener, office: Office, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline since it was switched on, so in 1970; the courier's answer comes, then the line returns."""
    here = opener(dataclasses.replace(QUICK, sticks=stick.parent))
    here.enrol(office.code())
    apply(here)
    export(here)
    answer(volumes(stick)[0], office)
    real = time.time
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: real() % DAY_S)
        assert here.take_from_stick().received == 1
    heard = OfficeClock()
    heard.correct(1795478400 + 3600)  # 2026-11-24 01:00 UTC: the answer is an hour old
    Purger(outbox_of(here), heard, lambda: 1 << 40, 7.0, 1).run()
    assert states(here) == ["received"]


def test_a_press_of_send_while_the_key_is_rolled_takes_no_sequence_twice(
    opener: Opener, office: Office, stick: Path
) -> None:
    here = opener(dataclasses.replace(QUICK, sticks=stick.parent))
    here.enrol(office.code())
    apply(here)
    draft = here.begin_draft()
    here.keep_page(draft, "kk", 1, b"\xff\xd8x", "image/jpeg")
    with database_of(here).writer:
        press = threading.Thread(target=here.submit, args=(draft, "KTP-HILANG", 1, "id", {"nik": "3279012304850007"}))
        press.start()
        time.sleep(0.3)
        here.enrol(office.roll())
    press.join()
    apply(here)
    assert export(here).submissions == 3
    sync(here)
    until(lambda: here.queue().queued == 0)
    assert sorted(manifest.unproved(office.manifests[one])[1].seq for one in office.receipts) == [1, 2, 3]


def test_a_late_no_to_the_old_key_does_not_revoke_the_new_one(cache: Cache, office: Office) -> None:
    asked, rolled = threading.Event(), threading.Event()

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT" and not rolled.is_set():
            asked.set()
            rolled.wait(10)
            return no(Code.REVOKED)
        return None

    office.trick = trick
    number = apply(cache)
    sync(cache)
    assert asked.wait(10)
    cache.enrol(office.roll())
    rolled.set()
    until(lambda: received(cache, office, number))
    identity = cache.identity()
    assert identity is not None and not identity.revoked


def test_s3_a_report_of_devices_that_fails_stops_no_submission(cache: Cache, office: Office) -> None:
    def broken() -> tuple[DeviceReport, ...]:
        raise RuntimeError("a device's report")

    number = apply(cache)
    cache.start_sync(broken, lambda: None)
    until(lambda: received(cache, office, number), 5)


def test_s3_a_part_that_cannot_be_opened_stops_nobody(opener: Opener, office: Office, tmp_path: Path) -> None:
    """A folder stands in its place: no look at the line mends that, and those behind it are not kept waiting."""
    cache = opener(dataclasses.replace(QUICK, probe_cap_s=30.0))
    cache.enrol(office.code())
    apply(cache)
    with database_of(cache).write() as connection:
        sha256 = connection.exec_driver_sql("SELECT sha256 FROM submission_parts ORDER BY bytes LIMIT 1").scalar_one()
        part = tmp_path / "data" / "parts" / str(sha256)
        part.unlink()
        part.mkdir()
        size = part.stat().st_size
        connection.exec_driver_sql("UPDATE submission_parts SET bytes = ? WHERE sha256 = ?", (size, sha256))
    numbers = [apply(cache, size=20_000) for _ in range(2)]
    sync(cache)
    until(lambda: sorted(office.numbers()) == sorted(numbers), 8)
    part.rmdir()


def test_a_bad_block_under_a_part_is_no_fault_of_the_line(office: Office) -> None:
    """Linux answers EIO where a process' memory is read at 0, as a worn card does."""
    http = Http(office.url, None)
    with Path("/proc/self/mem").open("rb", buffering=0) as file, pytest.raises(BodyError, match="Input/output error"):
        http.ask("PATCH", "/v1/blobs/x", Slice(file, 0, 100, lambda: False), {})
    http.drop()


def test_l12_s3_a_refused_one_does_not_hide_what_a_restored_office_lost(cache: Cache, office: Office) -> None:
    office.next_s = 5
    office.rewind = True
    numbers = [apply(cache) for _ in range(4)]
    poison: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT" and not poison:
            poison.append(path)
        return no(Code.CONFLICT) if path in poison else None

    office.trick = trick
    change = Change(
        cursor=9, submission_id="f" * 32, number="KMT-9-9", service="KTP-HILANG", tag="t", state="received", at="x"
    )
    office.changes.append(change)
    sync(cache)
    until(lambda: cache.queue().queued == 0 and cache.queue().quarantined == 1)
    until(lambda: office.beats and office.beats[-1].cursor == 9)
    with office.lock:  # the backup knew the feed up to 5 and none of the submissions
        office.changes[:] = [change.model_copy(update={"cursor": 5})]
        for lost in (office.manifests, office.receipts, office.parts):
            lost.clear()
    until(lambda: len(office.receipts) == 3, 15)
    assert set(office.numbers()) < set(numbers)


def test_a_purge_that_the_index_refuses_does_not_stop_the_queue(opener: Opener, office: Office) -> None:
    """A disk full to the last byte, and a station that starts on it: the office hears of it, what waits still goes."""
    cache = opener()
    cache.enrol(office.code())
    first = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, first))
    cache.close()
    cache = opener()
    second = apply(cache)
    with database_of(cache).write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE OF state ON submissions WHEN NEW.state = 'purging'"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    cache.close()
    cache = opener(dataclasses.replace(QUICK, probe_cap_s=30.0, disk_reserve=1 << 60))
    sync(cache)
    until(lambda: second in office.numbers(), 5)
    assert office.beats[-1].full


def test_an_index_with_a_salt_of_its_own_opens_and_keeps_its_rows(tmp_path: Path) -> None:
    """As every version before 0004 made it: SQLCipher drew the salt at random."""
    key = bytes(range(32))
    old = sqlcipher.connect(str(tmp_path / "index.db"), isolation_level=None)
    old.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    old.execute("PRAGMA journal_mode = WAL")
    old.execute("CREATE TABLE kept (word TEXT)")
    old.execute("INSERT INTO kept VALUES ('here')")
    old.close()
    salt = (tmp_path / "index.db").read_bytes()[:16]
    for _ in range(2):
        database = Database.open(tmp_path, key)
        with database.write() as connection:
            assert connection.exec_driver_sql("SELECT word FROM kept").all() == [("here",)]
        database.close()
        assert (tmp_path / "index.db").read_bytes()[:16] == salt
