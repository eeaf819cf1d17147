"""The rule files: they parse, every property they set exists, no colour or bare sentence in them; icons exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from kivy.factory import Factory
from kivy.lang.parser import Parser, ParserRule

from screens.icons import ICONS
from screens.widgets import ASSETS
from tests.screens.driver import Driver

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "screens").rglob("*.kv"))


def _rules(rule: ParserRule, name: str) -> Iterator[tuple[str, ParserRule]]:
    yield name, rule
    for child in rule.children:
        yield from _rules(child, child.name or "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_property_in_a_rule_exists(the_window: Driver, path: Path) -> None:
    the_window.wait(lambda: "cancel_ask" in the_window.app.views, 30)  # the last view to be made: all classes are known
    parser = Parser(content=path.read_text(encoding="utf-8"), filename=str(path))
    wrong: list[str] = []
    for name, rule in parser.rules:
        made_here = "@" in (rule.name or "")
        name = (rule.name or name).strip("<>").split("@")[0]
        for each, inner in _rules(rule, name):
            if each == name and made_here:
                continue
            known = set(getattr(Factory, each)().properties()) | {"source", "name"}
            wrong += [f"{each}: {key}" for key in inner.properties if key not in known]
    assert not wrong


def test_no_colour_and_no_bare_sentence_in_a_rule() -> None:
    wrong: list[str] = []
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"#[0-9A-Fa-f]{6}\b", line):
                wrong.append(f"{path.name}: colour: {line.strip()}")
            if re.match(r"\s*(text|title|lead|bold|plain|hint): '[A-Z]", line):
                wrong.append(f"{path.name}: bare: {line.strip()}")
    assert not wrong


def test_no_rounded_rectangle_can_have_a_negative_side() -> None:
    """Kivy 2.3.1 writes past its vertices then: the window dies later, somewhere else."""
    wrong: list[str] = []
    for path in FILES:
        shapes = re.findall(r"RoundedRectangle:((?:\n\s+(?:pos|size|radius):.*)+)", path.read_text(encoding="utf-8"))
        sizes = [line for shape in shapes for line in re.findall(r"size: (.*)", shape)]
        # Only what is as wide as its text and its padding may take six units off without asking.
        bare = [size for size in sizes if re.search(r" - (?!\(?6 \*)", size) and "max(1, " not in size]
        wrong += [f"{path.name}: {size}" for size in bare]
    assert not wrong


def test_no_resident_reads_that_a_nik_was_verified() -> None:
    for path in (ROOT / "kiosk" / "locales").rglob("*.po"):
        assert "verifikasi" not in path.read_text(encoding="utf-8").lower()


def test_the_font_has_every_icon_and_the_licences_lie_beside() -> None:
    points = set(TTFont(ASSETS / "fonts" / "Icons.ttf").getBestCmap() or {})
    assert {ord(glyph) for glyph in ICONS.values()} <= points
    assert {"LICENSE-MaterialSymbols.txt", "OFL-AtkinsonHyperlegibleNext.txt"} <= {
        path.name for path in (ASSETS / "fonts").iterdir()
    }


def test_no_unit_starts_the_window_with_a_probe() -> None:
    units = [path for path in (ROOT / "deploy").rglob("*") if path.suffix in (".service", ".socket", ".conf", ".toml")]
    assert not [path for path in units if "--probe" in path.read_text(encoding="utf-8")]
