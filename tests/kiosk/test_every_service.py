"""Every way through every service, played without a window: to the moment of handing over, and on into a real cache."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.services import __main__ as command
from deploy.services.play import NIK, Way, play, ways
from kiosk.hands import Hands, Told
from kiosk.visit import effects, events
from kiosk.visit.effects import Effect
from kiosk.visit.state import Kind
from offline_cache.cache import open_cache
from tests.offline_cache.conftest import QUICK, until
from tests.offline_cache.office import Office
from wire import manifest, service
from wire.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "config" / "district.yaml.example"

# After domain.md §1.3 and §1.4, by hand: answers, papers; "?" may be left out.
BY_HAND = """\
KK-HILANG-RUSAK why=lost: f102 f102 police f107?
KK-HILANG-RUSAK why=damaged: f102 f102 kk f107?
KTP-HILANG: f102 f102 police kk
KIA-BARU age=under5 family=both: f102 f102 birth kk ktp_mother ktp_father f107?
KIA-BARU age=under5 family=mother: f102 f102 birth kk ktp_mother f107?
KIA-BARU age=under5 family=father: f102 f102 birth kk ktp_father f107?
KIA-BARU age=under5 family=guardian: f102 f102 birth kk ktp_guardian f107?
KIA-BARU age=from5 family=both: f102 f102 birth kk ktp_mother ktp_father photo f107?
KIA-BARU age=from5 family=mother: f102 f102 birth kk ktp_mother photo f107?
KIA-BARU age=from5 family=father: f102 f102 birth kk ktp_father photo f107?
KIA-BARU age=from5 family=guardian: f102 f102 birth kk ktp_guardian photo f107?
PINDAH-KELUAR kind=all: f103 f103 kk f107?
PINDAH-KELUAR kind=some staying=adult: f103 f103 kk f107?
PINDAH-KELUAR kind=some staying=children: f103 f103 kk guardian f107?
PINDAH-KELUAR kind=head staying=adult: f103 f103 kk f107?
PINDAH-KELUAR kind=head staying=children: f103 f103 kk guardian f107?
PINDAH-KELUAR kind=member minors=yes: f103 f103 kk consent f107?
PINDAH-KELUAR kind=member minors=no: f103 f103 kk f107?
AKTA-LAHIR proof=letter marriage=book: f201 f201 birth_letter marriage_book marriage_book kk f107?
AKTA-LAHIR proof=letter marriage=none: f201 f201 birth_letter f204 kk f107?
AKTA-LAHIR proof=letter marriage=unmarried: f201 f201 birth_letter kk f107?
AKTA-LAHIR proof=none marriage=book: f201 f201 f203 marriage_book marriage_book kk f107?
AKTA-LAHIR proof=none marriage=none: f201 f201 f203 f204 kk f107?
AKTA-LAHIR proof=none marriage=unmarried: f201 f201 f203 kk f107?
AKTA-LAHIR proof=found: f201 f201 police_report kk f107?
NIK-KONSOLIDASI: ktp kk refusal?
""".splitlines()
WAYS = list(ways())


@pytest.fixture(autouse=True)
def _base_afterwards() -> Iterator[None]:
    yield
    service.use(None)


def line(way: Way) -> str:
    """A way as ``BY_HAND`` writes it."""
    papers = [
        paper.id + ("?" if paper.need == "optional" else "")
        for paper in way.known.needed(way.answers)
        for _ in range(paper.pages)
    ]
    answers = [f" {question}={answer}" for question, answer in way.answers.items()]
    return f"{way.known.code}{''.join(answers)}: {' '.join(papers)}"


def test_every_way_is_the_one_written_by_hand() -> None:
    assert list(dict.fromkeys(line(way) for way in WAYS)) == BY_HAND
    assert {way.known.code for way in WAYS if way.kind is Kind.NIK} == {"NIK-KONSOLIDASI"}


@pytest.mark.parametrize("code", service.base())
def test_every_way_of_a_service_arrives_whole_and_with_a_paper_missing(code: str) -> None:
    mine = [way for way in WAYS if way.known.code == code]
    assert {way.without for way in mine} >= {(), (mine[0].known.papers[0].id,)}
    for way in mine:
        played = play(way)
        assert not played.why, (line(way), way.without, played.why)
        assert played.submit is not None and played.submit.missing == way.without
        left = [page for page in line(way).partition(": ")[2].split() if page.strip("?") not in way.without]
        wanted = [page.strip("?") for page in left if not (way.bare and page.endswith("?"))]
        assert [paper for paper, pages in played.papers for _ in range(pages)] == wanted
        assert dict(played.submit.answers) == way.answers and dict(played.submit.form)["nik"] == NIK


def test_the_player_finds_a_visit_that_goes_wrong() -> None:
    assert play(WAYS[0], lambda effect: None).why.startswith("no end after")
    refused = play(WAYS[0], _failed)
    assert refused.why
    wrong = Way(WAYS[0].known, Kind.APPLY, {"why": "stolen"})
    assert play(wrong).why == "asks why, which this way does not answer"


def _failed(effect: Effect) -> events.Event | None:
    if isinstance(effect, effects.JudgePage):
        return events.CaptureFailed(0.0, effect.draft, effect.shot, "camera_unreachable")
    return None


class Disk:
    """A world with the product's own hands and a real cache; the pictures are made up."""

    def __init__(self, folder: Path, office: Office) -> None:
        self.cache, self.told = open_cache(folder, version="test", settings=QUICK), queue.Queue[Told]()
        self.cache.enrol(office.code())
        self.hands = Hands(self.cache, "", None, self.told.put)
        self.number = ""
        self._shots = 0

    def __call__(self, effect: Effect) -> events.Event | None:
        match effect:
            case effects.JudgePage():
                self._shots += 1
                image = b"\xff\xd8" + self._shots.to_bytes(4, "big") * 200
                return events.PageJudged(0.0, effect.draft, effect.shot, True, "", image, "image/jpeg", b"small")
            case effects.SealPage():
                self.hands.seal(effect)
                return self._event(events.PageSealed)
            case effects.Submit():
                self.hands.submit(effect, "id")
                done = self._event(events.Submitted)
                self.hands.forget(effect.draft)
                assert isinstance(done, events.Submitted)
                self.number = done.number
                return None
            case _:
                return None

    def _event(self, kind: type[events.Event]) -> events.Event:
        while not isinstance(told := self.told.get(timeout=10), kind):
            assert not isinstance(told, events.SealFailed | events.SubmitFailed), told
        return told


def test_every_service_reaches_the_office_with_its_papers_answers_and_what_is_missing(tmp_path: Path) -> None:
    office = Office()
    disk = Disk(tmp_path / "data", office)
    sent: dict[str, Way] = {}
    try:
        for code in service.base():
            mine = [way for way in WAYS if way.known.code == code]
            for way in (mine[0], next(way for way in reversed(mine) if way.without == (way.known.papers[0].id,))):
                assert not play(way, disk).why
                sent[disk.number] = way
        disk.cache.start_sync(tuple, lambda: None)
        until(lambda: disk.cache.queue().queued == 0, 30)
        found = {read.number: read for read in _received(office)}
        assert found.keys() == sent.keys() and len(sent) == 12
        for number, way in sent.items():
            read = found[number]
            form = office.open_form(read.submission_id)
            assert (read.service, form.service, read.missing) == (way.known.code, way.known.code, way.without)
            pages = [(part.paper, part.n) for part in read.parts if part.role == "page"]
            assert pages == [(paper, n) for paper, count in way.papers for n in range(1, count + 1)]
            assert form.answers == way.answers and form.nik == NIK
            assert set(form.fields) == {field.id for field in way.known.fields_for(way.answers)}
            assert len(read.parts) <= manifest.MAX_PARTS
    finally:
        disk.hands.close()
        disk.cache.close()
        office.close()


def _received(office: Office) -> list[Manifest]:
    return [manifest.unproved(office.manifests[one])[1] for one in office.receipts]


def test_a_districts_services_are_played_too() -> None:
    service.use(EXAMPLE)
    mine = list(ways())
    assert {way.known.code for way in mine} == set(service.base()) - {"NIK-KONSOLIDASI"}
    assert not [played.why for played in map(play, mine) if played.why]
    assert ("ktp_witness2", 1) in next(way for way in mine if way.known.code == "AKTA-LAHIR").papers


def test_the_command_prints_the_table_of_all_that_was_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["play"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(WAYS) + 2 and said[-1] == f"6 services, {len(WAYS)} visits played: all as their files say."
    assert said[0].split() == ["service", "answers", "papers", "missing", "screens", "result"]
    assert all(row.endswith("  ok") for row in said[1:-1])
    row = next(row for row in said if "why: lost" in row and " police " in row and "f107" not in row)
    assert row.split()[:6] == ["KK-HILANG-RUSAK", "why:", "lost", "police", "f102", "14"]
