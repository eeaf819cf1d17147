"""The pieces of the staff's screens: a device's row, a fact about the terminal, a result of a test."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

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

# A test's state: mark, soft fill, edge and tone of its banner.
LOOKS_OF: dict[str, tuple[str, str, str, str]] = {
    "running": ("now", "primary_soft", "primary", "ink"),
    "asking": ("now", "primary_soft", "primary", "ink"),
    "passed": ("ok", "ok_soft", "ok", "ok_ink"),
    "failed": ("bad", "bad_soft", "bad", "bad_ink"),
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
    """One figure about the terminal, with a mark where it needs somebody."""

    ident = StringProperty("")
    title = StringProperty("")
    value = StringProperty("")
    plain = StringProperty("")
    mark = StringProperty("")


class ResultRow(BoxLayout):
    """One result of a test: mark, what was looked at, and what came of it."""

    number = NumericProperty(0)
    mark = StringProperty("")
    name = StringProperty("")
    value = StringProperty("")
    last = BooleanProperty(False)


class TrialBanner(Card):
    """How a test stands: ``state`` a key of LOOKS_OF. ``said``: the line under the title; ``share``: 0 to 1."""

    state = StringProperty("running")
    title = StringProperty("")
    said = StringProperty("")
    left = StringProperty("")
    share = NumericProperty(0.0)
