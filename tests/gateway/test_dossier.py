"""The officers' side of incomplete applications, over real HTTP: one row a number, merged pages, decisions, export."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.__main__ import main
from gateway.office.dossier import Dossier, Sheet
from gateway.office.open import main as open_alone
from gateway.office.packet import Packet as Opened
from gateway.office.papers import short_names
from gateway.store import LocalStore, Place
from tests.gateway.backends import once, sql
from tests.gateway.rig import NIK, ROOT, Gateway, Officer, Packet, Terminal, picture, run
from tests.gateway.shelf import folder_of
from tests.gateway.test_completions import F102, rows
from tests.gateway.test_pages import decide, feed
from wire import ids, service
from wire.manifest import Clock, Manifest, Part
from wire.number import Number
from wire.words import translator

SHORT = short_names("KTP-HILANG")


@pytest.fixture
def officer(gateway: Gateway) -> Officer:
    """An officer who is signed in."""
    made = Officer(gateway)
    made.sign_in()
    return made


@pytest.fixture(scope="module")
def two(new_terminal: Callable[[], Terminal]) -> tuple[Terminal, Terminal]:
    """Two enrolled terminals."""
    return new_terminal(), new_terminal()


def row_of(page: str, number: str) -> str:
    """The inbox row of a number; there is one."""
    found = [row for row in re.findall(r"<tr.*?</tr>", page, re.S) if f'href="/applications/{number}"' in row]
    assert len(found) == 1
    return found[0]


def test_the_inbox_marks_what_is_incomplete_and_what_came_later(
    officer: Officer, two: tuple[Terminal, Terminal]
) -> None:
    one, other = two
    first = one.packet(papers=F102, missing=("police", "kk"))
    whole = one.packet(pages=4)
    one.send(first)
    one.send(whole)
    row = row_of(officer.get("/inbox").text, first.number)
    assert "Belum lengkap" in row
    assert "1 dari 3" in row
    assert f"kurang {SHORT['police']}, {SHORT['kk']}" in row
    assert row.count("stroke-dasharray") == 2
    assert "Belum lengkap" not in row_of(officer.get("/inbox").text, whole.number)
    only = officer.get("/inbox?only=incomplete").text
    assert first.number in only
    assert whole.number not in only
    counted = re.search(r'saja <span class="count">(\d+)', only)
    assert counted
    assert int(counted[1]) == only.count('class="open"')
    other.send(other.packet(papers=[("police", 1)], completes=first, missing=("kk",)))
    row = row_of(officer.get("/inbox").text, first.number)
    assert "Susulan datang" not in row  # nobody has read it yet: it is simply new
    officer.get(f"/applications/{first.number}")
    other.send(other.packet(papers=[("kk", 1)], completes=first))
    row = row_of(officer.get("/inbox").text, first.number)
    assert "Susulan datang" in row
    assert "Baru" in row
    assert "3 dari 3" in row
    assert first.number not in officer.get("/inbox?only=incomplete").text


def test_pages_merge_in_the_services_order_and_the_replaced_one_stays_reachable(
    officer: Officer, gateway: Gateway, two: tuple[Terminal, Terminal], tmp_path: Path
) -> None:
    one, other = two
    old, new = picture("old"), picture("new", (500, 700))
    first = one.packet(papers=[("kk", 1), ("police", 1)], page=old, missing=("f102",))
    one.send(first)
    other.send(other.packet(papers=[*F102, ("kk", 1)], page=new, completes=first))
    page = officer.get(f"/applications/{first.number}?page=4")
    thumbs = re.findall(r"<span>\d (.*?)</span>", page.text)
    assert thumbs == [f"{SHORT['f102']} (1)", f"{SHORT['f102']} (2)", SHORT["police"], SHORT["kk"]]
    assert page.text.count("Susulan</span>") == 3
    assert "earlier=1" in page.text

    def proportion(query: str) -> float:
        shown = officer.get(f"/applications/{first.number}/pages/4.jpg{query}")
        with Image.open(io.BytesIO(shown.content)) as image:
            return round(image.width / image.height, 2)

    assert proportion("") == round(500 / 700, 2)
    assert proportion("?earlier=1") == proportion("?earlier=99") == round(620 / 877, 2)
    with pikepdf.open(io.BytesIO(officer.get(f"/applications/{first.number}/application.pdf").content)) as document:
        held = [next(iter(each.get_images().values())).read_raw_bytes() for each in document.pages]
    assert held == [new, new, old, new]
    told = json.loads(officer.get(f"/applications/{first.number}/application.json").content)
    assert [(each["paper"], each["page"]) for each in told["pages"]] == [*F102, ("police", 1), ("kk", 1)]
    assert (told["nik"], told["missing"], len(told["completions"])) == (NIK, [], 1)
    store = folder_of(gateway.data, tmp_path / "store")  # and without the gateway
    key = gateway.data / "keys" / "office.age"
    words = ("--store", str(store), "--key", str(key), "--number", first.number, "--out", str(tmp_path))
    assert open_alone([*words]) == 0
    assert [(tmp_path / f"page-{n}.jpg").read_bytes() for n in range(1, 5)] == held


def test_a_missing_paper_is_a_named_slot_and_a_proposed_reason(
    officer: Officer, two: tuple[Terminal, Terminal]
) -> None:
    one, _ = two
    first = one.packet(papers=[*F102, ("police", 1)], missing=("kk",))
    one.send(first)
    page = officer.get(f"/applications/{first.number}")
    slot = re.search(r'<li class="slot">.*?</li>', page.text, re.S)
    assert slot
    assert SHORT["kk"] in slot[0]
    assert "Belum lengkap." in page.text
    assert 'value="missing" selected' in page.text
    decide(officer, page, first.number, decision="needs_correction", reason__kk="missing")
    assert feed(one, first.number)[-1] == ("needs_correction", [{"code": "missing", "paper": "kk"}])


@once
def test_answers_and_choices_are_shown_in_words(officer: Officer, two: tuple[Terminal, Terminal]) -> None:
    one, _ = two
    say = translator("id", "wire")
    why = service.catalogue()["KK-HILANG-RUSAK"].questions[0]
    packet = one.packet(
        service="KK-HILANG-RUSAK",
        papers=F102,
        missing=("police",),
        answers={why.id: why.answers[0].id},
        fields={"name": "A"},
    )
    one.send(packet)
    page = officer.get(f"/applications/{packet.number}").text
    assert re.search(rf"<dt>{say(why.ask)}</dt><dd>{say(why.answers[0].label)}</dd>".replace("?", r"\?"), page)
    consolidation = one.packet(service="NIK-KONSOLIDASI", papers=[("ktp", 1)], fields={"reason": "tax"})
    one.send(consolidation)
    shown = officer.get(f"/applications/{consolidation.number}").text
    reason = next(field for field in service.catalogue()["NIK-KONSOLIDASI"].fields if field.id == "reason")
    label = next(option.label for option in reason.options if option.id == "tax")
    assert f"<dd>{say(label)}</dd>" in shown


def test_approving_what_is_incomplete_asks_for_a_tick(officer: Officer, two: tuple[Terminal, Terminal]) -> None:
    one, _ = two
    first = one.packet(papers=F102, missing=("police",))
    one.send(first)
    page = officer.get(f"/applications/{first.number}")
    refused = decide(officer, page, first.number, decision="approved")
    assert refused.status_code == 422
    assert "Centang" in refused.text
    assert 'value="approved" required checked' in refused.text
    assert decide(officer, page, first.number, decision="approved", incomplete="yes").status_code == 200
    last = rows(one, first.number)[-1]
    assert (last["state"], last["missing"]) == ("approved", ["police"])


def test_a_decision_is_stale_when_a_completion_came(officer: Officer, two: tuple[Terminal, Terminal]) -> None:
    one, other = two
    first = one.packet(papers=F102, missing=("police",))
    one.send(first)
    page = officer.get(f"/applications/{first.number}")
    completion = other.packet(papers=[("police", 1)], completes=first)
    other.send(completion)
    assert decide(officer, page, first.number, decision="approved", incomplete="yes").status_code == 409
    page = officer.get(f"/applications/{first.number}")
    assert decide(officer, page, first.number, decision="approved").status_code == 200
    last = rows(one, first.number)[-1]
    assert (last["submission_id"], last["first"], last["state"]) == (completion.id, first.id, "approved")


def test_another_nik_in_a_completion_is_flagged(officer: Officer, two: tuple[Terminal, Terminal]) -> None:
    one, other = two
    first = one.packet(papers=F102, missing=("police", "kk"))
    one.send(first)
    other.send(other.packet(papers=[("police", 1)], completes=first, missing=("kk",)))
    assert "NIK lain" not in officer.get(f"/applications/{first.number}").text
    other.send(other.packet(papers=[("kk", 1)], completes=first, nik="3279020101000099"))
    assert "NIK lain" in officer.get(f"/applications/{first.number}").text


@pytest.fixture(scope="module")
def large(two: tuple[Terminal, Terminal]) -> Packet:
    """An application whose pages need steps down to fit in 1 MB."""
    out = io.BytesIO()
    Image.effect_noise((1240, 1754), 90).convert("RGB").save(out, "JPEG", quality=95)
    packet = two[0].packet(papers=[("f102", 1), ("police", 1)], page=out.getvalue(), missing=("kk",))
    two[0].send(packet)
    return packet


def audit(gateway: Gateway, submission: str) -> list[str]:
    asked = "SELECT detail FROM audit WHERE submission_id = ? AND act = 'downloaded' ORDER BY no"
    found = sql(gateway.data, asked, (submission,))
    return [str(row[0]) for row in found]


def test_an_export_says_what_it_gives_up_and_is_recorded(officer: Officer, gateway: Gateway, large: Packet) -> None:
    base = f"/applications/{large.number}/export"
    assert "jpeg-1mb" in officer.get(base).text
    page = officer.get(base, params={"profile": "jpeg-1mb"}).text
    assert f"{large.number}-01-f102.jpg" in page
    lost = re.findall(r"<li>(Halaman \d, .*?mutu \d+ → \d+.*?)</li>", page)
    assert len(lost) == 2
    assert audit(gateway, large.id) == []
    got = officer.get(base + "/jpeg-1mb")
    assert got.headers["content-disposition"] == f'attachment; filename="{large.number}-jpeg-1mb.zip"'
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        told = json.loads(archive.read("catatan.json"))
        assert sorted(archive.namelist()) == sorted([*(file["name"] for file in told["files"]), "catatan.json"])
        assert all(len(archive.read(file["name"])) == file["bytes"] <= 1_000_000 for file in told["files"])
    assert [each["words"] for each in told["given_up"]] == lost
    assert told["missing"] == ["kk"]
    assert re.match(r"profile jpeg-1mb; 2 files; page 1: 150>150 dpi, q95>\d+", audit(gateway, large.id)[-1])
    pdf = officer.get(base + "/arsip")
    assert pdf.headers["content-type"] == "application/pdf"
    assert officer.get(base + "/there-is-none").status_code == 404
    assert "/login" in Officer(gateway).get(base + "/arsip").url


@once
def test_the_command_writes_all_files_or_none(
    gateway: Gateway, large: Packet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(gateway.data))
    out = run("gateway", "export", large.number.lower(), "--profile", "jpeg-1mb", "--to", str(tmp_path), *data)
    place = tmp_path / f"{large.number}-jpeg-1mb"
    assert sorted(path.name for path in place.iterdir()) == sorted(
        ["catatan.json", f"{large.number}-01-f102.jpg", f"{large.number}-02-police.jpg"]
    )
    assert "mutu" in out

    def refused(*words: str) -> str:
        assert main([*words, *data]) == 1
        return capsys.readouterr().err

    own = gateway.data / "profiles"
    own.mkdir(exist_ok=True)
    try:
        text = (ROOT / "gateway/profiles/jpeg-1mb.toml").read_text()
        (own / "kecil.toml").write_text(text.replace("1_000_000", "2_000"))
        to = ("--to", str(tmp_path))
        assert "batasnya 2 kB" in refused("export", large.number, "--profile", "kecil", *to)
        assert "there is no profile 'besar'; there are: arsip" in refused(
            "export", large.number, "--profile", "besar", *to
        )
        assert "is there already" in refused("export", large.number, "--profile", "jpeg-1mb", *to)
        assert [path.name for path in tmp_path.iterdir()] == [place.name]
        (own / "kecil.toml").write_text("max_bytes = -1\n")
        assert "kecil.toml:1: max_bytes must be at least 0" in refused("profiles")
    finally:
        (own / "kecil.toml").unlink()


_pages = st.lists(st.tuples(st.sampled_from(["f102", "police", "kk", "x"]), st.integers(1, 2)), min_size=1, max_size=5)


def opened(pages: list[tuple[str, int]], first: str | None, number: str, submission: str) -> Opened:
    """A submission with these pages; its files are not there, only its manifest."""
    parts = [
        Part(
            role="page",
            paper=paper,
            n=n,
            media_type="image/jpeg",
            bytes=1,
            sha256=ids.sha256(f"{at}{submission}".encode()),
        )
        for at, (paper, n) in enumerate(pages)
    ]
    made = Manifest(
        submission_id=submission,
        number=number,
        terminal="a" * 32,
        seq=1,
        service="KTP-HILANG",
        schema_version=1,
        tag="t" * 43,
        office_key="",
        clock=Clock(wall="", boot_id="", monotonic_ms=0),
        corrects=first,
        parts=tuple(parts),
    )
    return Opened(LocalStore(Path()), Place(made.terminal, submission), made)


@given(first=_pages, others=st.lists(_pages, max_size=4), shuffled=st.randoms(use_true_random=False))
def test_every_page_stands_once_or_is_an_earlier_version(
    first: list[tuple[str, int]], others: list[list[tuple[str, int]]], shuffled: Random
) -> None:
    number = str(Number("KMT", 1))
    named = sorted(ids.uuid7() for _ in range(len(others) + 1))  # of one millisecond they come in any order
    packets = [opened(pages, named[0], number, each) for pages, each in zip(others, named[1:], strict=True)]
    packets.insert(0, opened(first, None, number, named[0]))
    mixed = packets.copy()
    shuffled.shuffle(mixed)
    dossier = Dossier.of_packets(number, mixed)
    assert dossier.packets == tuple(packets)
    assert dossier.apart == ()
    sheets = dossier.sheets
    order = [["f102", "police", "kk", "x"].index(sheet.paper) for sheet in sheets]
    assert order == sorted(order)

    def age(sheet: Sheet) -> int:
        return packets.index(sheet.packet)

    for sheet in sheets:
        key = (sheet.paper, sheet.part.n)
        newest = max(at for at, packet in enumerate(packets) if key in [(p.paper, p.n) for p in packet.pages])
        assert age(sheet) == newest
        versions = [age(each) for each in (sheet, *sheet.earlier)]
        assert versions == sorted(versions, reverse=True)
    everything = [each.part.sha256 for sheet in sheets for each in (sheet, *sheet.earlier)]
    assert sorted(everything) == sorted(part.sha256 for packet in packets for part in packet.pages)
