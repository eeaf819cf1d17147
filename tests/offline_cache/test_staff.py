"""What staff leave at the terminal: the PIN and its locks, and the record of tests."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from offline_cache import pin as pins
from offline_cache import tries
from offline_cache.api import Cache, PinAnswer, TrialRecord
from offline_cache.database import Database
from offline_cache.keys import Keys
from offline_cache.trials import KEPT
from tests.offline_cache.conftest import Opener, everything, until
from tests.offline_cache.office import Office
from wire import pin
from wire.heartbeat import DeviceReport

PIN, WRONG = "250817", "250818"


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The wall clock says this from now on."""
    monkeypatch.setattr(tries.time, "time", lambda: seconds)


def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many tries: the same hash, with little memory."""
    monkeypatch.setattr(pins, "_hasher", pins.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_without_a_pin_nothing_opens_and_the_answer_comes_at_once(opener: Opener) -> None:
    cache = opener()
    assert not cache.pin_set()
    began = time.monotonic()
    assert [cache.check_pin(given).result for given in ("", PIN, "x" * 1000)] == ["unset"] * 3
    assert time.monotonic() - began < 0.1


def test_the_pin_is_kept_as_argon2id_alone_and_a_new_one_replaces_it(opener: Opener, tmp_path: Path) -> None:
    cache = opener()
    cache.set_pin(PIN)
    assert cache.pin_set() and cache.check_pin(PIN).result == "right"
    began = time.monotonic()
    assert cache.check_pin(WRONG).result == "wrong"
    assert time.monotonic() - began > 0.02
    cache.set_pin("908172")
    assert [cache.check_pin(given).result for given in (PIN, "908172")] == ["wrong", "right"]
    cache.close()
    database = Database.open(tmp_path / "data", Keys.load(tmp_path / "data").database)
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT hash FROM staff_pin").all()
    database.close()
    assert len(rows) == 1 and rows[0][0].startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert PIN.encode() not in everything(tmp_path / "data")
    assert opener().check_pin("908172").result == "right"


@pytest.mark.parametrize("given", ["", "12345", "123456", "111111", "2508170000000", "25081x"])
def test_what_is_no_pin_changes_nothing(opener: Opener, given: str) -> None:
    cache = opener()
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are compared below
        cache.set_pin(given)
    assert str(error.value) in (pin.NOT_DIGITS, pin.ONE_DIGIT, pin.PLAIN_RUN)
    assert not cache.pin_set()


def test_five_wrong_tries_lock_and_each_further_one_for_twice_as_long(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap(monkeypatch)
    cache, now = opener(), 1_790_000_000.0
    at(monkeypatch, now)
    cache.set_pin(PIN)
    assert [cache.check_pin(WRONG).result for _ in range(4)] == ["wrong"] * 4
    locks: list[int] = []
    for _ in range(16):
        locked = cache.check_pin(WRONG)
        assert locked.result == "locked"
        locks.append(locked.lock_s)
        at(monkeypatch, now := now + 1)
        assert cache.check_pin(PIN) == PinAnswer("locked", locked.lock_s), "not heard, and not counted"
        at(monkeypatch, now := now + locked.lock_s)
    assert locks == [min(15 * 2**turn, 86400) for turn in range(16)]
    assert cache.check_pin(PIN).result == "right"
    assert [cache.check_pin(WRONG).result for _ in range(5)] == ["wrong"] * 4 + ["locked"], "a right one forgets"
    assert cache.check_pin(WRONG).lock_s <= 16


def test_neither_a_restart_nor_a_clock_set_back_opens_or_lengthens_a_lock(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap(monkeypatch)
    cache, now = opener(), 1_790_000_000.0
    at(monkeypatch, now)
    cache.set_pin(PIN)
    assert [cache.check_pin(WRONG).result for _ in range(5)][-1] == "locked"
    cache.close()
    cache = opener()
    assert cache.check_pin(PIN).result == "locked"
    at(monkeypatch, now - 10 * 86400)
    assert cache.check_pin(PIN) == PinAnswer("locked", 16), "the lock is never longer than it was meant to be"
    at(monkeypatch, now - 10 * 86400 + 14)
    assert cache.check_pin(PIN) == PinAnswer("locked", 2), "and it runs by the clock as it stands"
    cache.close()
    cache = opener()
    at(monkeypatch, now - 10 * 86400 + 16)
    assert cache.check_pin(PIN).result == "right"


def test_a_new_pin_ends_a_lock(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    cache = opener()
    cache.set_pin(PIN)
    assert [cache.check_pin(WRONG).result for _ in range(5)][-1] == "locked"
    cache.set_pin("908172")
    assert cache.check_pin("908172").result == "right"


def test_the_newest_test_of_each_device_and_no_more_than_200_of_all(opener: Opener, tmp_path: Path) -> None:
    cache = opener()
    assert cache.trials() == ()
    rows = (("Sharpness", "84", "ok"), ("Light", "", "warn"))
    cache.record_trial(TrialRecord("camera", "2026-11-24T01:00:00+00:00", False))
    for turn in range(KEPT + 5):
        cache.record_trial(TrialRecord("printer", f"2026-11-24T02:00:{turn:02}", turn % 2 == 0, rows))
    camera = TrialRecord("camera", "2026-11-24T03:00:00+00:00", True, rows)
    cache.record_trial(camera)
    newest = TrialRecord("printer", "2026-11-24T02:00:204", True, rows)
    assert cache.trials() == (camera, newest)
    cache.close()
    database = Database.open(tmp_path / "data", Keys.load(tmp_path / "data").database)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM trials").scalar() == KEPT
    database.close()
    assert opener().trials() == (camera, newest)


def test_the_heartbeat_tells_how_each_test_ended(cache: Cache, office: Office) -> None:
    report = DeviceReport(role="printer", phase="ready", tested="2026-11-24T02:00:00+00:00", passed=False)
    cache.start_sync(lambda: (report, DeviceReport(role="card", phase="off")), lambda: None)
    until(lambda: office.beats)
    assert office.beats[0].devices == (report, DeviceReport(role="card", phase="off"))
