"""Questions, papers that come later, and what is chosen instead of typed: read from the tree and from the pixels."""

from __future__ import annotations

import pytest
from kivy.core.window import Window

from kiosk.status import KioskStatus
from screens.theme import CONTRAST, LIGHT
from tests.screens.crafted import requirements
from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES


def words(window: Driver, name: str, **changes: object) -> list[str]:
    window.show(STATUSES[name][1].model_copy(update=changes))
    return [node["label"] for node in window.nodes()]


def buttons(window: Driver) -> dict[str, str]:
    return {node["id"]: node["label"] for node in window.nodes() if node["role"] == "button"}


def shade(window: Driver, ident: str) -> tuple[int, ...]:
    """The colour of a button, a little inside its left edge."""
    x, y, _, height = window.find(ident)["rect"]
    return tuple(window.pixels(x + 14, y + height // 2, 1, 1))


def rgb(code: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(code))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("requirements_ask", "Apakah KK Anda hilang?"),
        ("requirements_lost", "Karena KK hilang"),
        ("requirements_lost", "Bila perlu"),
        ("requirements_many", "Pertanyaan 2 dari 2"),
        ("requirements_many", "6 wajib"),
        ("requirements_four", "Pertanyaan berikutnya"),
        ("paper_missing", "Kirim tanpa Surat kehilangan?"),
        ("paper_missing", "Boleh kirim sekarang, lalu susulkan dengan struk."),
        ("scan_skip", "Tidak punya kertas ini"),
        ("scan_skip", "Belum ada"),
        ("scan_skip_optional", "Lewati kertas"),
        ("review_missing", "Surat kehilangan belum ada"),
        ("review_many", "2 kertas belum ada"),
        ("review_fields", "Pekerjaan"),
        ("review_completes", "Berkas susulan"),
        ("review_completes", "Kirim berkas susulan"),
        ("sending_missing", "Masih kurang: Surat kehilangan"),
        ("done_missing", "Masih kurang: Surat kehilangan"),
        ("done_many", "Masih kurang: 4 kertas"),
        ("done_completes", "Berkas susulan tersimpan"),
        ("no_receipt_missing", "Masih kurang: Surat kehilangan"),
        ("status_fix", "Perlu perbaikan"),
        ("status_fix", "Pindai Surat kehilangan"),
        ("status_fix", "Menunggu Surat kehilangan"),
        ("status_fix_two", "Pindai 3 kertas"),
        ("status_incomplete", "Belum lengkap"),
    ],
)
def test_it_says_so(window: Driver, name: str, said: str) -> None:
    assert said in words(window, name)


@pytest.mark.parametrize("name", ["review", "done", "sending", "no_receipt", "status_ready", "status_result"])
def test_nothing_is_said_to_be_missing_where_nothing_is(window: Driver, name: str) -> None:
    seen = words(window, name)
    assert not [text for text in seen if "belum ada" in text or "kurang:" in text or text.startswith("Pindai S")]
    assert not {"complete", "scan_missing"} & set(buttons(window))


def test_papers_that_this_terminal_cannot_name_are_not_said_to_have_arrived(window: Driver) -> None:
    view = STATUSES["status_incomplete"][1].visit
    assert view is not None and view.trail is not None
    strange = view.trail.model_copy(update={"missing": ("strange",), "todo": ()})
    seen = words(window, "status_incomplete", visit=view.model_copy(update={"trail": strange}))
    assert "Belum lengkap" in seen and "complete" not in buttons(window)
    assert "Silakan datang ke kantor Dukcapil." in seen


def test_one_question_has_no_count_and_no_service_without_questions_has_a_card(window: Driver) -> None:
    assert not [text for text in words(window, "requirements_lost") if text.startswith("Pertanyaan")]
    words(window, "requirements")
    assert not [ident for ident in buttons(window) if ident.startswith("answer_")]


def test_the_must_read_line_stands_only_where_an_original_is_asked_for(window: Driver) -> None:
    assert "ASLI, bukan fotokopi" in words(window, "requirements_lost")
    status = requirements("NIK-KONSOLIDASI")[1]
    assert status.visit is not None
    refusal = tuple(paper for paper in status.visit.papers if paper.id == "refusal")
    window.show(status.model_copy(update={"visit": status.visit.model_copy(update={"papers": refusal})}))
    assert "ASLI, bukan fotokopi" not in [node["label"] for node in window.nodes()]


@pytest.mark.parametrize(
    ("name", "chosen", "other"),
    [("requirements_lost", "answer_lost", "answer_damaged"), ("form_choice", "pick_bank", "pick_tax")],
)
def test_what_was_chosen_is_tinted_and_the_rest_is_not(window: Driver, name: str, chosen: str, other: str) -> None:
    status = STATUSES[name][1]
    window.show(status)
    assert (shade(window, chosen), shade(window, other)) == (rgb(LIGHT["primary_soft"]), rgb(LIGHT["surface"]))
    x, y, _, height = window.find(chosen)["rect"]
    window.show(status.model_copy(update={"contrast": True}))
    assert tuple(window.pixels(x + 3, y + height // 2, 1, 1)) == rgb(CONTRAST["primary"])


def test_an_answer_takes_no_button_from_under_the_finger(window: Driver) -> None:
    """The list below changes with the answer; the buttons stay where they are."""
    places: list[list[int]] = []
    for name in ("requirements_ask", "requirements_lost"):
        window.show(STATUSES[name][1])
        places += [window.find(ident)["rect"] for ident in ("answer_lost", "answer_damaged")]
    assert places[:2] == places[2:]


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (1280, 800)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_six_papers_and_four_answers_fit_at_the_largest_text(window: Driver, size: tuple[int, int]) -> None:
    """Papers with long names, answers with long labels: nothing scrolls, and every paper is there."""
    status = long_ones()
    Window.size = size
    try:
        window.show(status)
        nodes = window.nodes()
        assert sum(node["label"].startswith("Surat keterangan") for node in nodes) == 6
        bottom = window.find("officer")["rect"][1]
        rows = [node["rect"] for node in nodes if node["label"].startswith("Surat keterangan")]
        assert all(y + height <= bottom for _, y, _, height in rows)
        assert len([node for node in nodes if node["id"].startswith("answer_")]) == 4
    finally:
        Window.size = (1080, 1920)
        window.frames(6)


def long_ones() -> KioskStatus:
    """Six papers and a question of four answers, in words as long as any that there are."""
    status = STATUSES["requirements_four"][1]
    assert status.visit is not None
    paper = status.visit.papers[0]
    names = [f"Surat keterangan nomor {number}" for number in range(1, 7)]
    papers = tuple(
        paper.model_copy(update={"id": f"p{at}", "name": name, "short": name, "because": "Karena hanya anak"})
        for at, name in enumerate(names)
    )
    visit = status.visit.model_copy(update={"papers": papers})
    return status.model_copy(update={"visit": visit, "text_step": 2, "contrast": True})
