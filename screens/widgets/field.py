"""How a typed value is shown: grouped, with what is still missing in grey."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from screens.widgets.press import Surface

GROUPS = {"nik": (4, 4, 4, 4), "kk": (4, 4, 4, 4), "phone": (4, 4, 4, 2), "date": (2, 2, 4)}
BLANK = {"nik": "····", "kk": "····", "date": ("DD", "MM", "YYYY")}


def grouped(kind: str, text: str) -> tuple[str, str]:
    """What was typed, in groups, and the rest of the pattern: ("3279 02", "·· ···· ····")."""
    groups = GROUPS.get(kind)
    if groups is None:
        return text, ""
    joint = " – " if kind == "date" else "  "
    pattern = "" if kind == "phone" else joint.join(("DD", "MM", "YYYY") if kind == "date" else ("····",) * len(groups))
    typed: list[str] = []
    rest = text
    for size in groups:
        if not rest:
            break
        typed.append(rest[:size])
        rest = rest[size:]
    shown = joint.join(typed) + rest
    if typed and len(typed) < len(groups) and len(typed[-1]) == groups[len(typed) - 1]:
        shown += joint if kind != "phone" else ""
    return shown, pattern[len(shown) :]


class FieldBox(Surface):
    """The typed text, big. ``kind``: nik, kk, phone, date, text or code."""

    kind = StringProperty("text")
    text = StringProperty("")
    shown = StringProperty("")
    rest = StringProperty("")
    wrong = BooleanProperty(False)
    wraps = BooleanProperty(False)
    fs = NumericProperty(66)
    lines = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        for name in ("kind", "text"):
            self.fbind(name, self._show)

    def _show(self, *_: object) -> None:
        self.wraps = self.kind == "text"
        self.fs = 46 if self.wraps else 66
        self.lines = 2 if self.wraps else 1
        self.shown, self.rest = grouped(self.kind, self.text)
        if self.wraps:
            self.shown, self.rest = self.text + "|", ""
