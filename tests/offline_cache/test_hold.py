"""What holds the queue back: staff's switch, quiet hours, the day's bytes."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from offline_cache.settings import CacheSettings
from tests.offline_cache.conftest import Opener, apply, received, sync, until
from tests.offline_cache.office import Office

QUICK = {"retry_cap_s": 0.3, "probe_cap_s": 0.2, "disk_reserve": 1}


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
