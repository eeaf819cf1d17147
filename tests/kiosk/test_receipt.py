"""The receipt as bytes and as paper, read from outside: code, words, looks of the whole."""

from __future__ import annotations

import datetime as dt

import pytest
import zxingcpp

from drivers.virtual.receipt_png import WIDTH, render
from kiosk.receipt import Facts, data
from wire.enrol import Place
from wire.number import Number

PLACE = Place(
    village="Desa Karyamukti",
    district="Kec. Pataruman",
    regency="Kota Banjar",
    office="Disdukcapil Kota Banjar",
    hours=(("Senin - Kamis", "08.00 - 15.00"), ("Jumat", "08.00 - 11.00")),
)
AT = dt.datetime(2026, 11, 24, 10, 24, tzinfo=dt.timezone(dt.timedelta(hours=7)))
PAGES = (("f102", 2), ("police", 1), ("kk", 1))


def facts(
    number: str = str(Number("KMT", 10417)), *, sent: bool = False, copy: bool = False, place: Place | None = PLACE
) -> Facts:
    return Facts(number, "KTP-HILANG", PAGES, place, sent, 2 if copy else 1, copy, AT)


def words(receipt: bytes) -> str:
    return receipt.decode("cp858")


@pytest.mark.parametrize("seq", [1, 10417, 9_999_999_999])
@pytest.mark.parametrize("copy", [False, True])
def test_the_code_says_the_number_and_nothing_else(seq: int, copy: bool) -> None:
    number = str(Number("KMT", seq))
    receipt = data(facts(number, copy=copy))
    paper = render(receipt)
    assert [found.text for found in zxingcpp.read_barcodes(paper.convert("L"))] == [number]
    assert number in words(receipt)
    assert paper.width == WIDTH
    assert paper.height < 2000  # 25 cm: a hand's length of paper


def test_it_tells_what_was_handed_in_when_and_where() -> None:
    said = words(data(facts()))
    for line in (
        "Desa Karyamukti, Kec. Pataruman",
        "Disdukcapil Kota Banjar",
        "KTP-el hilang",
        "Sel 24 Nov 2026, pukul 10.24",
        "Formulir F-1.02",
        "2 halaman",
        "1 halaman",
        "08.00 - 15.00",
        "GRATIS",
    ):
        assert line in said


def test_it_tells_whether_the_application_has_left() -> None:
    assert "BELUM TERKIRIM" in words(data(facts()))
    assert "BELUM TERKIRIM" not in words(data(facts(sent=True)))
    assert "TERKIRIM" in words(data(facts(sent=True)))


def test_a_copy_is_marked_and_counted() -> None:
    first, again = words(data(facts())), words(data(facts(copy=True)))
    assert "SALINAN" not in first
    assert "cetak 1" in first
    assert "SALINAN" in again
    assert "cetak 2" in again


def test_a_terminal_without_a_place_still_prints() -> None:
    receipt = data(facts(place=None))
    assert render(receipt).width == WIDTH
    assert "Jumat" not in words(receipt)


def test_a_service_that_this_terminal_does_not_know_is_named_by_its_code() -> None:
    unknown = Facts(str(Number("KMT", 1)), "NEW-SERVICE", (("paper", 1),), PLACE, True, 1, False, AT)
    assert "NEW-SERVICE" in words(data(unknown))


def test_the_same_facts_give_the_same_bytes() -> None:
    assert data(facts()) == data(facts())
