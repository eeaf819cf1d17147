"""Design tokens as observable properties: kv reads ``theme.c['ink']``, ``theme.u``, ``theme.k`` and follows them live.

Values: the design system in the drawings' README. Lengths are design units, 1/1080 of the screen's short side.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, DictProperty, NumericProperty, StringProperty

Colour = tuple[float, float, float, float]

LIGHT = {
    "bg": "F4F2EC", "surface": "FFFFFF", "surface_alt": "E9EFEA", "ink": "13231F", "ink_muted": "51625C",
    "line": "D5DBD3", "line_strong": "7C8E85", "track": "C9D3CC", "primary": "0B5A4A", "primary_ink": "FFFFFF",
    "primary_soft": "D9ECE4", "chosen_ink": "0B4A3E", "accent": "E8A317", "accent_ink": "2B1D00",
    "accent_soft": "FBEFD2", "accent_soft_ink": "2B1D00", "ok": "1B7F4C", "ok_soft": "DDF0E4", "ok_ink": "0F5E37",
    "warn": "B25E00", "warn_soft": "FBE9D3", "warn_ink": "7A3F00", "bad": "B3261E", "bad_soft": "FADFDB",
    "bad_ink": "7A1712", "header": "0B4A3E", "header_ink": "FFFFFF", "header_muted": "B9D6CC", "chip": "FFFFFF1F",
    "pressed": "D9ECE4", "focus": "E8A317", "mat": "232927", "hint": "06231DF2", "live": "34E27A", "white": "FFFFFF",
    "clear": "00000000", "main_down": "0B4A3E", "accent_down": "C98A0C", "scrim": "06231DB8",
}  # fmt: skip
CONTRAST = {
    **LIGHT,
    "bg": "000000", "surface": "000000", "surface_alt": "000000", "ink": "FFFFFF", "ink_muted": "FFFFFF",
    "line": "FFFFFF", "line_strong": "FFFFFF", "track": "000000", "primary": "FFE600", "primary_ink": "000000",
    "primary_soft": "000000", "chosen_ink": "FFE600", "accent": "FFE600", "accent_ink": "000000",
    "accent_soft": "000000", "accent_soft_ink": "FFFFFF", "ok": "7CFF9B", "ok_soft": "000000", "ok_ink": "7CFF9B",
    "warn": "FFD27A", "warn_soft": "000000", "warn_ink": "FFD27A", "bad": "FF9A90", "bad_soft": "000000",
    "bad_ink": "FF9A90", "header": "000000", "header_ink": "FFFFFF", "header_muted": "FFFFFF", "chip": "000000",
    "pressed": "3A3A00", "focus": "00E5FF", "hint": "000000", "main_down": "B3A100",
    "accent_down": "B3A100", "scrim": "000000CC",
}  # fmt: skip
TEXT_STEPS = (1.0, 1.15, 1.3)


def rgba(code: str) -> Colour:
    """``RRGGBB`` or ``RRGGBBAA`` as four numbers from 0 to 1."""
    parts = [int(code[at : at + 2], 16) / 255 for at in range(0, len(code), 2)]
    return (parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else 1.0)


PALETTES: dict[str, dict[str, Colour]] = {
    "light": {name: rgba(code) for name, code in LIGHT.items()},
    "contrast": {name: rgba(code) for name, code in CONTRAST.items()},
}


@contextmanager
def nothing_collected() -> Generator[None, None, None]:
    """While thousands of widgets are told of a change, none may vanish.

    Kivy goes through a list of observers that it took before; one whose widget is collected in between raises
    ReferenceError, and the rest hear nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Theme(EventDispatcher):
    """The one theme of the window.

    ``c``: colours by token. ``u``: pixels a design unit. ``k``: ``u`` times the text step, for text that grows.
    ``edge``: width of a resting card edge in units. ``lean``: the largest text, where second lines go.
    """

    c = DictProperty(PALETTES["light"])
    palette = StringProperty("light")
    contrast = BooleanProperty(False)
    step = NumericProperty(0)
    lean = BooleanProperty(False)
    u = NumericProperty(1.0)
    k = NumericProperty(1.0)
    edge = NumericProperty(2.0)
    portrait = BooleanProperty(True)

    def use(self, *, contrast: bool, step: int) -> None:
        """Follow the resident's choice. ``step``: 0 to 2."""
        with nothing_collected():
            self.contrast = contrast
            self.palette = "contrast" if contrast else "light"
            self.edge = 4.0 if contrast else 2.0
            self.c = PALETTES[self.palette]
            self.step = step
            self.lean = step == 2
            self.k = self.u * TEXT_STEPS[step]

    def fit(self, width: float, height: float) -> None:
        """Measure the screen, in pixels."""
        self.portrait = height >= width
        self.u = min(width, height) / 1080.0
        self.k = self.u * TEXT_STEPS[int(self.step)]

    def over(self, colour: Colour, share: float) -> Colour:
        """``colour`` at ``share`` of its strength, laid on the page: what a disabled thing looks like."""
        page = self.c["bg"]
        red, green, blue = (page[at] + (colour[at] - page[at]) * share * colour[3] for at in range(3))
        return (red, green, blue, 1.0)
