"""The courier's page in a real Chromium: files chosen by their label, what became of them, and the answer saved."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.gateway.volumes import made
from tests.web.conftest import District
from tests.web.yard import Eyes
from wire import canon


def test_an_officer_takes_a_stick_in(eyes: Eyes, district: District, page: Page, tmp_path: Path) -> None:
    terminal = district.terminals["Hegarcinta"]
    packets = [terminal.packet(pages=1) for _ in range(3)]
    part = list(packets[2].parts)[1]
    good = made(terminal, *packets[:2])
    damaged = made(terminal, packets[2]).with_file(f"{part}.age", bytes(len(packets[2].parts[part])))
    strange = tmp_path / "liburan.adm"
    strange.write_bytes(b"\xff\xd8" * 900)
    page.goto(f"{district.gateway.url}/inbox")
    page.get_by_role("link", name="Kurir USB").click()
    expect(page.get_by_text("Belum ada yang datang lewat kurir.")).to_be_visible()
    eyes.look(page, "courier-empty")
    page.get_by_label("Berkas dari flashdisk").set_input_files([good.write(tmp_path), damaged.write(tmp_path), strange])
    page.get_by_role("button", name="Terima").click()
    status = page.get_by_role("status")
    expect(status.get_by_role("listitem")).to_have_count(3)
    expect(status).to_contain_text("2 permohonan diterima")
    expect(status).to_contain_text("Salin lagi di anjungan.")
    expect(status).to_contain_text("Ini bukan berkas dari anjungan.")
    eyes.look(page, "courier")
    with page.expect_download() as saved:
        status.get_by_role("link", name=f"Resi untuk {good.index.name()}").click()
    assert saved.value.suggested_filename == f"{good.index.name()}.resi"
    saved.value.save_as(tmp_path / "answer")
    assert canon.Envelope.read((tmp_path / "answer").read_bytes()).payload["name"] == good.index.name()
    page.goto(f"{district.gateway.url}/courier")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("row", name=good.index.name())).to_contain_text("Hegarcinta")
    eyes.look(page, "courier-later")
