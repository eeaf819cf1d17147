"""Text and icons. ``fs`` is in design units; a text grows with the resident's step unless it is ``fixed``."""

from __future__ import annotations

from functools import lru_cache

from kivy.core.text import Label as Layout
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.label import Label


@lru_cache(maxsize=1024)
def measured(text: str, face: str, size: float, width: float = 0) -> tuple[int, int]:
    """Width and height of ``text`` in pixels when it wraps at ``width`` (0: it does not). ``size``: pixels."""
    if not text:
        return (0, 0)
    wrap = (max(1.0, width), None) if width else (None, None)
    return Layout(text=text, font_name="Atkinson" + face, font_size=size, text_size=wrap).render()


class Txt(Label):
    """Wrapping text as wide as its parent lets it be, as high as its lines. ``face``: "", "Semi" or "Bold".

    ``ident``: its name in the tree, for a text that someone looks for.
    """

    fs = NumericProperty(29)
    tone = StringProperty("ink")
    face = StringProperty("")
    fixed = BooleanProperty(False)
    hidden = BooleanProperty(False)
    ident = StringProperty("")


class Word(Label):
    """Text as wide as it is, up to ``limit`` pixels; longer text wraps and the widget narrows to its longest line."""

    fs = NumericProperty(29)
    tone = StringProperty("ink")
    face = StringProperty("")
    fixed = BooleanProperty(False)
    limit = NumericProperty(0)
    ident = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("text", "font_size", "font_name", "limit"):
            self.fbind(name, self._fit)
        self.fbind("texture_size", self._hug)
        self._fit()

    def _fit(self, *_: object) -> None:
        self.text_size = (None, None)
        self.texture_update()
        if self.limit > 0 and self.texture_size[0] > self.limit:
            self.text_size = (self.limit, None)
            self.texture_update()
            laid_out = self._label._cached_lines  # noqa: SLF001 - Kivy shows the widths of lines nowhere else
            longest = max((line.w for line in laid_out), default=0)
            if 0 < longest + 2 < self.limit:
                self.text_size = (longest + 2, None)
                self.texture_update()
        self._hug()

    def _hug(self, *_: object) -> None:
        self.size = self.texture_size


class Icon(Label):
    """One glyph of Icons.ttf by its name; ``side`` in design units, as high as wide."""

    name = StringProperty("")
    side = NumericProperty(44)
    tone = StringProperty("ink")
