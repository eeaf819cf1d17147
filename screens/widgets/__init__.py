"""The window's own widgets. ``load`` reads fonts and rules, once a process: a rule that is read twice acts twice."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSETS = HERE.parent / "assets"


@cache
def load() -> None:
    """Register fonts and read the rules. Call after ``theme`` and ``tr`` stand in kv's name space."""
    from kivy.core.text import LabelBase
    from kivy.lang import Builder

    for name in ("camera", "field", "pad", "parts", "press", "scene", "shell", "slots", "text", "view"):
        import_module(f"screens.widgets.{name}")  # their classes must exist before the rules name them

    fonts = ASSETS / "fonts"
    for name, file in (
        ("Atkinson", "AtkinsonHyperlegibleNext_400Regular.ttf"),
        ("AtkinsonSemi", "AtkinsonHyperlegibleNext_600SemiBold.ttf"),
        ("AtkinsonBold", "AtkinsonHyperlegibleNext_700Bold.ttf"),
        ("Icons", "Icons.ttf"),
    ):
        LabelBase.register(name, str(fonts / file))
    for name in ("text", "press", "parts", "pad", "camera", "scene", "slots", "shell", "view"):
        Builder.load_file(str(HERE / f"{name}.kv"))
