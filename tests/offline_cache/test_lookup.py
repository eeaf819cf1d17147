""" "Cek status": found, wrong, missing, locked; the count of wrong tries outlives the process."""

from __future__ import annotations

import time

from offline_cache.api import Cache
from tests.offline_cache.conftest import NIK, Opener, apply
from tests.offline_cache.office import Office


def test_right_second_fact_finds_a_queued_one_however_it_is_typed(cache: Cache) -> None:
    number = apply(cache)
    for typed in (number, number.lower(), number.replace("-", ""), f" {number} "):
        found = cache.lookup(typed, NIK)
        assert found.result == "found" and found.trail is not None
        assert (found.trail.state, found.trail.number, found.trail.here) == ("queued", number, True)


def test_five_wrong_tries_lock_for_15_s_and_a_restart_does_not_help(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    number, other = apply(cache), apply(cache)
    assert [cache.lookup(number, "1").result for _ in range(4)] == ["wrong"] * 4
    fifth = cache.lookup(number, "1")
    assert fifth.result == "locked" and fifth.lock_s == 15
    assert cache.lookup(number, NIK).result == "locked"
    assert cache.lookup(other, NIK).result == "found", "another number is not locked"
    cache.close()
    cache = opener()
    again = cache.lookup(number, NIK)
    assert again.result == "locked" and 0 < again.lock_s <= 16


def test_right_try_forgets_the_wrong_ones(cache: Cache) -> None:
    number = apply(cache)
    for _ in range(2):
        assert [cache.lookup(number, "1").result for _ in range(4)] == ["wrong"] * 4
        assert cache.lookup(number, NIK).result == "found"


def test_unknown_number_takes_as_long_and_is_never_locked(cache: Cache) -> None:
    number = apply(cache)
    times: dict[str, float] = {}
    for what, typed in (("wrong", number), ("missing", "ABC-7-X"), ("missing", "nonsense")):
        began = time.monotonic()
        assert cache.lookup(typed, "1").result == what
        times[typed] = time.monotonic() - began
    assert all(took > 0.05 for took in times.values())
    assert {cache.lookup("", "1").result for _ in range(7)} == {"missing"}
