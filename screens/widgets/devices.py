"""The pieces of the staff's screens: a device's row, a fact about the terminal, a result of a test."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.widgets.keyed import Keyed
from screens.widgets.parts import Card
from screens.widgets.press import Pressable, Surface
from wire.words import N_

# A phase: its mark, its word and the word's tone.
PHASES: dict[str, tuple[str, str, str]] = {
    "starting": ("later", N_("Starting"), "ink"),
    "ready": ("ok", N_("Ready"), "ok_ink"),
    "busy": ("ok", N_("Busy"), "ok_ink"),
    "needs_attention": ("warn", N_("Needs a person"), "warn_ink"),
    "offline": ("warn", N_("Off"), "warn_ink"),
    "broken": ("bad", N_("Out of order"), "bad_ink"),
}
SILENT = ("unknown", N_("Does not answer"), "ink_muted")

# The state of a test, or of sending: mark, soft fill, edge and tone of its banner.
LOOKS_OF: dict[str, tuple[str, str, str, str]] = {
    "running": ("now", "primary_soft", "primary", "ink"),
    "asking": ("now", "primary_soft", "primary", "ink"),
    "passed": ("ok", "ok_soft", "ok", "ok_ink"),
    "failed": ("bad", "bad_soft", "bad", "bad_ink"),
    "warn": ("warn", "warn_soft", "warn", "warn_ink"),
    "later": ("later", "accent_soft", "accent", "accent_soft_ink"),
    "unknown": ("unknown", "surface_alt", "line_strong", "ink"),
}


def phase_of(phase: str, faults: tuple[str, ...]) -> tuple[str, str, str]:
    """Mark, msgid of the word and tone. Silence is never "fine", and a warning is not either."""
    known = PHASES.get(phase, SILENT)
    return (PHASES["needs_attention"][0], known[1], "warn_ink") if known[0] == "ok" and faults else known


class TestCell(Pressable):
    """The end of a device's row: test it."""


class DeviceRow(BoxLayout):
    """One device: mark, icon, name, what is the matter, its newest test. ``testable``: it has a cell to press."""

    role = StringProperty("")
    icon = StringProperty("info")
    name = StringProperty("")
    mark = StringProperty("unknown")
    word = StringProperty("")
    tone = StringProperty("ink")
    tested = StringProperty("")
    testable = BooleanProperty(True)
    first = BooleanProperty(False)
    last = BooleanProperty(False)


class FactCard(BoxLayout, Surface):
    """One figure about the terminal, with a mark where it needs somebody. ``fact``: the figure's name in the tree.

    ``leads``: it opens a page.
    """

    fact = StringProperty("")
    title = StringProperty("")
    value = StringProperty("")
    plain = StringProperty("")
    mark = StringProperty("")
    leads = BooleanProperty(False)


class FactButton(Pressable, FactCard):
    """A figure that opens a page about it."""


class ResultRow(BoxLayout):
    """One result of a test: mark, what was looked at, and what came of it."""

    number = NumericProperty(0)
    mark = StringProperty("")
    name = StringProperty("")
    value = StringProperty("")
    last = BooleanProperty(False)


class ResultList(Card):
    """Results under each other, each as high as its words need and no higher than a row."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = Keyed(self, lambda _key: ResultRow())

    def show(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """(name, value, mark) of each, in words."""
        made = self._rows.follow([str(at) for at in range(len(rows))])
        for at, (row, (name, value, mark)) in enumerate(zip(made, rows, strict=True)):
            row.number, row.last = at, at == len(rows) - 1
            row.name, row.value, row.mark = name, value, mark


class TrialBanner(Card):
    """How a test or sending stands: ``state`` a key of LOOKS_OF. ``said``: the line under the title.

    ``share``: 0 to 1, ``left``: beside the bar, while it runs.
    """

    state = StringProperty("running")
    title = StringProperty("")
    said = StringProperty("")
    left = StringProperty("")
    share = NumericProperty(0.0)
