"""The locations screen: open now, how far, nearest first, eight a page; hours by a clock that the test sets."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.places import PAGE, places_view
from kiosk.status import PlacesView, SpotView
from wire.places import Opening, Places, Spot

WIB = dt.timezone(dt.timedelta(hours=7))
TUESDAY = dt.datetime(2026, 11, 24, 10, 0, tzinfo=WIB)
WEEK = (Opening(days=(0, 1, 2, 3), opens="08:00", closes="15:00"), Opening(days=(4,), opens="08:00", closes="11:00"))
AS_OF = "2026-11-24T03:20:00+00:00"
PATARUMAN = "Kec. Pataruman"


def spot(code: str, village: str, **more: Any) -> Spot:
    given = {"district": PATARUMAN, "opening": WEEK, "working": "works", **more}
    return Spot(code=code, village=village, **given)


OWN = spot("KMT", "Karyamukti", lat=-7_400_000, lng=108_600_000)
LIST = Places(
    as_of=AS_OF,
    spots=(
        spot("MLY", "Mulyasari", lat=-7_380_000, lng=108_620_000, working="limited"),
        spot("BTL", "Batulawang", lat=-7_410_000, lng=108_590_000),
        spot("SKM", "Sukamukti"),
        OWN,
        spot("BNJ", "Banjar", district="Kec. Banjar", lat=-7_370_000, lng=108_530_000, working="down"),
    ),
)


def page(places: Places | None = LIST, **how: Any) -> PlacesView:
    given = {"here": "KMT", "works": "works", "now": TUESDAY, "language": "id", **how}
    return places_view(places, AS_OF, **given)


def one(now: dt.datetime = TUESDAY, **more: Any) -> SpotView:
    """The only other terminal of a list."""
    view = page(Places(as_of=AS_OF, spots=(OWN, spot("XYZ", "Lain", **more))), now=now)
    return next(each for each in view.spots if each.code == "XYZ")


def test_own_district_first_itself_then_the_nearest_then_those_of_unknown_place() -> None:
    view = page()
    assert view.groups == (("Kec. Banjar", 1), (PATARUMAN, 4)) and view.group == PATARUMAN
    assert [(each.code, each.state, each.here) for each in view.spots] == [
        ("KMT", "open", True),
        ("BTL", "open", False),
        ("MLY", "later", False),
        ("SKM", "open", False),
    ]
    here, near, far, unknown = view.spots
    assert here.distance_m == 0 and unknown.distance_m == -1
    assert 1500 < near.distance_m < 1620 and 3050 < far.distance_m < 3200
    assert (here.until, here.hours[0]) == ("15:00", ("Senin – Kamis", "08.00 – 15.00"))
    other = page(group="Kec. Banjar", language="en")
    assert [(each.code, each.state) for each in other.spots] == [("BNJ", "closed")]
    assert other.spots[0].hours[0][0] == "Monday – Thursday"
    assert page(group="Kec. Nowhere").group == PATARUMAN
    assert page(here="ZZZ").group == "Kec. Banjar"
    assert as_of(page()) == AS_OF


def as_of(view: PlacesView) -> str:
    return view.as_of


@pytest.mark.parametrize(
    ("day", "time", "state", "until"),
    [
        (23, "07:59", "shut", ""),
        (23, "08:00", "open", "15:00"),
        (23, "14:59", "open", "15:00"),
        (23, "15:00", "shut", ""),
        (27, "10:59", "open", "11:00"),
        (27, "11:00", "shut", ""),
        (28, "10:00", "shut", ""),
    ],
)
def test_open_is_by_the_local_clock(day: int, time: str, state: str, until: str) -> None:
    now = dt.datetime.fromisoformat(f"2026-11-{day}T{time}:00+07:00")
    assert (one(now).state, one(now).until) == (state, until)


def test_what_is_not_known_is_never_called_open() -> None:
    assert one(working="unknown").state == "unknown"
    assert one(working="down").state == "closed"
    assert one(opening=()).state == "unknown"
    assert one(opening=(), working="down").state == "closed"
    away = one(closed_until="2026-11-24", closed_reason="Listrik padam")
    assert (away.state, away.until, away.reason) == ("closed", "2026-11-24", "Listrik padam")
    assert one(closed_until="2026-11-23", closed_reason="Listrik padam").reason == ""


def test_this_terminal_is_as_it_sees_itself() -> None:
    stale = Places(as_of=AS_OF, spots=(OWN.model_copy(update={"working": "unknown"}),))
    assert page(stale).spots[0].state == "open"
    assert page(stale, works="limited").spots[0].state == "later"


def test_without_a_list_nothing_is_shown() -> None:
    assert page(None) == PlacesView(as_of=AS_OF)
    assert page(Places(as_of=AS_OF)).spots == ()


NAMES = st.sampled_from(["Kec. A", "Kec. B", "Kec. C"])
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(WIB))
HOURS = st.lists(
    st.builds(
        Opening,
        days=st.lists(st.integers(0, 6), min_size=1, max_size=7).map(tuple),
        opens=st.sampled_from(["00:00", "08:00", "13:30"]),
        closes=st.sampled_from(["08:00", "12:00", "23:59"]),
    ),
    max_size=3,
).map(tuple)
SPOTS = st.lists(
    st.builds(
        Spot,
        code=st.text("ABC", min_size=3, max_size=3),
        village=st.text(max_size=5),
        district=NAMES,
        lat=st.none() | st.integers(-90_000_000, 90_000_000),
        lng=st.none() | st.integers(-180_000_000, 180_000_000),
        opening=HOURS,
        closed_until=st.sampled_from(["", "2026-06-30", "nonsense"]),
        working=st.sampled_from(["works", "limited", "down", "unknown"]),
    ),
    max_size=30,
    unique_by=lambda spot: spot.code,
)


@settings(max_examples=150, deadline=None)
@given(SPOTS, MOMENTS, NAMES, st.text("ABC", min_size=3, max_size=3))
def test_every_terminal_stands_on_exactly_one_page(spots: list[Spot], now: dt.datetime, group: str, here: str) -> None:
    places = Places(as_of=AS_OF, spots=tuple(spots))
    first = page(places, now=now, group=group, here=here)
    assert 0 <= first.page < first.pages
    pages = [page(places, now=now, group=group, here=here, page=number).spots for number in range(first.pages)]
    seen = [each for spots_ in pages for each in spots_]
    assert sorted(each.code for each in seen) == sorted(s.code for s in spots if s.district == first.group)
    assert all(len(spots_) <= PAGE for spots_ in pages)
    assert sum(count for _, count in first.groups) == len(spots)
    for turns in (-1, first.pages, 7 * first.pages - 2):
        assert page(places, now=now, group=group, here=here, page=turns).page == turns % first.pages
    known = [each.distance_m for each in seen if each.distance_m >= 0 and not each.here]
    assert known == sorted(known)
    for each in seen:
        assert each.here == (each.code == here)
        assert (each.state in ("open", "later")) == bool(each.until and ":" in each.until)
