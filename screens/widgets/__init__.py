"""The window's own widgets. ``load`` reads fonts and rules, once a process: a rule that is read twice acts twice."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSETS = HERE.parent / "assets"
RULES = (
    "text", "press", "parts", "papers", "pages", "road", "pad", "camera", "scene", "slots", "spots", "services", "slip",
    "devices", "shell", "view",
)  # fmt: skip
"""Modules that have a rule file beside them, in the order in which they are read."""


@cache
def load() -> None:
    """Register fonts and read the rules. Call after ``theme`` and ``tr`` stand in kv's name space."""
    from kivy.core.text import LabelBase
    from kivy.lang import Builder

    for name in (*RULES, "dashed", "field"):
        import_module(f"screens.widgets.{name}")  # their classes must exist before the rules name them

    fonts = ASSETS / "fonts"
    for name, file in (
        ("Atkinson", "AtkinsonHyperlegibleNext_400Regular.ttf"),
        ("AtkinsonSemi", "AtkinsonHyperlegibleNext_600SemiBold.ttf"),
        ("AtkinsonBold", "AtkinsonHyperlegibleNext_700Bold.ttf"),
        ("Icons", "Icons.ttf"),
    ):
        LabelBase.register(name, str(fonts / file))
    for name in RULES:
        Builder.load_file(str(HERE / f"{name}.kv"))
