"""The road of an application: one place under the other."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from screens.widgets.parts import Row


class RoadRow(Row):
    """One place on the road; ``last``: no line goes on from it."""

    kind = StringProperty("next")
    text = StringProperty("")
    plain = StringProperty("")
    passed = BooleanProperty(False)
    last = BooleanProperty(False)
