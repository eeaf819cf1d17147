"""Services as data: every shipped file is whole, and a wrong one is told flaw by flaw, each at its line."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tests.wire.mutilate import mutilated
from wire import marked, service, whole, words
from wire.manifest import MAX_PARTS
from wire.service import FOLDER, ServiceError

FILES = sorted(FOLDER.glob("*.yaml"))
SIX = {"KK-HILANG-RUSAK", "KTP-HILANG", "KIA-BARU", "AKTA-LAHIR", "PINDAH-KELUAR", "NIK-KONSOLIDASI"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_service_is_whole(path: Path) -> None:
    read = service.load(path)
    assert read.code == path.stem and service.base()[read.code] == read
    assert all(read.paper(paper.id) is paper for paper in read.papers)
    assert read.sla is None and not read.off and read.fields and len(read.fields) <= 7
    for case in read.cases():
        assert read.answered(case) and (not case or not read.answered(dict(list(case.items())[:-1])))
        papers = read.needed(case)
        assert sum(paper.pages for paper in papers) < MAX_PARTS, "the form is one part"
        for group in {paper.one_of for paper in papers} - {""}:
            assert sum(paper.one_of == group for paper in papers) == 1
    assert {code for code, known in service.base().items() if known.questions} == {
        "KK-HILANG-RUSAK",
        "KIA-BARU",
        "AKTA-LAHIR",
        "PINDAH-KELUAR",
    }


def test_there_are_six_in_the_order_of_the_screen() -> None:
    assert set(service.base()) == SIX and service.offered() == tuple(service.catalogue())
    assert [known.group for known in service.base().values()] == sorted(
        (known.group for known in service.base().values()), key=service.GROUPS.index
    )
    assert whole.MOST_PAGES == MAX_PARTS - 1


def test_every_word_of_the_services_is_there_in_indonesian() -> None:
    say = words.translator("id", "wire")
    for path in FILES:
        texts = re.findall(
            r"(?:name|hint|output|ask|label|because|short|where|help): \"?([^\"{}\n]+?)\"?(?:,|\}|\n)", path.read_text()
        )
        assert texts
    for known in service.base().values():
        for text in (known.name, known.hint, known.output, *(q.ask for q in known.questions)):
            assert say(text), text


def test_a_paper_comes_with_its_answer_and_says_why() -> None:
    kk = service.base()["KK-HILANG-RUSAK"]
    assert [p.id for p in kk.needed({})] == ["f102", "f107"]
    assert [p.id for p in kk.needed({"why": "lost"})] == ["f102", "police", "f107"]
    assert kk.because(kk.paper("police"), {"why": "lost"}) == "Because it is lost"
    assert kk.because(kk.paper("f102"), {"why": "lost"}) == ""


def test_the_second_question_comes_with_the_first_ones_answer() -> None:
    birth = service.base()["AKTA-LAHIR"]
    assert [q.id for q in birth.asked({"proof": "letter"})] == ["proof", "marriage"]
    assert [q.id for q in birth.asked({"proof": "found"})] == ["proof"] and birth.answered({"proof": "found"})
    assert {"birth_letter", "f203", "marriage_book", "f204"}.isdisjoint(p.id for p in birth.needed({"proof": "found"}))


# Wrong files.

GOOD = """\
code: KTP-HILANG
schema_version: 1
name: Lost KTP-el
hint: Ask for a new one
output: KTP-el
group: ktp
source: Perpres 96/2018
source_date: 2021-09-28
questions:
  - id: why
    ask: Is it lost?
    answers:
      - {id: lost, label: "Yes"}
      - {id: broken, label: "No"}
papers:
  - {id: f102, name: Form, short: Form, where: Here., need: required, pages: 2, shape: a4}
  - {id: police, name: Letter, short: Letter, where: There., need: required,
     one_of: why, when: {why: [lost]}, pages: 1, shape: a4}
  - {id: ktp, name: Card, short: Card, where: Yours., need: required,
     one_of: why, when: {why: [broken]}, pages: 1, shape: card}
fields:
  - {id: name, kind: text, label: Name, help: In full., min: 2, max: 60}
  - {id: where, kind: choice, label: Where, help: Choose., options: [{id: home, label: Home}, {id: away, label: Away}]}
"""


def flaws(text: str) -> list[str]:
    """Every flaw as `line: where: words`."""
    made, found = service.check(marked.parse(text.encode(), "x.yaml"))
    assert (made is None) == bool(found)
    return [str(flaw).removeprefix("x.yaml:") for flaw in found]


def test_the_good_one_is_good() -> None:
    assert flaws(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "flaw", "at"),
    [
        ("code: KTP-HILANG", "code: ktp", 'code: this is not written as a code: A to Z', 'ktp'),
        ("hint: Ask for a new one\n", "", 'hint: the key hint is missing here', 'code: KT'),
        ("hint: Ask", "hnt: Ask", 'hnt: no such key here; did you mean hint?', 'hnt: Ask'),
        ("hint: Ask for a new one", "hint:", 'hint: this must not be empty', ''),
        ("group: ktp", "group: card", "group: this is not one of 'kk', 'ktp', 'kia', 'move', 'act' or 'data'", 'card'),
        ("2021-09-28", "28-09-2021", 'source_date: this is not written as a date', '28-09-20'),
        ("pages: 2", "pages: two", 'papers.0.pages: this must be a whole number', 'two, sha'),
        ("pages: 2", "pages: 9", 'papers.0.pages: this must be 8 or less', '9, shape'),
        ("short: Form,", "short: [Form],", 'papers.0.short: this must be one text', '[Form], '),
        ("{why: [lost]}", "{wy: [lost]}", 'papers.1.when.wy: there is no question wy; did you mean why?', '[lost]},'),
        ("{why: [lost]}", "{why: [loss]}", 'papers.1.when.why.0: why has no answer loss; did you mean lost?', 'loss'),
        ("{why: [lost]}", "{why: []}", 'papers.1.when.why: no answer is named', '[]}, pag'),
        ("one_of: why, when: {why: [broken]}", "one_of: wy", 'papers.2.one_of: there is no question wy', 'wy, page'),
        (", when: {why: [broken]}", "", 'papers.1.one_of: why: the answer lost does not lead to', 'why'),
        ("ask: Is it lost?", "ask: Is it lost?\n    when: {why: [lost]}", 'questions.0.when.why: the', '[lost'),
        ("id: ktp,", "id: police,", 'papers.2.id: the id police stands twice', 'police, '),
        ("id: broken,", "id: lost,", 'questions.0.answers.1.id: the id lost stands twice', 'lost, la'),
        ("{id: away,", "{id: home,", 'fields.1.options.1.id: the id home stands twice', 'home, la'),
        ("kind: choice", "kind: date", 'fields.1.kind: a date has 8 digits: min and max must say so', 'date, la'),
        ("kind: choice", "kind: text", 'fields.1: a choice field, and no other, has options', '{id: whe'),
        ("min: 2", "min: 61", 'fields.0.max: max is less than min', '60}'),
        ("{id: name, kind", "{id: nik, kind", 'fields.0.id: nik is taken', 'nik, kin'),
        ("where: Here.", "where: '{here}'", 'papers.0.where: braces and brackets cannot be shown', "'{here}'"),
        ("where: Here.", "where: " + "word " * 13, 'papers.0.where: a sentence of 13 words; 12 at most', 'word wor'),
        ("fields:", "sla: {text: A, source: B, date: 2026}\nfields:", "sla: a district's file says this", 'sla'),
        ("group: ktp", "group: ktp\ngroup: kk", 'group: this key stands here twice', 'group: k'),
        ("output: KTP-el", "output: &a KTP-el\nofficial: *a", 'official: this points to another place', '&a KTP-e'),
        ("output: KTP-el", "output: {", 'this is no YAML', ': Perpre'),
        ("output: KTP-el", "output: \t'", 'this is no YAML', "\t'"),
        ("output: KTP-el", 'output: "\\ud800"', 'output: half a character stands here', '"\\ud800"'),
        ("  - {id: f102", "  - [f102]\n  - {id: f102", 'papers.0: this must be keys with values', '[f102]'),
        ("papers:", "papers: none\nforms:", 'papers: this must be a list', 'none'),
        ("pages: 2", "original: perhaps, pages: 2", 'papers.0.original: this must be true or false', 'perhaps,'),
    ],
)  # fmt: skip
def test_every_wrong_line_is_named_and_explained(old: str, new: str, flaw: str, at: str) -> None:
    text = GOOD.replace(old, new, 1)
    _, found = service.check(marked.parse(text.encode(), "x.yaml"))
    told = next((one for one in found if flaw in str(one)), None)
    assert told is not None, found
    assert text.split("\n")[told.line - 1][told.column - 1 :].startswith(at), told


def test_all_flaws_are_told_at_once_and_in_order() -> None:
    text = GOOD.replace("hint: Ask", "hnt: Ask").replace("pages: 2", "pages: 0").replace("[lost]", "[gone]")
    found = flaws(text.replace("{id: away,", "{id: home,"))
    assert [line.split(": ")[1] for line in found] == [
        "hint", "hnt", "papers.0.pages", "papers.1.when.why.0", "fields.1.options.1.id",
    ]  # fmt: skip


def test_too_many_pages_are_told_with_the_answers_that_lead_there() -> None:
    more = "".join(
        f"  - {{id: p{n}, name: P, short: P, where: P, need: optional, pages: 8, shape: any}}\n" for n in range(3)
    )
    found = flaws(GOOD.replace("fields:\n", more + "fields:\n"))
    assert any("papers: 27 pages with the answers why: lost; an application holds 19" in line for line in found)
    assert "papers: no paper is required" in str(flaws(GOOD.replace("need: required", "need: optional")))


def test_flaws_of_a_file_come_as_one_error(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(GOOD.replace("group: ktp", "group: card").replace("pages: 2", "pages: 9"))
    with pytest.raises(ServiceError) as caught:
        service.load(path)
    assert len(caught.value.flaws) == 2 and str(caught.value).splitlines() == list(map(str, caught.value.flaws))
    with pytest.raises(ServiceError, match=r"gone\.yaml:1:1: the file cannot be read: No such file"):
        service.load(tmp_path / "gone.yaml")


def test_a_service_made_in_code_is_held_to_the_same() -> None:
    known = service.base()["KK-HILANG-RUSAK"].model_dump()
    known["papers"] = (*known["papers"], known["papers"][0])
    with pytest.raises(ValueError, match="the id f102 stands twice"):
        service.Service.model_validate(known)


@given(data=st.binary(max_size=120) | st.text(max_size=120).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(data=b'"\\UFFFFFFFF"')
@example(data=b"%YAML 9" + b"9" * 5000 + b".1\n--- a")
@example(data=b"[" * 5000)
@example(data=b"a: &a [*a]")
@example(data=b"? [a]\n: b")
@example(data=b"\xff\xfe\x00")
@example(data=b"# " + b"x" * marked.MAX_BYTES)
@example(data=b"code: !!python/object:os.system KTP\n!x y: z\n<<: {a: b}")
def test_any_bytes_are_a_service_or_flaws(data: bytes) -> None:
    made, found = service.check(marked.parse(data, "any.yaml"))
    assert made is None and found
    for flaw in found:
        assert flaw.line >= 1 and flaw.column >= 1 and str(flaw).encode()


BASE = [yaml.load(path.read_text(), yaml.BaseLoader) for path in FILES]


@given(data=st.data())
def test_any_mutilation_is_a_service_or_flaws(data: st.DataObject) -> None:
    start = copy.deepcopy(data.draw(st.sampled_from(BASE)))
    text = yaml.safe_dump(mutilated(start, data), allow_unicode=True, sort_keys=False)
    made, found = service.check(marked.parse(text.encode("utf-8", "surrogatepass"), "x.yaml"))
    assert (made is None) == bool(found)
    lines = text.count("\n") + 1
    assert all(1 <= flaw.line <= lines and flaw.text for flaw in found)
    assert all(str(flaw).encode() for flaw in found)
