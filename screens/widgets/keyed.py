"""Rows that stay the same widgets while the news changes: a finger that is down stays on what it touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from kivy.uix.layout import Layout
from kivy.uix.widget import Widget

Made = TypeVar("Made", bound=Widget)


class Keyed(Generic[Made]):
    """The children of ``box``, one a key; ``make`` makes the widget of a new one."""

    def __init__(self, box: Layout, make: Callable[[str], Made]) -> None:
        self._box, self._make = box, make
        self._rows: dict[str, Made] = {}

    def follow(self, keys: Sequence[str]) -> list[Made]:
        """The rows of ``keys`` in this order; what is there stays.

        A row that changes its place moves away from under a finger, and so never acts for another one.
        """
        if list(self._rows) != list(keys):
            self._rows = {key: self._rows.get(key) or self._make(key) for key in keys}
            self._box.clear_widgets()
            for row in self._rows.values():
                self._box.add_widget(row)
        return list(self._rows.values())
