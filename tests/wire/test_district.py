"""A district's file: what it may change, what is refused and where; and its words are those that people read."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.mutilate import mutilated
from wire import district, marked, service, words
from wire.service import ServiceError

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "config" / "district.yaml.example"
HEAD = "schema_version: 1\ndistrict: Kota Banjar\nsource: SK 1\nsource_date: 2026-11-02\nservices:\n"


@pytest.fixture(autouse=True)
def _base_afterwards() -> Iterator[None]:
    yield
    service.use(None)


def flaws(text: str) -> list[str]:
    """Every flaw of a file with these services."""
    found = district.check(marked.parse((HEAD + text).encode(), "d.yaml"), service.base())[2]
    return [str(flaw).removeprefix("d.yaml:") for flaw in found]


def test_the_example_changes_the_catalogue_of_this_process() -> None:
    service.use(EXAMPLE)
    known = service.catalogue()
    ktp = known["KTP-HILANG"]
    assert [(p.id, p.need) for p in ktp.needed({})] == [
        ("f102", "required"),
        ("police", "required"),
        ("kk", "optional"),
        ("f107", "optional"),
    ]
    say = words.translator("id")
    assert ktp.sla and say(ktp.sla.text) == "Selesai 1 hari kerja setelah berkas lengkap."
    assert ktp.sla.date == "2026-11-02" and "contoh" in ktp.sla.source
    assert words.translator("en")(ktp.sla.text) == "One working day once the papers are complete."
    assert say(known["KK-HILANG-RUSAK"].questions[0].ask) == "Apakah KK Anda hilang atau rusak?"
    assert [p.id for p in known["AKTA-LAHIR"].papers][:4] == ["f201", "ktp_witness1", "ktp_witness2", "birth_letter"]
    assert "NIK-KONSOLIDASI" in known and "NIK-KONSOLIDASI" not in service.offered()
    moving = known["PINDAH-KELUAR"]
    assert "f107" not in [p.id for p in moving.needed({})] and say(moving.paper("f107").name) == "Surat kuasa F-1.07"
    service.use(None)
    assert service.catalogue() == service.base() and len(service.offered()) == 6


def test_the_base_keeps_its_words_beside_the_districts() -> None:
    say = words.translator("id", "kiosk", "wire")
    service.use(EXAMPLE)
    police = service.catalogue()["KK-HILANG-RUSAK"].paper("police")
    assert say(police.where) == "Gratis dari Polsek Banjar atau Pataruman." and say(police.name).startswith("Surat")
    assert say(service.catalogue()["KTP-HILANG"].paper("police").where) == "Gratis dari kantor polisi terdekat."


def test_the_window_reads_the_file_at_the_first_word_that_needs_it(tmp_path: Path) -> None:
    service.use(EXAMPLE)
    where = service.catalogue()["KK-HILANG-RUSAK"].paper("police").where
    service.use(None)
    assert words.translator("id")(where) == "Free from Polsek Banjar or Pataruman.", "without the file: good English"
    service.use(EXAMPLE, later=True)
    assert words.translator("id")(where) == "Gratis dari Polsek Banjar atau Pataruman."
    assert words.translator("su")(where) == "Free from Polsek Banjar or Pataruman."
    service.use(tmp_path / "none.yaml", later=True)
    with pytest.raises(ServiceError, match=r"none\.yaml:1:1: the file cannot be read"):
        service.catalogue()


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("  KTP-ILANG: {}\n", "6:3: services.KTP-ILANG: there is no service KTP-ILANG; did you mean KTP-HILANG?"),
        ("  KTP-HILANG:\n    of: true\n", "7:5: services.KTP-HILANG.of: no such key here; did you mean off?"),
        ("  KTP-HILANG:\n    off: maybe\n", "7:10: services.KTP-HILANG.off: this must be true or false"),
        ("  KTP-HILANG:\n    drop: [kkk]\n", "7:12: services.KTP-HILANG.drop.0: there is no paper kkk; did you"),
        ("  KTP-HILANG:\n    drop: [kk, kk]\n", "7:16: services.KTP-HILANG.drop.1: kk is dropped twice"),
        ("  KTP-HILANG:\n    drop: [kk]\n    need: {kk: optional}\n", "need.kk: kk is dropped in this file"),
        ("  KTP-HILANG:\n    need: {kk: may}\n", "7:16: services.KTP-HILANG.need.kk: this is not one of 'required'"),
        ("  KTP-HILANG:\n    ask: {why: {id: A, en: B}}\n", "services.KTP-HILANG.ask.why: there is no question why"),
        ("  KTP-HILANG:\n    papers:\n      kk: {where: {id: A}}\n", "8:19: services.KTP-HILANG.papers.kk.where.en"),
        ("  KTP-HILANG:\n    papers:\n      kk: {short: {id: '" + "A" * 31 + "', en: B}}\n", "31 characters; 30"),
        ("  KTP-HILANG:\n    papers:\n      kk: {where: {id: '{x}', en: B}}\n", "8:24: services.KTP-HILANG.papers.kk"),
        ("  KTP-HILANG:\n    sla: {text: {id: A, en: B}, source: C}\n", "7:10: services.KTP-HILANG.sla.date: the key"),
        ("  KK-HILANG-RUSAK:\n    drop: [police]\n", "6:3: services.KK-HILANG-RUSAK: papers.1.one_of: why: the answer"),
        ("  KTP-HILANG:\n    need: {kk: optional, police: optional, f102: optional}\n", "no paper is required"),
        ("  KTP-HILANG:\n    drop: [kk, police, f102]\n", "no paper is required"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_its_line(text: str, flaw: str) -> None:
    assert any(flaw in line for line in flaws(text)), flaws(text)


def added(id_: str, pages: int = 1, extra: str = "") -> str:
    said = ", ".join(f"{key}: {{id: A, en: B}}" for key in ("name", "short", "where"))
    return f"      - {{id: {id_}, {said}, need: required, pages: {pages}, shape: a4{extra}}}\n"


def test_added_papers_are_checked_like_the_bases() -> None:
    start = "  AKTA-LAHIR:\n    add:\n"
    assert flaws(start + added("extra", extra=", when: {proof: [found]}, after: kk")) == []
    assert "there is no question prof; did you mean proof?" in flaws(start + added("x", extra=", when: {prof: [a]}"))[0]
    assert "there already; reword it under papers" in flaws(start + added("kk"))[0]
    assert "after: there is no paper f999" in flaws(start + added("x", extra=", after: f999"))[0]
    many = flaws(start + added("x1", 8) + added("x2", 8))
    assert len(many) == 1 and re.search(r"services.AKTA-LAHIR: papers: 23 pages with the answers proof: ", many[0])
    assert "papers; 16 at most" in str(flaws(start + "".join(added(f"x{n}") for n in range(9))))


def test_every_flaw_of_the_file_is_told_at_once() -> None:
    text = "  KTP-HILANG:\n    drop: [kkk]\n  KIA-BARU:\n    off: maybe\n  GONE: {}\n"
    assert [line.split(":")[0] for line in flaws(text)] == ["7", "9", "10"]
    assert len(district.check(marked.parse(b"services: {}", "d.yaml"), service.base())[2]) == 4


BASE = yaml.load(EXAMPLE.read_text(), yaml.BaseLoader)


@given(data=st.data())
def test_any_mutilation_is_a_catalogue_or_flaws(data: st.DataObject) -> None:
    text = yaml.safe_dump(mutilated(copy.deepcopy(BASE), data), allow_unicode=True, sort_keys=False)
    made, _, found = district.check(marked.parse(text.encode("utf-8", "surrogatepass"), "d.yaml"), service.base())
    assert set(made) == set(service.base())
    assert all(flaw.line >= 1 and str(flaw).encode() for flaw in found)
    if not found:
        for known in made.values():
            assert not list(known.wrongs())


@given(data=st.binary(max_size=100))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert district.check(marked.parse(data, "d.yaml"), service.base())[2]
