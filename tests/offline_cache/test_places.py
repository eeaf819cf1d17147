"""The district's terminals: fetched when the office's list is another, kept, confirmed, and followed."""

from __future__ import annotations

import time

import pytest

from offline_cache.api import Cache
from tests.offline_cache.conftest import QUICK, Opener, apply, received, sync, until
from tests.offline_cache.office import PLACE, Office, Reset, Say
from wire.places import Opening, Places, Spot

WEEK = (Opening(days=(0, 1, 2, 3, 4), opens="08:00", closes="15:00"),)
MINE = Spot(code="KMT", village="Desa Baru", district="Kec. Langensari", office="Kantor Desa", opening=WEEK)
OTHER = Spot(code="BJR", village="Desa Lain", district="Kec. Banjar")


def listed(*spots: Spot) -> Places:
    return Places(as_of="2026-11-24T01:02:03+00:00", spots=spots)


def fetches(office: Office) -> int:
    return office.calls.count(("GET", "/v1/places"))


def test_a_new_list_is_fetched_once_kept_and_followed(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    assert cache.places() is None
    office.places = listed(OTHER)
    told: list[int] = []
    cache.start_sync(tuple, lambda: told.append(1))
    until(lambda: cache.places() is not None)
    me = cache.identity()
    assert me is not None and me.place == PLACE, "a list that does not name this terminal moves nothing"
    office.places = listed(MINE, OTHER)
    before = len(told)
    cache.sync_now()
    until(lambda: (now := cache.places()) is not None and len(now[0].spots) == 2)
    until(lambda: len(told) > before)
    me = cache.identity()
    assert me is not None
    assert (me.place.village, me.place.district, me.place.office) == ("Desa Baru", "Kec. Langensari", "Kantor Desa")
    assert me.place.regency == PLACE.regency
    assert me.place.hours == (("Senin – Jumat", "08.00 – 15.00"), ("Sabtu, Minggu", "Tutup"))
    cache.close()
    again = opener()
    assert again.identity() == me
    kept = again.places()
    assert kept is not None and kept[0] == office.places and fetches(office) == 2


def test_the_same_list_is_only_confirmed_by_the_offices_clock(cache: Cache, office: Office) -> None:
    office.places, office.clock_s = listed(MINE), 7 * 86400.0
    sync(cache)
    until(lambda: cache.places() is not None)
    first = cache.places()
    assert first is not None
    week_later = time.strftime("%Y-%m-%d", time.gmtime(time.time() + office.clock_s))
    assert first[1].startswith(week_later)
    office.clock_s += 86400.0
    cache.sync_now()
    until(lambda: (now := cache.places()) is not None and now[1] > first[1])
    assert fetches(office) == 1
    office.places = None
    beats = len(office.beats)
    cache.sync_now()
    until(lambda: len(office.beats) > beats)
    assert cache.places() is not None, "an office without a list takes none away"


@pytest.mark.parametrize(
    "said",
    [
        Say(200, b"<html>", "text/html"),
        Say(200, b'{"spots": []}'),
        Say(200, b'{"as_of": "", "spots": [{"code": "kmt"}]}'),
        Say(200, b'{"as_of": "' + b"x" * 5_000_000 + b'"}'),
        Say(404),
        Say(204),
        None,
    ],
)
def test_what_is_no_list_is_asked_for_again_and_holds_nothing_up(
    cache: Cache, office: Office, said: Say | None
) -> None:
    office.places = listed(MINE)

    def trick(method: str, path: str) -> Say | None:
        if path != "/v1/places":
            return None
        if said is None:
            raise Reset
        return said

    office.trick = trick
    number = apply(cache)
    sync(cache)
    until(lambda: fetches(office) > 1)
    until(lambda: received(cache, office, number))
    assert cache.places() is None
    office.trick = lambda method, path: None
    until(lambda: cache.places() is not None)


def test_an_office_whose_version_is_not_ours_is_not_asked_without_end(cache: Cache, office: Office) -> None:
    office.places, office.places_version = listed(MINE), "of a newer office"
    sync(cache)
    until(lambda: cache.places() is not None)
    for _ in range(3):
        beats = len(office.beats)
        cache.sync_now()
        until(lambda beats=beats: len(office.beats) > beats)
    assert fetches(office) == 1


def test_the_list_of_another_office_is_forgotten(opener: Opener, office: Office) -> None:
    cache = opener(QUICK)
    cache.enrol(office.code())
    office.places = listed(MINE)
    sync(cache)
    until(lambda: cache.places() is not None)
    second = Office()
    try:
        me = cache.enrol(second.code())
        assert me.place == PLACE and cache.places() is None
    finally:
        second.close()


def test_the_line_tells_when_the_office_last_answered_and_is_tried_at_once(cache: Cache, office: Office) -> None:
    assert cache.line().synced == ""
    sync(cache)
    until(lambda: cache.line().online)
    first = cache.line().synced
    assert first.endswith("+00:00")
    beats = len(office.beats)
    time.sleep(1.1)  # the office's clock has whole seconds
    cache.sync_now()
    until(lambda: len(office.beats) > beats and cache.line().synced > first)
