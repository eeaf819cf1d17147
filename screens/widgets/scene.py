"""A large picture of what to do at a device, with its words under it."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from screens.widgets.parts import Card


class PictureCard(Card):
    """``share``: progress from 0 to 1, or below 0 for none. ``keep``: the second line stays at the largest text."""

    picture = StringProperty("")
    bold = StringProperty("")
    plain = StringProperty("")
    keep = BooleanProperty(False)
    share = NumericProperty(-1.0)
