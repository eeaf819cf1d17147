"""The line comes and goes: what is shown of it, and what it does to the queue. Ids of sync-notes §2."""

from __future__ import annotations

import socket
import time
from datetime import datetime

import pytest

from offline_cache.api import Cache
from offline_cache.settings import CacheSettings
from offline_cache.sync import http, line
from tests.offline_cache.conftest import Opener, apply, received, sync, until
from tests.offline_cache.office import Office, Reset, Say

HTML = "text/html"


def test_s5_office_that_was_away_is_found_again(opener: Opener, office: Office) -> None:
    cache = opener(CacheSettings(retry_cap_s=300, probe_cap_s=0.2, disk_reserve=1))
    cache.enrol(office.code())
    office.trick = lambda method, path: Say(502, b"<h1>Bad gateway</h1>", HTML)
    numbers = [apply(cache) for _ in range(3)]
    sync(cache)
    until(lambda: not cache.line().online and cache.line().reason == "portal")
    time.sleep(1)
    assert not any(method == "PATCH" for method, _ in office.calls)
    office.trick = lambda method, path: None
    until(lambda: cache.queue().queued == 0, 3)
    assert cache.line().online and sorted(office.numbers()) == sorted(numbers)


def test_line_keeps_up_over_a_single_cut(cache: Cache, office: Office) -> None:
    sync(cache)
    until(lambda: cache.line().online)
    seen: list[bool] = []
    cuts: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        seen.append(cache.line().online)
        if method == "PUT" and not cuts:
            cuts.append(path)
            raise Reset
        return None

    office.trick = trick
    number = apply(cache)
    until(lambda: received(cache, office, number))
    assert cuts and all(seen)


def test_gateway_that_is_gone_is_named_so(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    office.close()
    sync(cache)
    until(lambda: cache.line().reason == "no_gateway")


@pytest.mark.parametrize("at", ["an hour back", "an hour on", "1970-01-01T01:00:00", "2106-02-07T00:00:00"])
def test_t7_clock_that_is_wrong_refuses_nothing(cache: Cache, office: Office, at: str) -> None:
    hour = {"an hour back": -3600.0, "an hour on": 3600.0}.get(at)
    office.clock_s = datetime.fromisoformat(at).timestamp() - time.time() if hour is None else hour
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number))
    assert cache.line().online


def test_t7_clock_that_steps_back_in_mid_send_refuses_nothing(cache: Cache, office: Office) -> None:
    numbers = [apply(cache, size=200_000) for _ in range(3)]
    steps = [0.0, -86400.0 * 9000, 86400.0 * 400, -7200.0, 3600.0]
    sent: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        if method == "PATCH":
            sent.append(path)
            if steps and len(sent) % 2:
                office.clock_s = steps.pop()
        return None

    office.trick = trick
    sync(cache)
    until(lambda: cache.queue().queued == 0, 20)
    assert sorted(office.numbers()) == sorted(numbers) and not steps


def test_after_a_long_absence_of_the_gateway_announcements_come_at_once_and_pages_later(
    opener: Opener, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LONG_OUTAGE_S", 0.5)
    cache = opener(CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1, spread_s=1 << 40))
    cache.enrol(office.code())
    office.trick = lambda method, path: Say(502, b"<h1>Bad gateway</h1>", HTML)
    apply(cache)
    sync(cache)
    until(lambda: cache.line().reason == "portal")
    time.sleep(0.7)
    office.trick = lambda method, path: None
    until(lambda: office.manifests and office.beats)
    time.sleep(0.3)
    assert not any(method == "PATCH" for method, _ in office.calls) and cache.sending().held == ""


def test_s11_body_that_takes_longer_than_every_time_limit_arrives_at_the_first_try(
    opener: Opener, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` lets the connect time-out bound the sending of a body given as bytes (psf/requests#7183)."""
    monkeypatch.setattr(http, "CONNECT_S", 0.5)
    monkeypatch.setattr(http, "READ_S", 1.5)
    office.server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # a line holds little
    office.pace_s = 0.03  # for each 4 KiB: the part takes 2.2 s and more
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache, size=300_000)
    sync(cache)
    until(lambda: received(cache, office, number), 20)
    assert not any(method == "HEAD" for method, _ in office.calls), "no try was given up"
