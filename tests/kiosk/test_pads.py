"""NIK, KK number and the other fields: what blocks, what warns, what a key does."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import nik, pads
from kiosk.pads import Field
from wire.number import Number

TODAY = dt.date(2026, 11, 24)
TEXT, PHONE, DATE = Field("t", "text", 5, 20), Field("p", "phone", 9, 14), Field("d", "date", 8, 8)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("3279024107900001", ""),  # a woman born on 1 July 1990
        ("3207012304850007", ""),  # Ciamis before the split: normal in Kota Banjar
        ("5401010101700001", ""),  # a province that is no more
        ("9901010101700001", nik.AREA),
        ("3200010101700001", nik.AREA),
        ("3279000101700001", nik.AREA),
        ("3279020001900001", nik.DATE),
        ("3279023202900001", nik.DATE),
        ("3279027202900001", nik.DATE),
        ("3279023013900001", nik.DATE),
        ("3279022902000001", ""),  # 29 February 2000
        ("3279022902010001", nik.DATE),
        ("3279022902240001", ""),  # 29 February 1924 or 2024: both are real
        ("3279020107900000", nik.SERIAL),
    ],
)
def test_a_strange_nik_is_never_blocked(text: str, note: str) -> None:
    assert nik.blocked(text) == ""
    assert nik.nik_warning(text, TODAY) == note


@pytest.mark.parametrize("text", ["", "327902410790000", "32790241079000011", "7" * 16, "٣" * 16, "327902410790000X"])
def test_what_blocks_a_nik(text: str) -> None:
    assert nik.blocked(text)


def test_a_kk_number_has_no_plus_forty() -> None:
    assert nik.kk_warning("3279020102150004", TODAY) == ""
    assert nik.kk_warning("3279024102150004", TODAY) == nik.DATE
    assert nik.kk_warning("3279022512260004", TODAY) == ""  # 1926: a year of two digits leaves the century open


@pytest.mark.parametrize(
    ("field", "text", "free"),
    [
        (PHONE, "081234567", True),
        (PHONE, "08123456", False),
        (PHONE, "812345678", False),
        (DATE, "29022024", True),
        (DATE, "29022023", False),
        (DATE, "2902202", False),
        (DATE, "00012024", False),
        (TEXT, "RT 03", True),
        (TEXT, "RT 3", False),
        (pads.NUMBER, str(Number("KMT", 10417)), True),
        (pads.NUMBER, "KMT-10417-6" if str(Number("KMT", 10417))[-1] != "6" else "KMT-10417-7", False),
    ],
)
def test_what_is_free(field: Field, text: str, free: bool) -> None:
    assert (pads.check(field, text, TODAY).blocked == "") is free


def test_a_date_to_come_warns() -> None:
    check = pads.check(DATE, "25112026", TODAY)
    assert check.warning and not check.blocked
    assert not pads.check(DATE, "24112026", TODAY).warning


def test_keys() -> None:
    text = ""
    for key in (" ", "a", "space", "space", "r", "!", "é", "٣", "1", "'", ".", ",", "/", "-", "back"):
        text = pads.typed(TEXT, text, key)
    assert text == "A R1'.,/"
    assert pads.typed(PHONE, "08", "A") == "08"
    assert pads.typed(TEXT, text, "clear") == ""


@given(st.lists(st.text(max_size=5)))
def test_no_key_makes_a_text_that_the_field_does_not_take(keys: list[str]) -> None:
    for field in (TEXT, PHONE, DATE, pads.NIK, pads.NUMBER):
        text = ""
        for key in keys:
            text = pads.typed(field, text, key)
        assert len(text) <= field.max and text.isascii() and text == text.upper()
        pads.check(field, text, TODAY)
        pads.shown(field, text)


def test_digits_alone_and_enough_of_them() -> None:
    field = Field("d", "digits", 3, 5)
    text = ""
    for key in "1a2-3 45 6":
        text = pads.typed(field, text, "space" if key == " " else key)
    assert text == "12345"
    assert pads.check(field, "12", TODAY).blocked and not pads.check(field, "123", TODAY).blocked


@given(st.text(max_size=8), st.sampled_from(["a", "1", "space", "back", "clear"]))
def test_a_choice_has_no_keys_and_takes_its_options_alone(text: str, key: str) -> None:
    field = Field("c", "choice", 1, 32, (("bank", "Bank"), ("tax", "Tax office")))
    assert pads.typed(field, text, key) == text
    assert bool(pads.check(field, text, TODAY).blocked) == (text not in ("bank", "tax"))
    assert pads.shown(field, "tax") == "Tax office" and pads.shown(field, "") == ""
