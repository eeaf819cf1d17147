"""The pieces that the screens are made of: cards, notes, marks, rows. See the drawings' README, "Components"."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from screens.widgets.press import Surface

# A note's kind: soft fill, edge, and tone of its icon.
NOTES: dict[str, tuple[str, str, str]] = {
    "info": ("surface_alt", "primary", "primary"),
    "ok": ("ok_soft", "ok", "ok"),
    "accent": ("accent_soft", "accent", "accent_soft_ink"),
    "warn": ("warn_soft", "warn", "warn"),
    "bad": ("bad_soft", "bad", "bad"),
}


class Card(BoxLayout, Surface):
    """A white sheet with a shadow; in high contrast a sheet with an edge."""

    wall = NumericProperty(0)
    wall_tone = StringProperty("primary")


class Picture(Widget):
    """One of our pictures, or a texture, fitted inside the widget. ``name``: file, ``texture``: instead of it."""

    name = StringProperty("")
    texture: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)
    cover = BooleanProperty(False)

    def shown(self, *_: object) -> Texture | None:
        """The texture to draw; with ``cover`` the part of it that has the widget's proportions, from its middle."""
        from screens.widgets.pictures import picture

        texture = self.texture or (picture(self.name) if self.name else None)
        if texture is None or not self.cover or self.width <= 0 or self.height <= 0:
            return texture
        scale = max(self.width / texture.width, self.height / texture.height)
        width, height = self.width / scale, self.height / scale
        return texture.get_region((texture.width - width) / 2, (texture.height - height) / 2, width, height)

    def box(self, *_: object) -> tuple[float, float, float, float]:
        """Where the texture lies: x, y, width, height in pixels, its sides in proportion."""
        texture = self.shown()
        if texture is None or not texture.width or not texture.height:
            return (self.x, self.y, 0.0, 0.0)
        scale = min(self.width / texture.width, self.height / texture.height)
        width, height = round(texture.width * scale), round(texture.height * scale)
        return (round(self.center_x - width / 2), round(self.center_y - height / 2), width, height)


class Mark(Picture):
    """A state mark: ok, warn, bad, later, now, next or unknown. ``side`` in design units."""

    kind = StringProperty("ok")
    side = NumericProperty(64)


class Badge(FloatLayout):
    """An icon, or a number, on a soft square or disc. ``side`` in design units; ``round``: a disc."""

    name = StringProperty("")
    text = StringProperty("")
    side = NumericProperty(100)
    fill = ColorProperty("#FFFFFF")
    tone = StringProperty("primary")
    disc = BooleanProperty(False)


class Pill(FloatLayout):
    """A short word on a small sheet."""

    text = StringProperty("")
    fill_tone = StringProperty("ok_soft")
    tone = StringProperty("ok_ink")


class Note(BoxLayout):
    """A bar, an icon, a bold line and a plain line. ``kind``: a key of NOTES."""

    kind = StringProperty("info")
    icon = StringProperty("info")
    bold = StringProperty("")
    plain = StringProperty("")
    fs = NumericProperty(29)
    gone = BooleanProperty(False)


class Advice(BoxLayout):
    """The line under a field, of one height whatever it says. ``kind``: a key of NOTES, or "plain"."""

    kind = StringProperty("plain")
    text = StringProperty("")


class Heading(BoxLayout):
    """The display line and the line under it, a mark before them where ``mark`` names one."""

    mark = StringProperty("")
    title = StringProperty("")
    lead = StringProperty("")
    centred = BooleanProperty(False)
    title_id = StringProperty("title")


class Rule(Widget):
    """A thin line between rows."""


class Row(BoxLayout):
    """A row of a card: what stands before the words (a Badge or Mark) is its first child in kv."""


class NumberedRow(Row):
    """One thing that happens, of several in order. ``brief``: without its second line."""

    number = NumericProperty(1)
    brief = BooleanProperty(False)
    bold = StringProperty("")
    plain = StringProperty("")


class Words(BoxLayout):
    """A bold line and a plain line under it, in the middle of a row."""

    bold = StringProperty("")
    plain = StringProperty("")
    fs = NumericProperty(38)
    plain_fs = NumericProperty(29)
    tone = StringProperty("ink")
    above = StringProperty("")
    keep = BooleanProperty(False)
    ident = StringProperty("")


class NumberCard(Card):
    """The registration number and its QR: beside each other, or stacked where there is no paper to take."""

    number = StringProperty("")
    hint = StringProperty("")
    title = StringProperty("")
    stacked = BooleanProperty(False)


class Bar(Widget):
    """Progress, 0 to 1."""

    share = NumericProperty(0.0)
