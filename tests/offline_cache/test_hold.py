"""What holds the queue back: staff's switch, quiet hours, the day's bytes."""

from __future__ import annotations

import socket
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.settings import SettingsError, for_cache, load
from offline_cache.api import Cache, Progress
from offline_cache.clock import OfficeClock
from offline_cache.settings import CacheSettings
from offline_cache.sync.hold import Hold
from tests.offline_cache.conftest import Opener, apply, received, sync, until
from tests.offline_cache.office import Office, Say

QUICK: dict[str, Any] = {"retry_cap_s": 0.3, "probe_cap_s": 0.2, "disk_reserve": 1}


def test_paused_queue_stays_over_a_restart_and_goes_when_staff_say_so(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    cache.pause(True)
    number = apply(cache)
    sync(cache)
    until(lambda: office.beats)
    cache.close()
    cache = opener()
    sync(cache)
    until(lambda: len(office.beats) > 1)
    time.sleep(0.2)
    state = cache.sending()
    assert (state.held, state.until, state.progress) == ("paused", "", None)
    assert abs(datetime.fromisoformat(state.paused_at).timestamp() - time.time()) < 30
    assert not office.manifests and cache.queue().queued == 1 and cache.line().online
    cache.pause(False)
    until(lambda: received(cache, office, number))
    assert (cache.sending().held, cache.sending().paused_at) == ("", "")


def test_change_of_hold_is_told(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    seen: list[str] = []
    cache.start_sync(tuple, lambda: seen.append(cache.sending().held))
    cache.pause(True)
    until(lambda: "paused" in seen)
    cache.pause(False)
    until(lambda: seen[-1] == "")


def test_in_quiet_hours_only_announcements_leave(opener: Opener, office: Office) -> None:
    now = datetime.now()
    window = ((now - timedelta(minutes=2)).strftime("%H:%M"), (now + timedelta(minutes=30)).strftime("%H:%M"))
    cache = opener(CacheSettings(**QUICK, quiet=(window,)))
    cache.enrol(office.code())
    apply(cache)
    sync(cache)
    until(lambda: office.manifests)
    time.sleep(0.2)
    state = cache.sending()
    assert state.held == "quiet" and datetime.fromisoformat(state.until).strftime("%H:%M") == window[1]
    assert cache.queue().queued == 1 and not any(method == "PATCH" for method, _ in office.calls)


def test_budget_spent_lets_announcements_heartbeats_and_news_pass_and_the_pages_wait_for_midnight(
    opener: Opener, office: Office
) -> None:
    cache = opener(CacheSettings(**QUICK, daily_bytes=150_000))
    cache.enrol(office.code())
    first, second = apply(cache, size=300_000), apply(cache, size=200_000)
    sync(cache)
    until(lambda: cache.sending().held == "budget")
    state = cache.sending()
    until(lambda: len(office.manifests) == 2)
    assert office.numbers() == [] and cache.queue().queued == 2 and cache.line().online
    # The last PATCH may overshoot by its head and what TCP adds, not by its length.
    assert 150_000 <= state.sent_today < 175_000 and state.budget == 150_000
    midnight = datetime.fromisoformat(state.until)
    assert (midnight.hour, midnight.minute, midnight.date()) == (0, 0, (datetime.now() + timedelta(days=1)).date())
    cache.sync_now()
    until(lambda: [beat.held for beat in office.beats][-1] == "budget")
    cache.close()
    cache = opener(CacheSettings(**QUICK, daily_bytes=150_000))
    assert cache.sending().held == "budget", "a restart buys no second budget"
    sync(cache)
    time.sleep(0.3)
    assert office.numbers() == []
    day = 0
    while cache.queue().queued:
        day += 1
        before = sum(len(part) for part in office.parts.values())
        office.clock_s = 86400.0 * day  # the next day, by the office's clock
        cache.sync_now()
        until(lambda before=before: sum(len(part) for part in office.parts.values()) > before)
        until(lambda: cache.queue().queued == 0 or cache.sending().held == "budget")
        assert cache.sending().sent_today < 200_000
    assert 2 < day < 9
    assert sorted(office.numbers()) == sorted([first, second])


def test_progress_of_an_upload_is_told_and_ends(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache, size=900_000)
    seen: list[Progress] = []

    def slow(method: str, path: str) -> Say | None:
        if (now := cache.sending().progress) is not None:
            seen.append(now)
        return None

    office.after = slow
    sync(cache)
    until(lambda: received(cache, office, number))
    until(lambda: cache.sending().progress is None)
    assert {one.number for one in seen} == {number} and all(0 <= one.sent <= one.total for one in seen)
    assert [one.sent for one in seen] == sorted(one.sent for one in seen)
    assert seen[-1].total > 900_000 and seen[-1].rate > 0


def test_pause_in_mid_upload_ends_it_and_it_goes_on_where_it_was(opener: Opener, office: Office) -> None:
    office.server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # a line holds little
    office.pace_s = 0.02
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache, size=900_000)
    sync(cache)
    until(lambda: (now := cache.sending().progress) is not None and now.sent > 50_000)
    cache.pause(True)
    until(lambda: cache.sending().progress is None)
    time.sleep(0.5)
    before = sum(len(part) for part in office.parts.values())
    assert 50_000 < before < 800_000 and cache.queue().queued == 1 and cache.line().online
    office.pace_s = 0.0
    cache.pause(False)
    until(lambda: received(cache, office, number))
    assert sum(len(part) for part in office.parts.values()) > before, "what had arrived was kept"


class Held:
    """A hold on a real index, its clocks set by the test."""

    def __init__(self, cache: Cache, budget: int, quiet: tuple[tuple[str, str], ...] = ()) -> None:
        self.office = OfficeClock(offset_s=0.0, heard=True)
        self.boot_s = 0.0
        settings = CacheSettings(daily_bytes=budget, quiet=quiet)
        database = cache._database  # pyright: ignore[reportAttributeAccessIssue]  # the index of the fixture
        self.hold = Hold(database, self.office, settings, lambda: self.boot_s)

    def at(self, when: datetime) -> None:
        self.office.offset_s = when.timestamp() - time.time()

    def reason(self) -> str:
        return self.hold.now().reason


NOON = datetime(2026, 11, 24, 12, 0, 30)
DAY = timedelta(days=1)


def test_t7_clock_that_steps_back_holds_the_budget_a_day_at_most_and_buys_none(cache: Cache) -> None:
    held = Held(cache, 1000)
    held.at(NOON)
    held.hold.spend(1000)
    assert held.reason() == "budget"
    held.at(NOON - 9000 * DAY)
    assert held.reason() == "budget", "stepping back buys no second budget"
    held.at(NOON - 8999 * DAY)
    assert held.reason() == "", "and the next midnight ends it"
    held.hold.spend(1000)
    held.boot_s = 86399.0  # a clock that stands at the same noon for ever
    assert held.reason() == "budget"
    held.boot_s = 86400.0
    assert held.reason() == ""


def test_t7_clock_that_nobody_corrected_yet_buys_no_second_budget(cache: Cache) -> None:
    held = Held(cache, 1000)
    held.at(NOON)
    held.hold.spend(1000)
    held.hold.save()
    again = Held(cache, 1000)  # restarted with a clock in 1970, which the office corrects a moment later
    again.office.heard = False
    again.at(datetime(1970, 1, 2))
    assert again.reason() == "budget"
    again.hold.spend(10)
    again.office.heard = True
    again.at(NOON + timedelta(hours=1))
    assert again.reason() == "budget"
    again.at(NOON + DAY)
    assert again.reason() == ""


def test_quiet_hours_span_midnight_and_run_into_each_other(cache: Cache) -> None:
    held = Held(cache, 0, (("22:00", "05:00"), ("05:00", "06:30"), ("08:00", "08:01")))
    for hour, minute, reason, ends in (
        (21, 59, "", ""),
        (22, 0, "quiet", "06:30"),
        (0, 0, "quiet", "06:30"),
        (5, 0, "quiet", "06:30"),
        (6, 30, "", ""),
        (8, 0, "quiet", "08:01"),
        (8, 1, "", ""),
    ):
        held.at(datetime(2026, 11, 24, hour, minute, 20))
        now = held.hold.now()
        assert (now.reason, now.until[11:16]) == (reason, ends), (hour, minute)


def test_a_budget_that_is_spent_stands_before_quiet_hours_and_staff_before_both(cache: Cache) -> None:
    held = Held(cache, 10, (("00:00", "23:59"),))
    held.at(NOON)
    assert held.reason() == "quiet"
    held.hold.spend(10)
    assert held.reason() == "budget"
    held.hold.pause(True)
    assert held.reason() == "paused" and held.hold.now().all


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["spend", "step", "pass", "hear"]), st.integers(0, 2000), st.integers(-4 * 86400, 4 * 86400)
        ),
        max_size=30,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_t7_whatever_the_clocks_do_the_queue_is_free_within_a_day(
    cache: Cache, acts: list[tuple[str, int, int]]
) -> None:
    held = Held(cache, 1000)
    held.at(NOON)
    for act, count, seconds in acts:
        match act:
            case "spend":
                held.hold.spend(count)
            case "step":
                held.office.offset_s = (held.office.offset_s or 0.0) + seconds
            case "pass":
                held.boot_s += abs(seconds)
                held.office.offset_s = (held.office.offset_s or 0.0) + abs(seconds)
            case _:
                held.office.heard = not held.office.heard
        held.hold.now()
    held.boot_s += 86400
    assert held.reason() == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("quiet_hours = ['8:00-11:30']", "written as"),
        ("quiet_hours = ['25:00-11:30']", "written as"),
        ("quiet_hours = ['08:00-08:00']", "no stretch"),
        ("quiet_hours = ['00:00-12:00', '12:00-00:00']", "no minute"),
        ("daily_mib = -1", "greater"),
        ("spread_s = 3601", "less"),
    ],
)
def test_settings_that_cannot_be_kept_are_refused_by_name(tmp_path: Path, wrong: str, words: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[cache]\n{wrong}\n")
    with pytest.raises(SettingsError, match=f"cache.{wrong.split()[0]}.*{words}"):
        load(file)


def test_settings_of_a_prepaid_line_reach_the_cache(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('[cache]\ndaily_mib = 1.5\nquiet_hours = ["08:00-11:30", "22:00-05:00"]\nspread_s = 600\n')
    made = for_cache(load(file))
    assert (made.daily_bytes, made.spread_s) == (1_572_864, 600)
    assert made.quiet == (("08:00", "11:30"), ("22:00", "05:00"))
