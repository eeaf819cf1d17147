"""The receipt as bytes and as paper, read from outside: code, words, looks of the whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp

from drivers.virtual.receipt_png import WIDTH, render
from kiosk.receipt import Facts, data
from wire import service
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
SLA = """\
schema_version: 1
district: Kota Banjar
source: SK Kepala Dinas 12/2026
source_date: 2026-11-02
services:
  KTP-HILANG:
    sla:
      text: {id: Selesai dalam 3 hari kerja., en: Ready within 3 working days.}
      source: SK Kepala Dinas 12/2026
      date: 2026-11-02
"""
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


def later(code: str, *missing: str, pages: tuple[tuple[str, int], ...] = (("f102", 2),)) -> Facts:
    return Facts(str(Number("KMT", 10417)), code, pages, PLACE, False, 1, False, AT, missing)


def test_papers_to_come_are_named_with_what_to_do() -> None:
    said = words(data(later("KK-HILANG-RUSAK", "police")))
    before, after = said.split("BELUM ADA, HARAP SUSULKAN")
    assert "Formulir F-1.02" in before and "Surat kehilangan" not in before
    assert "Surat kehilangan" in after and "Bawa kertas ASLI, bukan fotokopi." in after
    assert "Pindai surat kehilangan dari kepolisian di" in after and "mesin ADM mana saja." in after
    assert "BELUM ADA" not in words(data(facts()))


def test_several_papers_to_come_and_those_that_have_no_original() -> None:
    said = words(data(later("KIA-BARU", "ktp_mother", "photo")))
    assert "Pindai berkas itu di mesin ADM mana saja." in said
    assert said.count("Bawa kertas ASLI") == 1
    assert words(data(later("KIA-BARU", "photo"))).count("Bawa kertas ASLI") == 0


def test_papers_added_belong_to_the_first_number() -> None:
    number = str(Number("KMT", 10417))
    added = Facts(number, "KK-HILANG-RUSAK", (("police", 1),), PLACE, False, 1, False, AT, (), True)
    said = words(data(added))
    assert "BERKAS SUSULAN" in said and "BERKAS TERPINDAI" not in said and number in said
    assert "Berkas ini masuk ke nomor di atas." in said and "Nomor Anda tetap sama." in said
    assert "Berkas Anda sudah di Dukcapil." in words(data(replace(added, sent=True)))
    assert "BELUM ADA" in words(data(replace(added, missing=("f102",))))


def test_only_the_districts_own_promise_is_printed(tmp_path: Path) -> None:
    district = tmp_path / "district.yaml"
    district.write_text(SLA)
    assert "hari kerja" not in words(data(facts()))
    service.use(district)
    try:
        said = words(data(facts()))
        assert "Selesai dalam 3 hari kerja." in said and "Menurut SK Kepala Dinas 12/2026" in said
        assert "hari kerja" not in words(
            data(replace(facts(), missing=("kk",)))
        )  # it counts from the whole application
    finally:
        service.use(None)


@pytest.mark.parametrize("missing", [("f102",), ("f102", "police", "kk"), ("strange",)])
def test_papers_to_come_leave_the_code_alone(missing: tuple[str, ...]) -> None:
    receipt = data(later("KTP-HILANG", *missing, pages=()))
    paper = render(receipt)
    assert [found.text for found in zxingcpp.read_barcodes(paper.convert("L"))] == [str(Number("KMT", 10417))]
    assert paper.height < 2200
