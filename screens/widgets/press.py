"""What a finger or a key presses. A press sends its ``intent`` and nothing else."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.widget import Widget

from kiosk.intents import Intent

# Looks of a button: fill, ink, edge, fill while pressed; and the edge's width in units (0: the theme's).
LOOKS: dict[str, tuple[str, str, str, str, float]] = {
    "main": ("primary", "primary_ink", "primary", "main_down", 2),
    "second": ("surface", "primary", "primary", "pressed", 3),
    "second_warn": ("surface", "warn_ink", "warn", "pressed", 3),
    "quiet": ("surface", "ink", "line", "pressed", 0),
    "chosen": ("primary", "primary_ink", "primary", "main_down", 0),
    "help": ("accent", "accent_ink", "accent", "accent_down", 2),
    "help_edge": ("surface", "ink", "accent", "pressed", 4),
}


class Surface(Widget):
    """A rounded sheet: fill, edge and, for a card, a shadow. ``corner`` and ``rim`` in design units."""

    fill = ColorProperty("#FFFFFF")
    edge = ColorProperty("#FFFFFF")
    corner = NumericProperty(20)
    rim = NumericProperty(0)
    lifted = BooleanProperty(False)


class Pressable(ButtonBehavior, Surface):
    """The base of every control.

    ``ident``: its stable name in the tree. ``spoken``: its words, where it shows none. ``focus``: reached by keys.
    """

    ident = StringProperty("")
    spoken = StringProperty("")
    text = StringProperty("")
    intent: ObjectProperty[Intent | None] = ObjectProperty(None, allownone=True)
    focus = BooleanProperty(False)
    down_fill = ColorProperty("#FFFFFF")

    @property
    def label(self) -> str:
        """What it says, in the language shown."""
        return self.spoken or self.text


class Btn(Pressable):
    """A button of one of the LOOKS: icon and words, the icon behind them when ``after``. ``tall``: units."""

    look = StringProperty("quiet")
    icon = StringProperty("")
    after = BooleanProperty(False)
    tall = NumericProperty(104)
    fs = NumericProperty(29)


class Tile(Pressable):
    """One of home's big tiles."""

    icon = StringProperty("")
    second = StringProperty("")
    main = BooleanProperty(False)


class RowButton(Pressable):
    """A wide row with words and an arrow."""

    second = StringProperty("")
