"""A dashed frame: the place of a paper that is not there. Kivy dashes lines of one pixel only."""

from __future__ import annotations

from kivy.clock import Clock
from kivy.graphics import Color, Line
from kivy.lang import global_idmap
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from screens.theme import Theme


class DashedFrame(Widget):
    """``tone``: a colour token, "" for no frame. ``thick``, ``corner``, ``dash``: design units."""

    tone = StringProperty("line_strong")
    thick = NumericProperty(3)
    corner = NumericProperty(10)
    dash = NumericProperty(10)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        draw = Clock.create_trigger(self.draw, -1)
        for name in ("pos", "size", "tone"):
            self.fbind(name, draw)
        for name in ("c", "u"):
            global_idmap["theme"].fbind(name, draw)

    def draw(self, *_: object) -> None:
        """Draw the dashes again."""
        theme: Theme = global_idmap["theme"]
        self.canvas.clear()
        thick, turn = self.thick * theme.u, self.corner * theme.u
        left, bottom, right, top = self.x + thick / 2, self.y + thick / 2, self.right - thick / 2, self.top - thick / 2
        if not self.tone or right - left < 3 * turn or top - bottom < 3 * turn:
            return
        with self.canvas:
            Color(*theme.c[self.tone])
            for start, end in self._dashes(right - left - 2 * turn):
                for y in (bottom, top):
                    Line(points=[left + turn + start, y, left + turn + end, y], width=thick / 2, cap="none")
            for start, end in self._dashes(top - bottom - 2 * turn):
                for x in (left, right):
                    Line(points=[x, bottom + turn + start, x, bottom + turn + end], width=thick / 2, cap="none")
            for x, y, angle in (
                (left + turn, top - turn, 270),
                (right - turn, top - turn, 0),
                (right - turn, bottom + turn, 90),
                (left + turn, bottom + turn, 180),
            ):
                Line(circle=(x, y, turn, angle, angle + 90), width=thick / 2, cap="none")

    def _dashes(self, length: float) -> list[tuple[float, float]]:
        """Where dashes lie on a side that begins and ends with a gap: (start, end) in pixels."""
        theme: Theme = global_idmap["theme"]
        count = max(1, round((length / theme.u - 0.7 * self.dash) / (1.7 * self.dash)))
        part = length / (1.7 * count + 0.7)
        return [(part * (0.7 + 1.7 * at), part * (1.7 + 1.7 * at)) for at in range(count)]
