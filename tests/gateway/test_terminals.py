"""A terminal's page over real HTTP: place, hours, closed days, a new code, access; and what the public sees of it."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from gateway.office import hours
from gateway.rooms import Office
from gateway.settings import Settings
from gateway.terminals import TerminalError, micro
from tests.gateway.backends import sql
from tests.gateway.rig import OFFICER, PLACE, Gateway, Officer, Terminal, add_officer, problem_of
from tests.gateway.test_places import fill
from tests.web.yard import beat
from wire.places import Opening, Places


@pytest.fixture
def officer(gateway: Gateway) -> Officer:
    """An officer who is signed in."""
    made = Officer(gateway)
    made.sign_in()
    return made


def code_of(terminal: Terminal) -> str:
    assert terminal.answer is not None
    return terminal.answer.code


def change(officer: Officer, terminal: Terminal, what: str, **fields: str) -> requests.Response:
    """Post one of the page's forms."""
    csrf = officer.csrf(officer.get("/terminals"))
    return officer.post(f"/terminals/{code_of(terminal)}/{what}", {"csrf": csrf, **fields})


def spot_of(terminal: Terminal) -> dict[str, object]:
    """What the terminals are told of it."""
    got = terminal.http.get(f"{terminal.gateway.url}/v1/places", headers=terminal.headers(), timeout=20)
    spots = Places.read(got.content).spots
    return next(each for each in spots if each.code == code_of(terminal)).plain()


def test_place_and_hours_travel_to_terminals_and_residents(officer: Officer, terminal: Terminal) -> None:
    before = beat(terminal)
    got = change(
        officer,
        terminal,
        "place",
        **{**PLACE, "village": "Desa Barusari"},
        address="Jl. Contoh 5",
        region="32.79.01.1001",
        lat="−7,3689411",
        lng="108.54123",
        phone="",
    )
    assert got.status_code == 200
    week = {f"{end}{day}": time for day in range(4) for end, time in (("opens", "08.00"), ("closes", "15.30"))}
    assert change(officer, terminal, "hours", **week, opens4="8:00", closes4="1130").status_code == 200
    spot = spot_of(terminal)
    assert (spot["lat"], spot["lng"], spot["address"]) == (-7_368_941, 108_541_230, "Jl. Contoh 5")
    assert spot["opening"] == [
        {"days": [0, 1, 2, 3], "opens": "08:00", "closes": "15:30"},
        {"days": [4], "opens": "08:00", "closes": "11:30"},
    ]
    assert beat(terminal) != before
    page = officer.get(f"/terminals/{code_of(terminal)}").text
    assert re.search(r"Senin – Kamis</dt><dd>08\.00 – 15\.30", page)
    public = requests.get(f"{officer.gateway.url}/lokasi", params={"q": "barusari"}, timeout=20)
    assert "Desa Barusari" in public.text
    assert "geo:-7.368941,108.541230" in public.text
    # Who enrols again hears the hours at once.
    again = change(officer, terminal, "code")
    found = re.search(r"ADM1\.[A-Za-z0-9_-]+", again.text)
    assert found
    enrolled = Terminal(officer.gateway).enrol(found.group(0))
    assert enrolled.answer is not None
    assert enrolled.answer.place.hours[0] == ("Senin – Kamis", "08.00 – 15.30")
    assert enrolled.answer.place.village == "Desa Barusari"
    assert enrolled.id == terminal.id


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("place", {"village": ""}),
        ("place", {"office": "x" * 121}),
        ("place", {"lat": "-7.36"}),
        ("place", {"lat": "108.54", "lng": "-7.36"}),
        ("place", {"lat": "7'22", "lng": "108"}),
        ("place", {"region": "3279"}),
        ("hours", {"opens0": "08.00"}),
        ("hours", {"opens0": "15.00", "closes0": "08.00"}),
        ("hours", {"opens0": "25.00", "closes0": "26.00"}),
        ("closed", {"until": "", "reason": "Libur"}),
        ("closed", {"until": "2020-01-01", "reason": "Libur"}),
        ("closed", {"until": "2199-01-01", "reason": "Libur"}),
        ("closed", {"until": dt.date.today().isoformat(), "reason": " "}),
    ],
)
def test_what_does_not_fit_is_refused_and_shown_again(
    officer: Officer, terminal: Terminal, what: str, fields: dict[str, str]
) -> None:
    before = spot_of(terminal)
    given_ = {**PLACE, **fields} if what == "place" else fields
    got = change(officer, terminal, what, **given_)
    assert got.status_code == 422
    assert got.text.count('role="alert"') == 1
    assert "<details open>" in got.text
    assert spot_of(terminal) == before


def test_closed_for_a_time_and_open_again(officer: Officer, terminal: Terminal) -> None:
    last = (dt.date.today() + dt.timedelta(days=3)).isoformat()
    assert change(officer, terminal, "closed", until=last, reason="Kantor <b>diperbaiki").status_code == 200
    assert (spot_of(terminal)["closed_until"], spot_of(terminal)["closed_reason"]) == (last, "Kantor <b>diperbaiki")
    public = requests.get(f"{officer.gateway.url}/lokasi", params={"q": code_of(terminal)}, timeout=20).text
    assert "Kantor &lt;b&gt;diperbaiki" in public
    assert "Tutup sampai" in public
    assert change(officer, terminal, "closed", act="open").status_code == 200
    assert spot_of(terminal)["closed_until"] == ""


def test_every_change_needs_the_token_and_leaves_a_line_in_the_audit(officer: Officer, terminal: Terminal) -> None:
    code = code_of(terminal)
    for what in ("place", "hours", "closed", "code", "revoke"):
        assert officer.post(f"/terminals/{code}/{what}", {"csrf": "wrong"}).status_code == 403
        stranger = requests.post(f"{officer.gateway.url}/terminals/{code}/{what}", data={}, timeout=20)
        assert "/login" in stranger.url
    change(officer, terminal, "place", **PLACE)
    change(officer, terminal, "hours")
    rows = sql(officer.gateway.data, "SELECT act, officer_id FROM audit WHERE detail = ? ORDER BY no", (code,))
    assert [act for act, _ in rows] == ["terminal_code", "terminal_place", "terminal_hours"]
    assert all(who is not None for _, who in rows)
    page = officer.get(f"/terminals/{code}").text
    assert page.count(f"<b>{OFFICER[0]}:</b>") == 3


def test_access_is_taken_away_only_after_a_question(officer: Officer, terminal: Terminal) -> None:
    code = code_of(terminal)
    asked = officer.get(f"/terminals/{code}/revoke")
    assert f'action="/terminals/{code}/revoke"' in asked.text
    beat(terminal)  # asking has changed nothing
    assert change(officer, terminal, "revoke").status_code == 200
    got = terminal.http.get(f"{terminal.gateway.url}/v1/places", headers=terminal.headers(), timeout=20)
    assert problem_of(got) == "revoked"
    public = requests.get(f"{officer.gateway.url}/lokasi.geojson", timeout=20).json()
    assert code not in {each["id"] for each in public["features"]}
    for path in ("/terminals/ZZZ", "/terminals/zzz", "/terminals/%27--", "/terminals/ZZZ/revoke"):
        assert officer.get(path).status_code == 404


def test_faults_in_words_and_since_when(officer: Officer, terminal: Terminal) -> None:
    beat(terminal, ("printer", "printer_paper_out"), ("card", "card_reader_missing"), queued=3, quarantined=0)
    page = officer.get(f"/terminals/{code_of(terminal)}").text
    assert "Kertas struk habis" in page
    assert "Pasang gulungan kertas baru" in page
    since = re.findall(r'<td class="nowrap">(\d\d\.\d\d)</td>', page)
    assert len(since) == 2
    fleet = officer.get("/terminals").text
    assert "Pasang gulungan kertas baru" in fleet[fleet.index('id="h-need"') : fleet.index("</section>")]
    beat(terminal)
    page = officer.get(f"/terminals/{code_of(terminal)}").text
    assert "Kertas struk habis" not in page
    assert re.findall(r'<td class="nowrap">(\d\d\.\d\d)</td>', page) == []


def test_what_holds_a_queue_is_shown_and_a_long_pause_needs_a_person(officer: Officer, terminal: Terminal) -> None:
    code = code_of(terminal)
    beat(terminal, ("printer", "printer_paper_near_end"), queued=2, held="paused", protection="tpm")
    page = officer.get(f"/terminals/{code}").text
    assert "Cip pengaman (TPM)" in page and "Dijeda petugas desa" in page and "Lewat USB terakhir" not in page
    data = officer.gateway.data
    sql(data, "UPDATE terminals SET since = '{\"queue/paused\": 1000}' WHERE code = ?", [code])
    page = officer.get("/terminals").text
    assert "Telepon desa: pengiriman dijeda" in page and re.search(r"<h1>[1-9]\d* anjungan", page)
    beat(terminal, queued=2, full=True)
    page = officer.get(f"/terminals/{code}").text
    assert "Kosongkan disknya: tidak terima baru" in page and "GB, penuh" in page
    beat(terminal, queued=2, devices=[{"role": "queue", "phase": "broken", "faults": ["cache_broken"]}])
    assert "Antrean tidak dapat dibuka" in officer.get(f"/terminals/{code}").text
    beat(terminal, held="budget", queued=2, protection="")
    page = officer.get(f"/terminals/{code}").text
    assert "Jatah data hari ini habis" in page and "2 menunggu" in page
    sql(
        data,
        "INSERT INTO imports (index_sha256, terminal_id, export, volume, imported_at, received, refused)"
        " SELECT ?, id, ?, 1, 1764000000, 12, 1 FROM terminals WHERE code = ?",
        ["0" * 64, "e" * 36, code],
    )  # fmt: skip
    assert re.search(
        r"Lewat USB terakhir</dt><dd>[^<]*: 12 diterima, 1 ditolak", officer.get(f"/terminals/{code}").text
    )


def test_the_public_data_is_for_anyone_and_names_no_fault(officer: Officer, terminal: Terminal) -> None:
    change(officer, terminal, "place", **PLACE, lat="-7.36", lng="108.54")
    beat(terminal, ("printer", "printer_paper_out"), queued=17)
    got = requests.get(f"{officer.gateway.url}/lokasi.geojson", timeout=20)
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["cache-control"] == "public, max-age=60"
    assert got.headers["content-type"].startswith("application/geo+json")
    feature = next(each for each in got.json()["features"] if each["id"] == code_of(terminal))
    assert feature["geometry"] == {"type": "Point", "coordinates": [108.54, -7.36]}
    assert set(feature["properties"]) == {
        *("code", "village", "district", "office", "address", "opening", "closed_until", "closed_reason"),
        *("open_now", "working", "as_of"),
    }
    again = requests.get(
        f"{officer.gateway.url}/lokasi.geojson", headers={"If-None-Match": got.headers["etag"]}, timeout=20
    )
    assert again.status_code in (200, 304)  # 200 where the minute has just changed
    for text in (got.text, requests.get(f"{officer.gateway.url}/lokasi", timeout=20).text):
        assert "printer" not in text
        assert "kertas" not in text.casefold()
        assert OFFICER[0] not in text
        assert "17" not in re.findall(r"\b\d+\b(?= menunggu)", text)
    page = requests.get(f"{officer.gateway.url}/lokasi", timeout=20)
    assert "set-cookie" not in page.headers
    assert "<script" not in page.text


def test_a_district_that_is_renamed_keeps_its_terminals(tmp_path: Path) -> None:
    data = tmp_path / "data"
    add_officer(data)
    gateway = Gateway(data).start()
    try:
        officer = Officer(gateway)
        officer.sign_in()
        csrf = officer.csrf(officer.get("/terminals"))
        for code, regency in (("AAA", "Kota A"), ("BBB", "Kota B")):
            officer.post("/terminals", {"csrf": csrf, "code": code, "phone": "", **PLACE, "regency": regency})
        assert "Kota A" in officer.get("/terminals").text
        got = officer.post("/terminals/AAA/place", {"csrf": csrf, **PLACE, "regency": "Kota Z"})
        assert got.status_code == 200
        page = officer.get("/terminals").text
        assert 'href="/terminals/AAA"' in page
        assert 'href="/terminals/BBB"' not in page
        assert "<option selected>Kota Z" in page
        assert 'href="/terminals/BBB"' in officer.get("/terminals", params={"regency": "Kota B"}).text
        assert "<option>Kota B" in requests.get(f"{gateway.url}/lokasi", timeout=20).text
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a thousand terminals."""
    data = tmp_path_factory.mktemp("crowd") / "data"
    add_officer(data)
    made = Gateway(data).start()
    office = Office.open(Settings(data))
    fill(office, 1000)
    office.database.close()
    yield made
    made.stop()


def test_a_thousand_terminals_fit_a_page(crowd: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    officer = Officer(crowd)
    officer.sign_in()
    took: dict[str, float] = {}
    for path in ("/terminals", "/lokasi", "/lokasi.geojson", "/terminals?show=ok&page=3", "/terminals?find=0417"):
        begun = time.perf_counter()
        got = officer.get(path)
        took[path] = time.perf_counter() - begun
        assert got.status_code == 200
        assert len(got.content) < 700_000
        assert got.text.count('class="name"') <= 100
        if path == "/terminals":
            assert "1000 baik" in got.text
        if path == "/terminals?find=0417":
            assert 'href="/terminals/AQB"' in got.text
    with capsys.disabled():
        print("\n1000 terminals: " + ", ".join(f"{path} {seconds:.2f} s" for path, seconds in took.items()))
    assert max(took.values()) < 5


@given(st.text(max_size=12) | st.from_regex(r"[+-]?\d{1,4}[.,]?\d{0,14}", fullmatch=True))
def test_degrees_are_millionths_or_refused(text: str) -> None:
    try:
        read = micro(text)
    except TerminalError:
        return
    assert read is None or abs(read - float(text.replace(",", ".").replace("−", "-").strip("° ")) * 1e6) <= 0.51


@given(
    st.dictionaries(
        st.sampled_from([f"{end}{day}" for day in range(7) for end in ("opens", "closes")]), st.text(max_size=6)
    )
)
def test_hours_are_read_or_refused(form: dict[str, str]) -> None:
    try:
        read = hours.read(form)
    except hours.HoursError:
        return
    assert all(isinstance(each, Opening) and each.opens < each.closes for each in read)
    days = [day for each in read for day in each.days]
    assert len(days) == len(set(days))
