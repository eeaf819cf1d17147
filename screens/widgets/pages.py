"""What the review is made of: a side of a paper, there or not, and an answer."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from screens.widgets.parts import Row
from screens.widgets.press import Pressable


class PageTile(Pressable):
    """A side; a press scans it again, or for the first time. ``kind``: done, missing or skipped."""

    texture: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)
    second = StringProperty("")
    kind = StringProperty("done")


class AnswerRow(Row):
    """A field and its answer; ``stacked``: under each other."""

    name = StringProperty("")
    answer = StringProperty("")
    stacked = BooleanProperty(False)
