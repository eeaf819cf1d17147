"""The officers' pages in a real Chromium, by their labels and buttons alone; axe measures each."""

from __future__ import annotations

import io
import re
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.gateway.rig import NIK, OFFICER, Gateway, Terminal
from tests.web.conftest import District
from tests.web.yard import Eyes, beat

F102 = [("f102", 1), ("f102", 2)]


def test_set_up_first_account_and_first_terminal(eyes: Eyes, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data").start()
    context = eyes.open()
    try:
        page = context.new_page()
        page.goto(gateway.url)
        expect(page).to_have_url(f"{gateway.url}/setup")
        eyes.look(page, "setup")
        page.get_by_label("Kode dari konsol peladen").fill("AAAA-AAAA-AAAA-AAAA")
        page.get_by_label("Nama Anda").fill(OFFICER[0])
        page.get_by_label("Nama akun").fill(OFFICER[1])
        page.get_by_label("Sandi").fill(OFFICER[2])
        page.get_by_role("button", name="Buat akun").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Kode dari konsol peladen").fill(str(gateway.setup_code))
        page.get_by_label("Sandi").fill(OFFICER[2])
        page.get_by_role("button", name="Buat akun").click()
        page.wait_for_url("**/inbox")
        eyes.look(page, "inbox-empty")
        page.get_by_role("link", name="Anjungan").click()
        eyes.look(page, "fleet-empty")
        for label, value in (
            ("Kode anjungan", "kmt"),
            ("Desa", "Desa Karyamukti"),
            ("Kecamatan", "Kec. Pataruman"),
            ("Kabupaten/kota", "Kota Banjar"),
            ("Kantor Dukcapil", "Disdukcapil Kota Banjar"),
        ):
            page.get_by_label(label, exact=True).fill(value)
        page.get_by_role("button", name="Buat kode pendaftaran").click()
        code = page.get_by_label("Kode pendaftaran", exact=True).input_value()
        eyes.look(page, "enrolment-code")
        with Image.open(io.BytesIO(page.locator(".qr svg").screenshot())) as drawn:
            assert [read.text for read in zxingcpp.read_barcodes(drawn)] == [code]
        assert Terminal(gateway).enrol(code).answer is not None
        page.get_by_role("link", name="Isi letak dan jam bukanya").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Karyamukti KMT")
        page.get_by_role("button", name="Keluar").click()
        page.wait_for_url("**/login")
        eyes.look(page, "login")
    finally:
        context.close()
        gateway.stop()


def test_an_application_is_read_and_decided(eyes: Eyes, district: District, page: Page) -> None:
    terminal = district.terminals["Awiluar"]
    packet = terminal.packet(pages=4)
    terminal.send(packet)
    page.goto(f"{district.gateway.url}/inbox")
    eyes.look(page, "inbox")
    assert NIK not in page.content()
    page.get_by_role("link", name=packet.number, exact=True).click()
    expect(page.get_by_text(NIK)).to_be_visible()
    eyes.look(page, "application")
    page.get_by_label("Perlu perbaikan").check()
    page.get_by_label(re.compile("KK|Kartu Keluarga")).first.select_option(index=2)
    page.get_by_role("button", name="Tampilkan kalimatnya").click()
    eyes.look(page, "application-words")
    page.get_by_role("button", name="Kirim ke warga").click()
    expect(page.locator(".steps li").last).to_be_visible()
    assert feed(terminal, packet.number)[-1] == "needs_correction"


def test_incomplete_then_completed_then_approved(eyes: Eyes, district: District, page: Page) -> None:
    here, there = district.terminals["Dukuhseda"], district.terminals["Indrajaya"]
    first = here.packet(papers=F102, missing=("police", "kk"))
    here.send(first)
    page.goto(f"{district.gateway.url}/applications/{first.number}")
    expect(page.get_by_text("Belum lengkap").first).to_be_visible()
    eyes.look(page, "application-incomplete")
    there.send(there.packet(papers=[("police", 1), ("kk", 1)], completes=first))
    page.reload()
    expect(page.get_by_text("Belum lengkap")).to_have_count(0)
    eyes.look(page, "application-completed")
    page.get_by_role("link", name="Ekspor").click()
    eyes.look(page, "export")
    page.go_back()
    page.get_by_label("Setujui").check()
    page.get_by_role("button", name="Kirim ke warga").click()
    page.wait_for_load_state()
    assert feed(here, first.number)[-1] == "approved"


def test_the_fleet_names_who_needs_a_person_and_shows_where(eyes: Eyes, district: District, page: Page) -> None:
    page.goto(f"{district.gateway.url}/terminals")
    need = page.get_by_role("region", name=re.compile("Perlu orang"))
    expect(need.get_by_role("listitem")).to_have_count(4)
    expect(need).to_contain_text("Pasang gulungan kertas baru")
    expect(page.get_by_role("region", name=re.compile("Pantau"))).to_contain_text("Cikakak")
    expect(page.get_by_role("region", name=re.compile("Selebihnya"))).to_contain_text("baik")
    expect(plan(page).get_by_role("link")).to_have_count(9)
    eyes.look(page, "fleet")
    plan(page).get_by_role("link", name=re.compile("Ekasari")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chosen")).to_contain_text("Ekasari: Buka pemindai")
    expect(plan(page).locator("a.sel")).to_have_attribute("aria-label", re.compile("Ekasari"))
    page.get_by_label("Cari desa atau anjungan").fill("tengah")
    page.get_by_role("button", name="Saring").click()
    expect(plan(page).get_by_role("link")).to_have_count(3)
    page.get_by_role("link", name="Ekasari", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ekasari EKS")


def test_a_terminal_that_is_held_says_why(eyes: Eyes, district: District, page: Page) -> None:
    here = district.terminals["Cikakak"]
    for held, words in (("quiet", "Mengirim setelah jam tenang"), ("paused", "Dijeda petugas desa")):
        beat(here, queued=2, held=held, protection="file", full=False)
        page.goto(f"{district.gateway.url}/terminals")
        watch = page.get_by_role("region", name=re.compile("Pantau"))
        expect(watch.get_by_role("listitem").filter(has_text="Cikakak")).to_contain_text(words)
    page.get_by_role("link", name="Cikakak", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Dijeda petugas desa. Sejak")
    expect(page.get_by_text("Hanya berkas", exact=True)).to_be_visible()
    eyes.look(page, "terminal-held")
    beat(here, queued=2, full=True)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Kosongkan disknya")
    expect(page.get_by_text("41 GB, penuh")).to_be_visible()
    beat(here, ("printer", "printer_paper_near_end"))


def test_a_terminal_gets_its_hours_and_residents_see_them(eyes: Eyes, district: District, page: Page) -> None:
    page.goto(f"{district.gateway.url}/terminals/BJH")
    expect(page.get_by_role("status")).to_contain_text("Pasang gulungan kertas baru")
    expect(page.get_by_role("row", name=re.compile("Printer struk"))).to_contain_text("Kertas struk habis")
    eyes.look(page, "terminal")
    page.get_by_text("Ubah jam buka").click()
    page.get_by_text("Ubah letak").click()
    eyes.look(page, "terminal-forms")
    for day in ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"):
        page.get_by_label(f"{day}, buka").fill("00.00")
        page.get_by_label(f"{day}, tutup").fill("23.59")
    page.get_by_role("button", name="Simpan jam buka").click()
    expect(page.get_by_role("region", name="Jam buka")).to_contain_text("Senin – Minggu")
    page.get_by_text("Ubah letak").click()
    page.get_by_label("Lintang").fill("108,55")
    page.get_by_label("Bujur").fill("-7,31")
    page.get_by_role("button", name="Simpan letak").click()
    expect(page.get_by_role("alert")).to_contain_text("Lintang lebih dulu")
    page.get_by_label("Lintang").fill("-7,31")
    page.get_by_label("Bujur").fill("108,55")
    page.get_by_role("button", name="Simpan letak").click()
    page.locator("summary", has_text="Tutup sementara").click()
    eyes.look(page, "terminal-close")
    page.goto(f"{district.gateway.url}/terminals/BJH/revoke")
    eyes.look(page, "revoke")
    page.get_by_role("link", name="Biarkan").click()
    expect(page.get_by_role("link", name="Cabut akses")).to_be_visible()


def test_anyone_finds_a_terminal_without_a_script(eyes: Eyes, district: District) -> None:
    hours = {f"{end}{day}": time for day in range(7) for end, time in (("opens", "00.00"), ("closes", "23.59"))}
    csrf = district.officer.csrf(district.officer.get("/terminals"))
    assert district.officer.post("/terminals/EKS/hours", {"csrf": csrf, **hours}).status_code == 200
    context = eyes.browser.new_context(java_script_enabled=False, locale="id-ID")
    try:
        page = context.new_page()
        page.goto(f"{district.gateway.url}/lokasi")
        expect(page.get_by_role("article")).to_have_count(9)
        page.get_by_label("Buka sekarang").check()
        page.get_by_role("button", name="Cari").click()
        opened = page.get_by_role("article").filter(has_text="Ekasari")
        expect(opened).to_contain_text("Buka sampai 23.59")
        expect(opened).to_contain_text("Sebagian tidak jalan")
        expect(page.get_by_role("article").filter(has_text="Awiluar")).to_have_count(0)
        page.goto(f"{district.gateway.url}/lokasi")
        page.get_by_label("Cari desa").fill("felanti")
        page.get_by_role("button", name="Cari").click()
        expect(page.get_by_role("article")).to_have_count(1)
        expect(page.get_by_role("article")).to_contain_text("Belum ada kabar")
    finally:
        context.close()


def test_the_public_page_fits_phone_and_desk(eyes: Eyes, district: District) -> None:
    context = eyes.open()
    try:
        page = context.new_page()
        page.goto(f"{district.gateway.url}/lokasi")
        eyes.look(page, "locations")
        plan(page).get_by_role("link", name=re.compile("Bojonghilir")).click()
        expect(page.get_by_role("article")).to_have_count(1)
        eyes.look(page, "locations-one")
        page.goto(f"{district.gateway.url}/lokasi?q=tidakada")
        eyes.look(page, "locations-none")
        page.goto(f"{district.gateway.url}/tidak-ada")
        eyes.look(page, "not-found")
    finally:
        context.close()


def plan(page: Page) -> Locator:
    """The map that is seen at this size."""
    return page.get_by_label("Anjungan di peta").locator("visible=true")


def feed(terminal: Terminal, number: str) -> list[str]:
    """The states of a number, as a terminal hears them."""
    got = terminal.http.get(
        f"{terminal.gateway.url}/v1/changes", params={"after": 0}, headers=terminal.headers(), timeout=20
    )
    return [row["state"] for row in got.json()["changes"] if row["number"] == number]
