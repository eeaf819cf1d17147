"""The officers' pages over real HTTP: set-up, sign-in, reading, deciding, what must not be shown."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pikepdf
import pytest
import requests
from PIL import Image

from tests.gateway.backends import EMBEDDED, sql
from tests.gateway.rig import NAME, NIK, OFFICER, Gateway, Officer, Packet, Terminal, picture, run
from tests.gateway.shelf import folder_of

BACKENDS = EMBEDDED  # test_dossier, test_completions and test_courier ask both databases the same questions


@pytest.fixture
def officer(gateway: Gateway) -> Officer:
    """An officer who is signed in."""
    made = Officer(gateway)
    assert made.sign_in().url.endswith("/inbox")
    return made


@pytest.fixture
def sent(terminal: Terminal) -> Packet:
    """A received application with four pages."""
    packet = terminal.packet(pages=4)
    terminal.send(packet)
    return packet


def version(page: requests.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found, page.text
    return found.group(1)


def decide(officer: Officer, page: requests.Response, number: str, **fields: str) -> requests.Response:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return officer.post(
        f"/applications/{number}/decision", {"csrf": officer.csrf(page), "version": version(page), **named}
    )


def feed(terminal: Terminal, number: str) -> list[tuple[str, list[dict[str, str]]]]:
    got = terminal.http.get(f"{terminal.gateway.url}/v1/changes", headers=terminal.headers(), timeout=20).json()
    return [(row["state"], row["reasons"]) for row in got["changes"] if row["number"] == number]


def test_the_first_account_is_made_with_the_consoles_code(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data").start()
    officer = Officer(gateway)
    assert gateway.setup_code is not None
    page = officer.get("/inbox")
    assert page.url.endswith("/setup")
    fields = {"csrf": officer.csrf(page), "name": OFFICER[0], "login": "rina", "password": OFFICER[2]}
    assert officer.post("/setup", {**fields, "code": "AAAA-AAAA-AAAA-AAAA"}).status_code == 422
    assert officer.post("/setup", {**fields, "password": "short", "code": gateway.setup_code}).status_code == 422
    assert officer.post("/setup", {**fields, "code": gateway.setup_code.lower()}).url.endswith("/inbox")
    # The code is spent, for this process and for the next.
    other = Officer(gateway)
    assert other.get("/setup").url.endswith("/login")
    gateway.stop()
    gateway.start()
    assert gateway.setup_code is None
    gateway.stop()


def test_every_page_asks_for_a_sign_in(gateway: Gateway, sent: Packet) -> None:
    stranger = Officer(gateway)
    for path in ("/", "/inbox", "/terminals", f"/applications/{sent.number}"):
        assert "/login" in stranger.get(path).url
    for path in ("pages/1.jpg", "application.pdf", "application.json"):
        got = stranger.get(f"/applications/{sent.number}/{path}")
        assert "/login" in got.url
        assert got.headers["content-type"].startswith("text/html")


def test_five_wrong_passwords_lock_the_account_and_an_unknown_one_alike(gateway: Gateway) -> None:
    run(
        "gateway",
        "officer",
        "add",
        "--data",
        str(gateway.data),
        "--name",
        "Dadan H",
        "--login",
        "dadan",
        stdin="x" * 12,
    )
    for login in ("dadan", "nobody"):
        officer = Officer(gateway)
        assert [officer.sign_in(login, "wrong password").status_code for _ in range(5)] == [401] * 5
        assert officer.sign_in(login, "x" * 12).status_code == 429


def test_a_post_without_the_sessions_token_does_nothing(officer: Officer, sent: Packet, terminal: Terminal) -> None:
    page = officer.get(f"/applications/{sent.number}")
    before = feed(terminal, sent.number)
    for csrf in ("", "x" * 43):
        for path in (f"/applications/{sent.number}/decision", "/terminals", "/logout"):
            fields = {"csrf": csrf, "version": version(page), "decision": "approved"}
            assert officer.post(path, fields).status_code == 403
    assert officer.post(f"/applications/{sent.number}/decision", {"decision": "approved"}).status_code == 403
    assert feed(terminal, sent.number) == before
    assert officer.get("/inbox").url.endswith("/inbox")


def test_the_cookie_is_closed_to_scripts_and_other_sites(officer: Officer) -> None:
    page = officer.get("/login")
    assert "HttpOnly" in page.headers["set-cookie"]
    assert "SameSite=strict" in page.headers["set-cookie"]
    cookie = next(cookie for cookie in officer.http.cookies if cookie.name == "adm_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


def test_no_page_carries_a_script_or_a_style(officer: Officer, sent: Packet) -> None:
    for path in ("/inbox", f"/applications/{sent.number}", "/terminals", "/login"):
        page = officer.get(path)
        assert page.headers["content-security-policy"].startswith("default-src 'self'")
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", page.text)


def test_the_list_holds_no_name_and_no_nik(officer: Officer, sent: Packet) -> None:
    page = officer.get("/inbox")
    assert sent.number in page.text
    assert NIK not in page.text
    for word in NAME.split():
        assert word not in page.text.upper().replace("DATA CONTOH", "")


def test_nothing_personal_stands_in_the_database_or_the_store_in_clear(gateway: Gateway, sent: Packet) -> None:
    for path in gateway.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert NIK.encode() not in data, path
            assert NAME.encode() not in data, path
            assert b"\xff\xd8\xff\xe0" not in data[:4096], path


def test_opening_shows_the_words_is_recorded_and_puts_it_under_review(
    officer: Officer, sent: Packet, terminal: Terminal
) -> None:
    assert [state for state, _ in feed(terminal, sent.number)] == ["received"]
    page = officer.get(f"/applications/{sent.number}")
    assert NIK in page.text
    assert NAME in page.text
    assert [state for state, _ in feed(terminal, sent.number)] == ["received", "in_review"]
    officer.get(f"/applications/{sent.number}?page=2")
    acts = sql(officer.gateway.data, "SELECT act FROM audit WHERE submission_id = ? ORDER BY no", (sent.id,))
    assert acts == [("opened",)]
    for n in range(1, 5):
        assert f"/applications/{sent.number}/pages/{n}.jpg" in page.text


def test_a_page_is_a_picture_with_the_readers_name_burnt_in(officer: Officer, terminal: Terminal) -> None:
    white = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(white, "JPEG")
    packet = terminal.packet(pages=1, page=white.getvalue())
    terminal.send(packet)
    address = f"/applications/{packet.number}/pages/1.jpg"
    shown = officer.get(address)
    assert shown.headers["cache-control"] == "no-store"
    fitted = Image.open(io.BytesIO(shown.content)).convert("L")
    dark = sum(fitted.histogram()[:235])
    assert 0.002 < dark / (fitted.width * fitted.height) < 0.2
    assert sum(fitted.histogram()[:120]) == 0  # pale: the page stays legible
    turned = Image.open(io.BytesIO(officer.get(address + "?turn=90").content))
    assert (turned.width > turned.height) is (fitted.width < fitted.height)
    large = Image.open(io.BytesIO(officer.get(address + "?zoom=200").content))
    assert large.width > 2 * fitted.width
    for nonsense in ("?zoom=9999999&turn=7", "?zoom=x", "?page=-1"):
        assert officer.get(address + nonsense).status_code == 200
    assert officer.get(f"/applications/{packet.number}/pages/2.jpg").status_code == 404


def test_a_part_that_is_no_picture_is_said_so_and_breaks_nothing(officer: Officer, terminal: Terminal) -> None:
    packet = terminal.packet(pages=1, page=b"no picture at all")
    terminal.send(packet)
    assert officer.get(f"/applications/{packet.number}").status_code == 200
    assert officer.get(f"/applications/{packet.number}/pages/1.jpg").status_code == 404


def test_a_correction_names_paper_and_reason_and_travels(officer: Officer, sent: Packet, terminal: Terminal) -> None:
    page = officer.get(f"/applications/{sent.number}")
    assert decide(officer, page, sent.number, decision="needs_correction").status_code == 422
    assert decide(officer, page, sent.number, decision="needs_correction", reason__kk="nonsense").status_code == 422
    shown = officer.post(
        f"/applications/{sent.number}/preview",
        {"csrf": officer.csrf(page), "decision": "needs_correction", "reason.kk": "cut_off"},
    )
    words = re.search(r'<option value="cut_off">([^<]+)</option>', page.text)
    assert words
    assert shown.text.count(words.group(1)) > page.text.count(words.group(1))
    assert len(feed(terminal, sent.number)) == 2  # looking decides nothing
    got = decide(officer, page, sent.number, decision="needs_correction", reason__kk="cut_off", reason__="office_visit")
    assert got.status_code == 200
    assert feed(terminal, sent.number)[-1] == (
        "needs_correction",
        [{"code": "cut_off", "paper": "kk"}, {"code": "office_visit", "paper": ""}],
    )


def test_approved_then_ready_and_no_other_order(officer: Officer, sent: Packet, terminal: Terminal) -> None:
    page = officer.get(f"/applications/{sent.number}")
    assert decide(officer, page, sent.number, decision="ready").status_code == 422
    assert decide(officer, page, sent.number, decision="issued").status_code == 422
    page = decide(officer, page, sent.number, decision="approved")
    page = decide(officer, page, sent.number, decision="ready")
    assert [state for state, _ in feed(terminal, sent.number)] == ["received", "in_review", "approved", "ready"]
    assert 'action="/applications' not in page.text  # nothing is left to decide
    assert sent.number in officer.get("/inbox?queue=ready").text
    assert sent.number not in officer.get("/inbox").text


def test_a_stale_decision_is_refused(officer: Officer, sent: Packet, terminal: Terminal) -> None:
    mine = officer.get(f"/applications/{sent.number}")
    other = Officer(officer.gateway)
    other.sign_in()
    theirs = other.get(f"/applications/{sent.number}")
    assert decide(other, theirs, sent.number, decision="needs_correction", reason__kk="copy").status_code == 200
    assert decide(officer, mine, sent.number, decision="approved").status_code == 409
    assert [state for state, _ in feed(terminal, sent.number)][-1] == "needs_correction"


def test_pdf_and_json_carry_the_whole_application(officer: Officer, terminal: Terminal) -> None:
    page = picture("exact")
    packet = terminal.packet(pages=4, page=page)
    terminal.send(packet)
    got = officer.get(f"/applications/{packet.number}/application.pdf")
    assert got.headers["content-disposition"] == f'attachment; filename="{packet.number}.pdf"'
    with pikepdf.open(io.BytesIO(got.content)) as document:
        assert len(document.pages) == 4
        assert next(iter(document.pages[0].get_images().values())).read_raw_bytes() == page  # not a pixel was changed
        with document.open_outline() as outline:
            assert len(outline.root) == 4
        assert packet.number in str(document.open_metadata()["dc:title"])
    words = json.loads(officer.get(f"/applications/{packet.number}/application.json").content)
    assert (words["number"], words["nik"], words["fields"]["name"]) == (packet.number, NIK, NAME)
    assert [part["paper"] for part in words["pages"]] == ["f102", "f102", "police", "kk"]


def test_the_store_and_the_office_key_open_an_application_without_the_gateway(
    gateway: Gateway, terminal: Terminal, tmp_path: Path
) -> None:
    page = picture("exact")
    packet = terminal.packet(pages=2, page=page)
    terminal.send(packet)
    store = folder_of(gateway.data, tmp_path / "store")
    for key in ("office.age", "escrow.age"):
        out = tmp_path / key
        words = ("--store", str(store), "--key", str(gateway.data / "keys" / key))
        run("gateway.office.open", *words, "--number", packet.number, "--out", str(out))
        assert (out / "page-1.jpg").read_bytes() == page
        assert (out / "page-2.jpg").read_bytes() == page
        assert json.loads((out / "form.json").read_text())["fields"]["name"] == NAME
        assert (out / "application.pdf").read_bytes().startswith(b"%PDF")


def test_search_finds_a_number_however_it_is_typed(officer: Officer, sent: Packet) -> None:
    typed = sent.number.lower().replace("-", " ")
    assert officer.get("/inbox", params={"q": typed}).url.endswith(f"/applications/{sent.number}")
    got = officer.get("/inbox", params={"q": "<b>XYZ-1-1"})
    assert "&lt;b&gt;XYZ" in got.text
    assert officer.get("/applications/XYZ-1-1").status_code == 404


def test_a_terminal_made_on_the_page_enrols_and_shows_its_heartbeat(officer: Officer) -> None:
    page = officer.get("/terminals")
    fields = {
        "csrf": officer.csrf(page),
        "code": "hgs",
        "village": "Desa Hegarsari",
        "district": "Kec. Pataruman",
        "regency": "Kota Banjar",
        "office": "Disdukcapil Kota Banjar",
        "phone": "",
    }
    assert officer.post("/terminals", {**fields, "code": "H1"}).status_code == 422
    shown = officer.post("/terminals", fields)
    code = re.search(r"ADM1\.[A-Za-z0-9_-]+", shown.text)
    assert code
    terminal = Terminal(officer.gateway).enrol(code.group(0))
    beat = {
        "v": 1,
        "version": "9.8.7",
        "wall": "",
        "boot_id": "",
        "uptime_s": 1,
        "queued": 3,
        "quarantined": 0,
        "last_seq": 0,
        "disk_free": 2**33,
        "devices": [{"role": "printer", "phase": "needs_attention", "faults": ["paper_out"]}],
        "cursor": 0,
    }
    terminal.http.post(
        f"{officer.gateway.url}/v1/heartbeat", data=json.dumps(beat), headers=terminal.headers(), timeout=20
    ).raise_for_status()
    after = officer.get("/terminals/HGS").text
    assert "9.8.7" in after
    assert code.group(0) not in after + officer.get("/terminals").text  # shown once


def test_signing_out_ends_the_session_on_the_server(officer: Officer) -> None:
    kept = officer.http.cookies.get("adm_session")
    page = officer.get("/inbox")
    officer.post("/logout", {"csrf": officer.csrf(page)})
    got = requests.get(f"{officer.gateway.url}/inbox", cookies={"adm_session": str(kept)}, timeout=20)
    assert "/login" in got.url
    got = officer.post(
        "/login?next=//evil.example",
        {
            "csrf": officer.csrf(officer.get("/login")),
            "login": OFFICER[1],
            "password": OFFICER[2],
            "next": "//evil.example",
        },
        allow_redirects=False,
    )
    assert got.headers["location"] == "/inbox"
