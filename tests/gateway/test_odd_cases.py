"""What seldom happens at the office's end and must not hurt: strays, half arrivals, odd clocks, hostile words."""

from __future__ import annotations

import io
import json
import sqlite3
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlcipher3 import dbapi2

from gateway import district_map
from gateway.database import Database
from gateway.office import draw
from gateway.office.words import Clock
from gateway.places import spot_of
from gateway.settings import Settings
from gateway.store import write_folder
from gateway.tables import Submission
from gateway.tables import Terminal as Row
from tests.gateway.backends import once, sql
from tests.gateway.rig import ROOT, Gateway, Officer, Packet, Terminal, picture, problem_of, run
from tests.gateway.shelf import Shelf, folder_of
from tests.gateway.test_completions import F102, rows
from tests.gateway.test_places import READY, beat
from wire import ids

EVIL = '"><script>alert(1)</script><svg onload=x>'


@pytest.fixture
def officer(gateway: Gateway) -> Officer:
    """An officer who is signed in."""
    made = Officer(gateway)
    made.sign_in()
    return made


def parts_of(gateway: Gateway, sender: Terminal, packet: Packet) -> int:
    return sum(name.endswith(".age") for name in Shelf(gateway.data, sender.id, packet.id).names())


def test_a_withdrawal_takes_all_that_belongs_and_nothing_else(
    gateway: Gateway, terminal: Terminal, new_terminal: Callable[[], Terminal]
) -> None:
    first = terminal.packet(papers=F102, missing=("police", "kk"))
    other = new_terminal()
    stray = other.packet(papers=[("police", 1)], completes=first, tag="B" * 43)
    other.send(stray)  # faster than the first one, and of somebody else
    early = other.packet(papers=[("police", 1)], completes=first, missing=("kk",))
    other.send(early)
    words = ("gateway", "withdraw", "--data", str(gateway.data), "--id")
    with pytest.raises(AssertionError, match="on its way"):
        run(*words, early.id)  # what comes then would be joined to what is gone
    terminal.send(first)
    announced = other.packet(papers=[("kk", 1)], completes=first)
    assert other.put(announced).status_code == 201
    run(*words, early.id)  # any of its submissions names it
    assert parts_of(gateway, terminal, first) == parts_of(gateway, other, early) == 0
    assert other.put(announced).json()["state"] == "received"  # its tombstone: nothing of it is asked for
    assert [row["state"] for row in rows(terminal, first.number)][-3:] == ["withdrawn"] * 3
    assert parts_of(gateway, other, stray) == 2


def test_a_stray_shows_in_the_inbox_when_its_number_is_long_done(
    gateway: Gateway, terminal: Terminal, new_terminal: Callable[[], Terminal], officer: Officer
) -> None:
    done = terminal.packet(papers=F102)
    terminal.send(done)
    sql(gateway.data, "UPDATE submissions SET state = 'ready' WHERE id = ?", (done.id,))
    row = f'class="open" href="/applications/{done.number}"'
    assert row not in officer.get("/inbox").text
    other = new_terminal()
    stray = other.packet(papers=[("police", 1)], completes=done, corrects=ids.uuid7())  # names what nobody sent
    other.send(stray)
    assert row in officer.get("/inbox").text
    archive = officer.get(f"/applications/{done.number}/export/jpeg-1mb").content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert [name for name in files.namelist() if "police" in name] == []


def test_the_store_alone_opens_what_stands_while_a_completion_is_on_its_way(
    gateway: Gateway, terminal: Terminal, tmp_path: Path
) -> None:
    page = picture("stands")
    first = terminal.packet(papers=F102, page=page)
    terminal.send(first)
    assert terminal.put(terminal.packet(papers=[("f102", 1)], completes=first)).status_code == 201
    keys, out = gateway.data / "keys" / "office.age", tmp_path / "out"
    store = folder_of(gateway.data, tmp_path / "store")
    words = ("--store", str(store), "--key", str(keys), "--number", first.number, "--out", str(out))
    run("gateway.office.open", *words)
    assert (out / "page-1.jpg").read_bytes() == page


@once
@pytest.mark.parametrize("wall", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "never", ""])
def test_no_clock_of_a_terminal_shuts_a_page(terminal: Terminal, officer: Officer, wall: str) -> None:
    packet = terminal.packet(papers=F102, wall=wall or "x")
    terminal.send(packet)
    assert officer.get(f"/applications/{packet.number}").status_code == 200
    beat(terminal, [{**READY[0], "tested": wall, "passed": True}])
    assert terminal.answer is not None
    assert officer.get(f"/terminals/{terminal.answer.code}").status_code == 200
    assert {Clock(zone).wall(wall) for zone in ("WIB", "WITA", "WIT")} == {"–"}


def test_a_terminal_that_says_little_does_not_change_the_list_with_every_heartbeat() -> None:
    dark: list[dict[str, object]] = [{"role": "camera", "phase": "starting", "faults": []}]
    place = {"village": "Desa A", "district": "Kec. B", "office": "", "address": "", "region": ""}
    row = Row(code="KMT", opening=[], closed_until="", closed_reason="", heard_at=100, devices=dark, **place)
    heard, silent = spot_of(row, 150, 60), spot_of(row, 161, 60)
    assert (heard.working, heard.heard) == ("unknown", "")
    assert (silent.working, silent.heard) == ("unknown", "1970-01-01T00:01:40Z")


@once
def test_words_of_terminals_and_administrators_are_never_markup(terminal: Terminal, officer: Officer) -> None:
    assert terminal.answer is not None
    code = terminal.answer.code
    csrf = officer.csrf(officer.get("/terminals"))
    place = {"village": f"Desa {EVIL}", "district": EVIL, "regency": "Kota Banjar", "office": EVIL}
    spot = {"address": EVIL, "phone": "1", "lat": "-7.3", "lng": "108.5", "region": ""}
    got = officer.post(f"/terminals/{code}/place", {"csrf": csrf, **place, **spot})
    assert got.url.endswith(f"/terminals/{code}")
    beat(terminal, [{"role": EVIL[:32], "phase": EVIL[:32], "faults": [EVIL], "tested": EVIL[:40]}])
    packet = terminal.packet(papers=[(EVIL, 1)], missing=(EVIL,), answers={EVIL: EVIL}, fields={EVIL: EVIL})
    terminal.send(packet)
    pages = ["/inbox", f"/inbox?q={EVIL}", f"/applications/{packet.number}", f"/applications/{packet.number}/export"]
    pages += [f"/applications/{packet.number}/export?profile={p}" for p in ("jpeg-1mb", "batam-5mb", EVIL)]
    pages += ["/terminals", f"/terminals?find={EVIL}", f"/terminals?pick={code}", f"/terminals/{code}"]
    pages += [f"/terminals/{code}/revoke", "/lokasi", f"/lokasi?q={EVIL}", f"/lokasi?regency={EVIL}"]
    for path in pages:
        page = officer.get(path)
        assert page.status_code == 200, path
        assert "<script" not in page.text, path
        assert "onload=x>" not in page.text, path
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"], path
        assert page.headers["cache-control"] == ("public, max-age=60" if "/lokasi" in path else "no-store"), path
    taken = officer.get(f"/applications/{packet.number}/export/batam-5mb")
    name = taken.headers["content-disposition"].split('filename="')[1]
    assert set(name) <= set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"')
    data = officer.get("/lokasi.geojson")
    assert data.headers["content-type"].startswith("application/geo+json")
    assert data.headers["x-content-type-options"] == "nosniff"
    closing = officer.post(f"/terminals/{code}/place", {"csrf": csrf, **place, **spot, "village": "x\x00y"})
    assert closing.status_code == 422


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken() -> object:
        yield "a.jpg", b"page"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "out" / "KMT-1-B", broken())  # pyright: ignore[reportArgumentType]  # as an export that is interrupted
    assert list((tmp_path / "out").iterdir()) == []
    write_folder(tmp_path / "out" / "KMT-1-B", [("a.jpg", b"page")])
    with pytest.raises(FileExistsError):
        write_folder(tmp_path / "out" / "KMT-1-B", [("a.jpg", b"other")])
    assert (tmp_path / "out" / "KMT-1-B" / "a.jpg").read_bytes() == b"page"


def test_a_large_map_is_drawn_once() -> None:
    ring = [[108 + (n % 70) / 1e3, -7 - n / 1e6] for n in range(2000)]
    square = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    features = [
        {"type": "Feature", "properties": {"code": f"32.79.01.{n}", "name": "Desa"}, "geometry": square}
        for n in range(1000, 1050)
    ]
    district = district_map.parse(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    pins = [draw.Pin("KMT", "Karyamukti", "ok", "Baik", 5, (108.01, -7.001))]
    begun = time.perf_counter()
    first = draw.picture(draw.WIDE, district, pins)
    once = time.perf_counter() - begun
    begun = time.perf_counter()
    assert draw.picture(draw.WIDE, district, pins) == first
    assert time.perf_counter() - begun < once / 5


def test_an_older_database_with_rows_goes_on(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "gateway" / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
    file = tmp_path / "gateway.db"
    engine = create_engine("sqlite://", module=dbapi2, creator=lambda: dbapi2.connect(str(file)))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    old = sqlite3.connect(file)
    with old:
        old.execute(
            "INSERT INTO terminals (id, code, village, district, regency, office, phone, hours, hardware, version,"
            " created_at, have_seq, queued, quarantined, last_seq, disk_free, uptime_s, devices)"
            " VALUES ('aa', 'KMT', 'Desa A', 'Kec. B', 'Kota C', 'D', '', '[[\"Senin\", \"8-15\"]]', '', '', 1, 1, 0,"
            " 0, 1, 0, 0, '[]')"
        )
        old.execute(
            "INSERT INTO submissions (id, terminal_id, seq, number, service, tag, manifest, manifest_sha256, held,"
            " announced_at, event_no) VALUES ('s', 'aa', 1, 'KMT-1-B', 'KTP-HILANG', 't', x'', '', 0, 1, 1)"
        )
        old.execute("INSERT INTO events (submission_id, state, reasons, at) VALUES ('s', 'received', '[]', 1)")
    old.close()
    database = Database(Settings(tmp_path))
    with database.read() as session:
        row = session.get_one(Row, "aa")
        assert (row.since, row.opening, row.lat, row.closed_until, row.region) == ({}, [], None, "", "")
        submission = session.get_one(Submission, "s")
        assert (submission.corrects, submission.missing) == (None, [])
    database.close()


@once
def test_a_new_route_answers_nobody_without_a_sign_in_or_the_token(gateway: Gateway, terminal: Terminal) -> None:
    assert terminal.answer is not None
    packet = terminal.packet(papers=F102)
    terminal.send(packet)
    base, code = f"/applications/{packet.number}", f"/terminals/{terminal.answer.code}"
    nobody, officer = Officer(gateway), Officer(gateway)
    officer.sign_in()
    for path in (f"{base}/export", f"{base}/export/arsip", f"{base}/pages/1.jpg", code, f"{code}/revoke"):
        assert "/login" in nobody.get(path).url, path
    for path in (f"{code}/place", f"{code}/hours", f"{code}/closed", f"{code}/code", f"{code}/revoke"):
        assert "/login" in nobody.post(path, {}).url, path
        assert officer.post(path, {"csrf": "x"}).status_code == 403, path
    assert problem_of(nobody.get("/v1/places")) == "unauthenticated"


@pytest.mark.parametrize("words", [["profiles"], ["openapi"], ["terminal", "revoke", "--code", "ZZZ"]])
def test_every_command_takes_the_data_directory_last(tmp_path: Path, words: list[str]) -> None:
    """As ``adm gateway`` of an installed office puts it."""
    if words[0] == "terminal":
        with pytest.raises(AssertionError, match="no terminal ZZZ"):
            run("gateway", *words, "--data", str(tmp_path / "data"))
    else:
        assert run("gateway", *words, "--data", str(tmp_path / "data"))
