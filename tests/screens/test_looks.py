"""Every screen from a crafted status: no text cut or laid over, targets large enough, nothing untranslated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

from tests.screens.driver import Driver
from tests.screens.measure import faults
from tests.screens.statuses import STATUSES


@pytest.fixture(
    scope="module", params=[(1080, 1920), (1920, 1080), (1280, 800)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def sized(the_window: Driver, request: pytest.FixtureRequest) -> Iterator[Driver]:
    Window.size = request.param
    the_window.frames(6)
    yield the_window
    Window.size = (1080, 1920)
    the_window.frames(6)


@pytest.mark.parametrize(("step", "contrast"), [(0, False), (2, True)], ids=["light", "contrast-large"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_no_screen_overflows(sized: Driver, language: str, step: int, contrast: bool) -> None:
    wrong: list[str] = []
    for name, (screen, status) in STATUSES.items():
        sized.lay_out(status.model_copy(update={"language": language, "text_step": step, "contrast": contrast}))
        assert sized.tree()["screen"] == screen
        wrong.extend(f"{name}: {fault}" for fault in faults(sized.app.shell))
    assert not wrong, "\n".join(wrong)


def test_contrast_repaints_the_page(window: Driver) -> None:
    _, status = STATUSES["privacy"]
    for contrast, colour in ((False, (0xF4, 0xF2, 0xEC)), (True, (0, 0, 0))):
        window.show(status.model_copy(update={"contrast": contrast}))
        assert tuple(glReadPixels(10, 10, 1, 1, GL_RGB, GL_UNSIGNED_BYTE)) == colour


def test_language_changes_words_and_dates(window: Driver) -> None:
    _, status = STATUSES["home"]
    window.show(status)
    assert window.find("start_apply")["label"] == "Ajukan permohonan"
    assert any(node["label"] == "Selasa, 24 November 2026" for node in window.nodes())
    window.show(status.model_copy(update={"language": "en"}))
    assert window.find("start_apply")["label"] == "Apply"
    assert any(node["label"] == "Tuesday, 24 November 2026" for node in window.nodes())
