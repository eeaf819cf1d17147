"""Requirements, locations and the staff's pages: what each button says, and what a person reads there."""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from kivy.tests.common import UnitTestTouch
from kivy.uix.widget import Widget

from kiosk import intents as say
from kiosk.intents import Intent
from kiosk.status import KioskStatus
from kiosk.status_staff import StaffView
from screens import i18n
from screens.widgets.devices import PHASES, SILENT, phase_of
from screens.widgets.press import Pressable
from tests.screens import samples
from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES

BUTTONS: list[tuple[str, str, Intent]] = [
    ("browse", "group_ktp", say.ChooseGroup(group="ktp")),
    ("browse", "service_KK-HILANG-RUSAK", say.ChooseService(code="KK-HILANG-RUSAK")),
    ("browse", "back", say.Back()),
    ("browse_asking", "answer_damaged", say.Answer(question="why", answer="damaged")),
    ("browse_asking", "apply", say.Apply()),
    ("browse_first", "next", say.Next()),
    ("browse_service", "print_slip", say.PrintSlip()),
    ("browse_service", "apply", say.Apply()),
    ("slip_failed", "print_slip", say.PrintSlip()),
    ("locations", "group_Banjar", say.ChooseGroup(group="Banjar")),
    ("locations", "page_next", say.TurnPage(by=1)),
    ("locations_last", "page_back", say.TurnPage(by=-1)),
    ("locations_many", "districts_next", say.ChooseGroup(group="Padaherang")),
    ("locations", "back", say.Back()),
    ("staff_pin", "key_7", say.Key(key="7")),
    ("staff_pin", "next", say.Next()),
    ("staff_pin_wrong", "leave", say.End()),
    ("staff_home", "test_printer", say.TestDevice(role="printer")),
    ("staff_home", "test_line", say.TestDevice(role="line")),
    ("staff_home", "leave", say.End()),
    ("staff_test", "back", say.Back()),
    ("staff_test_asking", "test_yes", say.TestAnswer(yes=True)),
    ("staff_test_asking", "test_no", say.TestAnswer(yes=False)),
    ("staff_test_failed", "test_again", say.TestDevice(role="scanner")),
    ("staff_home", "open_send", say.OpenStaff(page="send")),
    ("staff_home_paused", "open_send", say.OpenStaff(page="send")),
    ("send", "pause", say.Hold(on=True)),
    ("send", "try_line", say.TryLine()),
    ("send", "open_courier", say.OpenStaff(page="courier")),
    ("send_paused", "resume", say.Hold(on=False)),
    ("send_paused", "open_refused", say.OpenStaff(page="refused")),
    ("send_revoked", "open_courier", say.OpenStaff(page="courier")),
    ("send_broken", "back", say.Back()),
    ("refused", "send_again", say.SendAgain()),
    ("refused", "page_next", say.TurnPage(by=1)),
    ("courier_stick", "courier_export", say.Courier(act="export")),
    ("courier_stick", "courier_take", say.Courier(act="take")),
    ("courier_exporting", "back", say.Back()),
]


@pytest.mark.parametrize(("name", "ident", "intent"), BUTTONS, ids=[f"{name}-{ident}" for name, ident, _ in BUTTONS])
def test_a_button_says_its_intent(window: Driver, name: str, ident: str, intent: Intent) -> None:
    window.show(STATUSES[name][1])
    window.tap(ident)
    assert window.said == [intent]


@pytest.mark.parametrize(
    ("name", "ident"),
    [
        ("browse_asking", "print_slip"),
        ("slip_printing", "print_slip"),
        ("slip_done", "print_slip"),
        ("locations", "page_back"),
        ("locations_last", "page_next"),
        ("locations_many", "districts_back"),
        ("staff_pin_unset", "key_7"),
        ("staff_pin_locked", "next"),
        ("slip_spent", "print_slip"),
        ("send", "open_refused"),
        ("refused", "page_back"),
        ("refused_none", "send_again"),
        ("courier_no_stick", "courier_export"),
        ("courier_pulled", "courier_take"),
    ],
)
def test_a_disabled_button_is_deaf(window: Driver, name: str, ident: str) -> None:
    window.show(STATUSES[name][1])
    assert window.find(ident)["disabled"]
    window.tap(ident)
    assert window.said == []


def labels(window: Driver, name: str, **values: object) -> list[str]:
    window.lay_out(STATUSES[name][1].model_copy(update=values))
    return [node["label"] for node in window.nodes()]


def news(status: KioskStatus, **values: object) -> KioskStatus:
    """``status`` with other words in the places or the staff's part of its visit."""
    visit = status.visit
    assert visit is not None
    part = "places" if visit.places else "staff"
    changed = getattr(visit, part).model_copy(update=values)
    return status.model_copy(update={"rev": status.rev + 1, "visit": visit.model_copy(update={part: changed})})


def finger(window: Driver, ident: str) -> UnitTestTouch:
    """Lay a finger on it."""
    window.wait(lambda: not window.app.deaf)
    x, y, width, height = window.find(ident)["rect"]
    touch = UnitTestTouch(x + width / 2, Window.height - y - height / 2)
    touch.touch_down()
    return touch


def touched(widget: Widget, x: float, y: float) -> Pressable | None:
    """The control that takes a touch there, as Kivy asks them: the last one drawn first, hidden ones too."""
    for child in widget.children:
        if found := touched(child, x, y):
            return found
    return widget if isinstance(widget, Pressable) and widget.collide_point(x, y) else None


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080)])
def test_nothing_hidden_lies_over_a_button(window: Driver, size: tuple[int, int]) -> None:
    Window.size = size
    wrong: list[str] = []
    try:
        for name, (_, status) in STATUSES.items():
            window.lay_out(status)
            for each in window.app.shell.ring():
                over = touched(window.app.shell, *each.center)
                if over is not each:
                    wrong.append(f"{name}: {over.ident if over else None} over {each.ident}")
    finally:
        Window.size = (1080, 1920)
        window.frames(6)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "ident", "values"),
    [
        ("locations", "group_Banjar", {"as_of": samples.here("2026-11-24T10:23"), "spots": samples.SPOTS[::-1]}),
        ("staff_home", "test_camera", {"queued": 9}),
        ("send", "pause", {"queued": 9, "oldest": samples.AS_OF}),
    ],
)
def test_news_between_finger_down_and_up_loses_no_touch(
    window: Driver, name: str, ident: str, values: dict[str, object]
) -> None:
    status = STATUSES[name][1]
    window.show(status)
    touch = finger(window, ident)
    window.show(news(status, **values))
    touch.touch_up()
    window.frames(3)
    assert len(window.said) == 1


def test_a_row_that_moves_under_a_finger_tests_no_other_device(window: Driver) -> None:
    status = STATUSES["staff_home"][1]
    window.show(status)
    touch = finger(window, "test_printer")
    window.show(news(status, devices=samples.DEVICES[::-1]))
    touch.touch_up()
    window.frames(3)
    assert [each for each in window.said if each != say.TestDevice(role="printer")] == []


def test_the_code_for_the_phone_is_read_off_the_screen(window: Driver) -> None:
    for name in ("browse_service", "browse_long"):
        status = STATUSES[name][1]
        window.show(status)
        window.frames(2)
        pixels = glReadPixels(0, 0, Window.width, Window.height, GL_RGB, GL_UNSIGNED_BYTE)
        picture = np.frombuffer(pixels, np.uint8).reshape(Window.height, Window.width, 3)[::-1]
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(picture))
        assert status.visit is not None
        assert text == status.visit.slip_text


def test_locations_say_how_far_until_when_and_as_of_when(window: Driver) -> None:
    read = labels(window, "locations")
    for words in (
        "Karyamukti", "Di sini", "2,1 km", "Buka sampai 15.00", "Buka, kirim nanti", "Sedang tutup",
        "Tutup sampai 27 Nov", "Kantor dipugar", "Belum ada kabar", "Jarak garis lurus. Kabar pukul 10.20.",
        "Banjar, 7 mesin", "1 dari 2",
    ):  # fmt: skip
        assert words in read
    assert {"2.1 km", "Open until 15:00"} <= set(labels(window, "locations", language="en"))
    window.lay_out(news(STATUSES["locations"][1], as_of=samples.here("2026-11-21T15:10")))
    assert window.find("lead")["label"] == "Jarak garis lurus. Kabar 21 November, 15.10."
    assert "Jarak garis lurus. Kabar pukul 10.20." in labels(window, "locations", text_step=2)
    read = labels(window, "locations_empty")
    assert {"Belum ada kabar dari kantor.", "Daftar mesin belum ada."} <= set(read)


def test_the_staff_read_marks_words_and_newest_tests(window: Driver) -> None:
    window.lay_out(STATUSES["staff_home"][1])
    read = [node["label"] for node in window.nodes()]
    assert "5 siap, 2 perlu dilihat, 1 tidak menjawab" in read
    assert {"Tes baik: 07.42", "Tes baik: 21 November", "Tes gagal: 07.42", "Belum dites"} <= set(read)
    assert window.find("word_printer")["label"] == "Pasang gulungan kertas baru."
    assert window.find("open_send")["label"] == "Antrean kirim: 2 menunggu, 1 ditolak"
    assert window.find("fact_disk")["label"] == "71 GB"
    assert not [node for node in window.nodes() if node["id"] == "test_capture"]


def test_the_staffs_first_page_names_the_switch_and_never_a_broken_queue_as_empty(window: Driver) -> None:
    window.lay_out(STATUSES["staff_home_paused"][1])
    assert window.find("open_send")["label"] == "Antrean kirim: Dijeda, 2 menunggu"
    read = labels(window, "staff_home_broken")
    assert {"Antrean kirim: Rusak, Lihat sebabnya", "?", "Tidak diketahui"} <= set(read)
    assert not [words for words in read if "0 menunggu" in words or "Semua terkirim" in words]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("send", {"Semua terkirim.", "Kunci mesin ini"}),
        ("send_paused", {"Pengiriman dijeda", "Sejak 10.20. Hanya kabar yang lewat.", "Lanjutkan pengiriman"}),
        ("send_quiet", {"Jam tenang", "Berkas lanjut terkirim 11.30."}),
        ("send_budget", {"Jatah hari ini habis", "20 MB dari 20 MB. Lanjut 25 November 00.00."}),
        ("send_uploading", {"KMT-10417-6: 412 kB dari 1,2 MB", "Sisa 2 menit, 13 kB/dtk", "8,4 MB dari 20 MB"}),
        ("send_full", {"Penuh, tidak terima baru", "Berkas saja"}),
        ("send_revoked", {"Salin antrean ke USB, lalu bawa ke kantor.", "Tidak terima baru, tidak mengirim."}),
        ("send_broken", {"Antrean tidak terbaca"}),
        ("refused", {"KMT-10412-4", "Urutannya sudah terpakai.", "1 dari 3"}),
        ("courier_exported", {"12 pengajuan, 31 MB, 1 berkas", "Cabut USB dan bawa ke kantor."}),
        ("courier_exporting", {"Menyalin ke USB", "Jangan cabut USB dulu.", "43%"}),
        ("courier_left", {"Tidak muat di USB", "14", "Pakai USB lain, lalu salin lagi."}),
        ("courier_pulled", {"Belum berhasil", "Antrean di mesin ini tetap utuh."}),
        ("courier_refused", {"5 sampai di kantor", "…61124-1a2b3c4d-1", "Berkas lain yang ditolak"}),
        ("slip_spent", {"Daftar sudah cukup", "Paling banyak tiga daftar tiap kunjungan."}),
    ],
)
def test_staff_read_how_sending_stands(window: Driver, name: str, words: set[str]) -> None:
    assert words - set(labels(window, name)) == set()


def test_a_queue_that_cannot_be_read_has_no_figures(window: Driver) -> None:
    assert not {"0", "0 MB", "Menunggu dikirim", "Sisa ruang disk"} & set(labels(window, "send_broken"))


def test_a_second_tap_does_not_undo_the_switch(window: Driver) -> None:
    """The button turns into its opposite under the finger: touches are dropped for a moment."""
    window.show(STATUSES["send"][1])
    window.tap("pause")
    window.show(STATUSES["send_paused"][1])
    window.press(window.find("resume")["rect"])
    window.frames(3)
    assert window.said == [say.Hold(on=True)]


@pytest.mark.parametrize("name", ["staff_pin", "staff_home", "staff_test_failed", "send", "refused", "courier_stick"])
def test_staff_need_not_call_the_officer_nor_cancel(window: Driver, name: str) -> None:
    window.lay_out(STATUSES[name][1])
    assert not {"officer", "cancel"} & {node["id"] for node in window.nodes()}


def test_a_test_tells_what_came_of_it(window: Driver) -> None:
    window.lay_out(STATUSES["staff_test"][1])
    assert (window.find("said")["label"], window.find("left")["label"]) == (
        "Letakkan kartu di pembaca.",
        "Sisa 12 detik",
    )
    window.lay_out(STATUSES["staff_test_failed"][1])
    assert (window.find("trial")["label"], window.find("said")["label"]) == ("Belum lulus", "Terlalu gelap")
    read = [node["label"] for node in window.nodes()]
    assert {"61 (≥ 90)", "Letakkan kertas rata di alas gelap."} <= set(read)


def test_no_screen_of_the_pin_shows_a_digit_of_it(window: Driver) -> None:
    window.lay_out(STATUSES["staff_pin"][1])
    assert set(window.find("typed")["label"]) == {"•"}


@given(
    phase=some.sampled_from([*PHASES, "unknown", "", "new"]),
    faults=some.lists(some.text(max_size=8), max_size=2).map(tuple),
)
def test_silence_and_warnings_are_never_fine(phase: str, faults: tuple[str, ...]) -> None:
    mark = phase_of(phase, faults)[0]
    assert (mark == "ok") == (phase in ("ready", "busy") and not faults)
    assert (mark == SILENT[0]) == (phase not in PHASES)


@given(text=some.one_of(some.text(max_size=40), some.datetimes().map(str), some.dates().map(str)))
def test_what_is_no_time_is_shown_as_nothing(text: str) -> None:
    today = date(2026, 11, 24)
    on, at = i18n.recent(text, "id", today)
    assert at or not on
    assert isinstance(i18n.moment(text, "en"), str)
    assert isinstance(i18n.day(text, "id"), str)


@pytest.mark.parametrize(
    ("metres", "words"), [(-1, ""), (0, "0 m"), (847, "850 m"), (2140, "2,1 km"), (131_000, "131 km")]
)
def test_distances(metres: int, words: str) -> None:
    assert i18n.distance(metres, "id") == words


@pytest.mark.parametrize(
    ("count", "words"), [(350_000_000, "350 MB"), (2_400_000_000, "2,4 GB"), (71 * 10**9, "71 GB")]
)
def test_sizes(count: int, words: str) -> None:
    assert i18n.size(count, "id") == words


def test_a_lone_test_of_nothing_draws(window: Driver) -> None:
    """A status between two screens: the staff's part without a test."""
    status = STATUSES["staff_test"][1]
    assert status.visit is not None
    empty = status.visit.model_copy(update={"staff": StaffView()})
    window.lay_out(status.model_copy(update={"visit": empty}))
    assert window.tree()["screen"] == "staff_test"
