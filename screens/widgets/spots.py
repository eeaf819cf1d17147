"""The pieces of the locations screen: a district's tab, a terminal's card, the pages of the list."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.widgets.press import Pressable, Surface


class CountTab(Pressable):
    """One district. ``second``: how many terminals it has."""

    second = StringProperty("")
    chosen = BooleanProperty(False)


class SpotCard(Surface):
    """One terminal. ``there``: how far it is, or that it is here. ``more``: its address, or why it is closed."""

    mark = StringProperty("unknown")
    name = StringProperty("")
    word = StringProperty("")
    there = StringProperty("")
    more = StringProperty("")
    here = BooleanProperty(False)
    tall = BooleanProperty(False)


class Pager(BoxLayout):
    """Back and forth through a list; gone where it has one page. ``words``: which page this is.

    ``back``, ``forth``: what its buttons say.
    """

    page = NumericProperty(0)
    pages = NumericProperty(1)
    words = StringProperty("")
    back = StringProperty("")
    forth = StringProperty("")
