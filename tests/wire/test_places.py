"""The list of terminals: what is read of it, when somebody is there, how far it is, and the hours in words."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import canon, pin
from wire.places import Opening, Places, Spot, distance_m, hours_lines, open_now

WEEK = (Opening(days=(0, 1, 2, 3), opens="08:00", closes="15:00"), Opening(days=(4,), opens="08:00", closes="11:30"))
SPOT = Spot(code="KMT", village="Desa Karyamukti", district="Kec. Pataruman", opening=WEEK, lat=-7_369_000, lng=0)
LIST = Places(as_of="2026-11-24T01:02:03+00:00", spots=(SPOT, SPOT.model_copy(update={"code": "BJR"})))

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
clock = st.times().map(lambda time: time.strftime("%H:%M"))
opening = st.builds(
    Opening, days=st.lists(st.integers(0, 6), min_size=1, max_size=7).map(tuple), opens=clock, closes=clock
)


def read(data: bytes) -> Places | None:
    try:
        return Places.read(data)
    except canon.CanonError:
        return None


@given(st.binary(max_size=200))
def test_noise_is_no_list(data: bytes) -> None:
    assert read(data) is None or b"as_of" in data


@given(st.sampled_from(sorted(Spot.model_fields)), plain)
def test_a_field_of_any_value_is_read_as_it_stands_or_refused(name: str, value: object) -> None:
    spot = {**SPOT.plain(), name: value}
    found = read(json.dumps({"as_of": "", "spots": [spot]}).encode("utf-8", "surrogatepass"))
    if found is not None:
        known = found.spots[0].plain()
        assert Places.read(found.canonical()) == found and found.spots[0] == Spot.take(known)
        distance_m(found.spots[0], SPOT)
        hours_lines(found.spots[0].opening)
        open_now(found.spots[0], dt.datetime(2026, 11, 24, 9, 0))


@given(st.integers(0, len(LIST.canonical()) - 1), st.integers(0, 255))
def test_one_damaged_byte_never_becomes_more_than_a_list(place: int, byte: int) -> None:
    damaged = bytearray(LIST.canonical())
    damaged[place] = byte
    found = read(bytes(damaged))
    assert found is None or len(found.spots) <= 2


def test_a_newer_office_may_tell_more_and_too_many_are_refused() -> None:
    newer = {**LIST.plain(), "map": "x", "spots": [{**SPOT.plain(), "wheelchair": True}]}
    assert read(canon.canonical(newer)) == LIST.model_copy(update={"spots": (SPOT,)})
    assert read(canon.canonical({**LIST.plain(), "spots": [SPOT.plain()] * 2001})) is None


def test_the_version_follows_everything_but_the_time() -> None:
    later = LIST.model_copy(update={"as_of": "2026-11-25T00:00:00+00:00"})
    assert later.version() == LIST.version()
    assert LIST.model_copy(update={"spots": (SPOT,)}).version() != LIST.version()


def test_hours_in_words() -> None:
    assert hours_lines(()) == ()
    assert hours_lines(WEEK) == (
        ("Senin – Kamis", "08.00 – 15.00"),
        ("Jumat", "08.00 – 11.30"),
        ("Sabtu, Minggu", "Tutup"),
    )
    assert hours_lines(WEEK, "en")[0][0] == "Monday – Thursday"
    assert hours_lines(WEEK, "en")[-1] == ("Saturday, Sunday", "Closed")
    noon = (
        Opening(days=(0, 1, 2, 4), opens="13:00", closes="15:00"),
        Opening(days=(0, 1, 2, 4), opens="08:00", closes="12:00"),
        Opening(days=(3,), opens="15:00", closes="08:00"),
    )
    assert hours_lines(noon) == (
        ("Senin – Rabu, Jumat", "08.00 – 12.00, 13.00 – 15.00"),
        ("Kamis, Sabtu, Minggu", "Tutup"),
    )


@given(st.lists(opening, max_size=14).map(tuple), st.datetimes())
def test_a_spot_is_open_only_on_days_whose_line_says_so(hours: tuple[Opening, ...], now: dt.datetime) -> None:
    spot = SPOT.model_copy(update={"opening": hours})
    if open_now(spot, now):
        closed = [days for days, words in hours_lines(hours) if words == "Tutup"]
        day = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")[now.weekday()]
        assert not closed or day not in closed[0].replace(" – ", ", ").split(", ")
        assert not open_now(spot.model_copy(update={"closed_until": now.date().isoformat()}), now)


def test_distance_is_that_of_the_globe() -> None:
    one = SPOT.model_copy(update={"lat": -7_369_000, "lng": 108_534_000})
    other = SPOT.model_copy(update={"lat": -7_369_000, "lng": 108_544_000})
    assert distance_m(one, other) == pytest.approx(1103, abs=2)
    assert distance_m(one, one) == 0 and distance_m(one, SPOT.model_copy(update={"lng": None})) is None


@given(st.text(max_size=14) | st.from_regex(r"[0-9]{5,13}", fullmatch=True))
def test_a_pin_is_taken_or_refused_in_words(text: str) -> None:
    try:
        pin.check(text)
    except ValueError as error:
        assert str(error) in (pin.NOT_DIGITS, pin.ONE_DIGIT, pin.PLAIN_RUN)
    else:
        assert 6 <= len(text) <= 12 and set(text) <= set("0123456789") and len(set(text)) > 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("25081", pin.NOT_DIGITS),
        ("2508170000000", pin.NOT_DIGITS),
        ("25081\u0664", pin.NOT_DIGITS),  # an Arabic digit
        ("25081\n", pin.NOT_DIGITS),
        ("000000", pin.ONE_DIGIT),
        ("123456", pin.PLAIN_RUN),
        ("890123", pin.PLAIN_RUN),
        ("3210987", pin.PLAIN_RUN),
    ],
)
def test_what_is_no_pin(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        pin.check(text)
