"""Our own pads: numbers, and an alphabet with numbers. A key sends one ``Key`` intent; nothing is typed here."""

from __future__ import annotations

from kivy.clock import Clock
from kivy.lang import global_idmap
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

from kiosk.intents import Key
from screens.theme import Theme
from screens.widgets.press import Pressable
from wire.words import N_

NUMBERS = ("123", "456", "789", "<0>")
# "<": clear, ">": rub out one, "_": space.
LETTERS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL'", "ZXCVBNM.,/", "<-___>")
CODE = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM-", "<>")
PADS = {"numbers": NUMBERS, "letters": LETTERS, "code": CODE}

SPECIAL: dict[str, tuple[str, str, str, str]] = {
    # mark in the rows above: key, ident, icon, spoken
    "<": ("clear", "key_clear", "close", N_("Clear all")),
    ">": ("back", "key_back", "backspace", N_("Rub out")),
    "_": ("space", "key_space", "space_bar", N_("Space")),
}


class PadKey(Pressable):
    """One key."""

    icon = StringProperty("")


class Pad(Widget):
    """The keys of one pad, filling the widget. ``kind``: a key of PADS."""

    kind = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows: list[list[tuple[PadKey, int]]] = []
        self._place = Clock.create_trigger(self.place, -1)
        for name in ("pos", "size"):
            self.fbind(name, self._place)
        self.fbind("kind", self.build)
        self.build()

    def build(self, *_: object) -> None:
        """Make the keys of ``kind``."""
        self.clear_widgets()
        self._rows = [self._row(row) for row in PADS.get(self.kind, ())]
        self._place()

    def _row(self, row: str) -> list[tuple[PadKey, int]]:
        keys: list[tuple[PadKey, int]] = []
        last = ""
        for mark in row:
            if mark == last:
                keys[-1] = (keys[-1][0], keys[-1][1] + 1)
                continue
            last = mark
            if mark in SPECIAL:
                key, ident, icon, spoken = SPECIAL[mark]
                made = PadKey(ident=ident, icon=icon, spoken=spoken, intent=Key(key=key))
            else:
                made = PadKey(ident=f"key_{mark}", text=mark, intent=Key(key=mark))
            self.add_widget(made)
            keys.append((made, 1))
        return keys

    def place(self, *_: object) -> None:
        """Lay the keys out: every row as high, a row of letters centred, the last row stretched to the full width."""
        theme: Theme = global_idmap["theme"]
        if not self._rows or self.width <= 0:
            return
        many = max(len(row) for row in self._rows) > 3
        gap = (8 if many else 20) * theme.u
        high = (self.height - gap * (len(self._rows) - 1)) / len(self._rows)
        high = min(high, (150 if many else 220) * theme.u)
        columns = max(len(row) for row in self._rows)
        single = (self.width - gap * (columns - 1)) / columns
        y = self.top
        for at, row in enumerate(self._rows):
            y -= high
            parts = sum(span for _, span in row)
            stretched = at == len(self._rows) - 1
            width = (self.width - gap * (len(row) - 1)) / parts if stretched else single
            x = self.x if stretched else self.x + (self.width - len(row) * single - gap * (len(row) - 1)) / 2
            for key, span in row:
                key.size = (width * span, high)
                key.pos = (x, y)
                x += width * span + gap
            y -= gap
