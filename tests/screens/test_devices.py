"""What the screens say of scanner, card reader and code scanner: read from the tree, and the bar from the pixels."""

from __future__ import annotations

from pathlib import Path

import pytest
from kivy.core.window import Window
from PIL import Image

from kiosk.status import DeviceView, KioskStatus
from screens.theme import LIGHT
from tests.screens.crafted import bed, scanner
from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES

CARDS = [name for name in STATUSES if name.startswith("card_")]


def words(window: Driver, status: KioskStatus, language: str = "id") -> list[str]:
    window.show(status.model_copy(update={"language": language}))
    return [node["label"] for node in window.nodes()]


def idents(window: Driver) -> set[str]:
    return {node["id"] for node in window.nodes() if node["role"] == "button"}


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080)], ids=["portrait", "landscape"])
def test_no_key_moves_when_a_card_comes_or_goes(window: Driver, size: tuple[int, int]) -> None:
    Window.size = size
    places: list[dict[str, list[int]]] = []
    try:
        for name in CARDS:
            window.show(STATUSES[name][1])
            keys = {node["id"]: node["rect"] for node in window.nodes() if node["id"].startswith("key_")}
            places.append({**keys, "next": window.find("next")["rect"]})
    finally:
        Window.size = (1080, 1920)
        window.frames(6)
    assert len(places[0]) == 13
    assert all(place == places[0] for place in places)


@pytest.mark.parametrize(
    ("name", "said", "buttons"),
    [
        ("nik", "", set()),
        ("card_hint", "Letakkan KTP-el di pembaca (boleh dilewati)", set()),
        ("card_new_early", "Kartu terbaca. Ketik NIK sampai lengkap dahulu.", set()),
        ("card_new", "Boleh dilewati. Yang disimpan hanya tanda acak, bukan NIK.", {"remember_card"}),
        ("card_remembered", "Kartu ini diingat", {"forget_card"}),
        ("card_confirmed", "Kartu ini cocok dengan NIK di atas", set()),
        ("card_random", "Kartu ini tidak dapat diingat", set()),
        ("card_turned", "Balik kartunya, lalu letakkan lagi", set()),
        ("card_other", "Kartu ini bukan KTP-el", set()),
    ],
)
def test_one_line_about_the_card(window: Driver, name: str, said: str, buttons: set[str]) -> None:
    window.show(STATUSES[name][1])
    assert [node["label"] for node in window.nodes() if node["id"] == "card"] == ([said] if said else [])
    assert idents(window) & {"remember_card", "forget_card"} == buttons


def test_a_reader_that_is_silent_is_not_asked_for(window: Driver) -> None:
    status = STATUSES["card_hint"][1]
    devices = (*status.devices[:2], DeviceView(role="card", phase="unknown"))
    window.show(status.model_copy(update={"devices": devices}))
    assert not [node for node in window.nodes() if node["id"] == "card"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scan_bed", "Letakkan halaman menghadap ke bawah, rapat ke pojok"),
        ("scan_bed_running", "Jangan buka tutupnya."),
        ("scan_bed_checking", "Memeriksa gambar…"),
        ("scan_bed_busy", "Pemindai sedang sibuk. Mohon tunggu sebentar."),
        ("scan_feeder", "Masukkan satu lembar ke pemindai"),
        ("scan_feeder_running", "Jangan tarik kertasnya."),
        ("scan_feeder_empty", "Letakkan kertas di pemindai."),
        ("scanner_jam", "Buka tutupnya, tarik kertas lurus, lalu tutup lagi."),
        ("scanner_cover", "Tutup penutupnya sampai rapat."),
        ("scanner_double", "Keluarkan kertas. Masukkan satu per satu."),
        ("scanner_off", "Petugas akan menyalakan pemindai."),
        ("scanner_silent", "Pemindai sedang disiapkan atau mati."),
        ("page_refused_bed", "Letakkan halaman rapat ke pojok."),
        ("page_refused_feeder", "Masukkan satu lembar dengan lurus."),
        ("choose_source_half", "Pakai pemindai: Tidak menyala"),
        ("choose_source_none", "Pakai pemindai: Tidak menjawab"),
        ("status_number", "Atau letakkan struk di bawah kamera"),
        ("status_number_code", "Atau arahkan kode kotak struk ke pemindai kode"),
    ],
)
def test_it_says_what_to_do(window: Driver, name: str, said: str) -> None:
    assert said in words(window, STATUSES[name][1])


@pytest.mark.parametrize("name", ["scan_bed_blocked", "scanner_jam", "scanner_silent", "camera_out_scanner"])
def test_what_is_safe_is_said_before_what_failed(window: Driver, name: str) -> None:
    seen = words(window, STATUSES[name][1])
    safe = seen.index("Isian dan pindaian Anda tetap tersimpan.")
    failed = {"scan_bed_blocked": "Selembar kertas tersangkut di pemindai."}.get(
        name, "Panggil petugas dengan tombol di bawah."
    )
    assert safe < seen.index(failed)


def test_the_other_device_is_offered_only_while_it_can_take_pages(window: Driver) -> None:
    both, camera_off = bed(), (scanner()[0], DeviceView(role="camera", phase="offline"), scanner()[2])
    for devices, sources, offered in (
        (scanner(), ("camera", "scanner"), {"use_camera"}),
        (camera_off, ("camera", "scanner"), set()),
        (scanner(), ("scanner",), set()),
    ):
        assert both.visit is not None
        visit = both.visit.model_copy(update={"sources": sources})
        window.show(both.model_copy(update={"devices": devices, "visit": visit}))
        assert idents(window) & {"use_camera", "use_scanner"} == offered


@pytest.mark.parametrize("share", [0.0, 0.43, 0.9])
def test_the_bar_is_as_long_as_the_scan_is_far(window: Driver, tmp_path: Path, share: float) -> None:
    window.show(bed(scanner("busy"), capturing=True, progress=share))
    digits = window.find("progress")
    assert digits["label"] == f"{share:.0%}".replace("%", " %")
    x, y, _, height = digits["rect"]
    window.shot(str(tmp_path / "bar.png"))
    with Image.open(tmp_path / "bar.png") as shot:
        row = [shot.convert("RGB").getpixel((at, y + height // 2)) for at in range(70, x - 20)]
    done, rest = (row.count(tuple(bytes.fromhex(LIGHT[name]))) for name in ("primary", "track"))
    assert done + rest > 700
    assert done / (done + rest) == pytest.approx(share, abs=0.06)
