"""One module and one rule file a screen. No view names another: the ladder picks."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from kivy.lang import Builder

from kiosk.ladder import Screen
from screens.widgets.view import View

HERE = Path(__file__).resolve().parent


@cache
def _view_class(name: str) -> type[View]:
    module = import_module(f"screens.views.{name}")
    Builder.load_file(str(HERE / f"{name}.kv"))
    made: type[View] = module.SHOWS
    return made


def make(screen: Screen) -> View:
    """A new view for ``screen``."""
    return _view_class(screen.value)()


def make_ask() -> View:
    """The question before a visit is cancelled: the one screen that the window shows of its own accord."""
    return _view_class("cancel_ask")()
