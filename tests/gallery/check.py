"""What is wrong with a drawn screen: text that leaves its place, low contrast, a target too small for a finger."""

from __future__ import annotations

from typing import Any

import numpy as np
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from kivy.lang import global_idmap
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from screens.widgets.press import Pressable
from screens.widgets.text import Icon
from tests.gallery.contrast import LEAST, Pixels, of_text
from tests.gallery.variants import Variant
from tests.screens.measure import box, faults, shown

TARGET_MM, LETTER_MM = 15.0, 12.0
_MARKS = ("ok", "warn")  # tokens of the state marks: text on them has colours of its own


def pixels() -> Pixels:
    """What the window shows now."""
    width, height = Window.size
    data = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)[::-1]


def wrong(root: Widget, drawn: Pixels, variant: Variant) -> list[str]:
    """Every fault of the screen, in words."""
    return [*faults(root), *_targets(root, variant), *_contrast(root, drawn)]


def _targets(root: Widget, variant: Variant) -> list[str]:
    found: list[str] = []
    for widget, _above in shown(root):
        if not isinstance(widget, Pressable) or not widget.label:
            continue
        least = LETTER_MM if widget.ident.startswith("key_") else TARGET_MM
        short = min(widget.width, widget.height) * variant.mm
        if short < least - 0.05:
            found.append(f"target of {short:.1f} mm: {widget.label}")
    return found


def _contrast(root: Widget, drawn: Pixels) -> list[str]:
    found: list[str] = []
    theme: Any = global_idmap["theme"]
    marks = () if theme.contrast else tuple(tuple(theme.c[name][:3]) for name in _MARKS)
    high, wide = drawn.shape[:2]
    for widget, above in shown(root):
        if not isinstance(widget, Label) or isinstance(widget, Icon) or not widget.text.strip() or not widget.height:
            continue
        if any(each.disabled for each in (widget, *above)):
            continue
        left, low, right, top = box(widget)
        part = drawn[max(0, int(high - top)) : int(high - low) + 1, max(0, int(left)) : min(wide, int(right) + 1)]
        if not part.size:
            continue
        name = widget.text[:40]
        meant, seen = of_text(part, tuple(widget.color))
        if meant < LEAST - 0.005:
            found.append(f"contrast {meant:.2f}: {name}")
        elif seen < min(meant, LEAST) * 0.5:
            found.append(f"text is not seen ({seen:.2f}): {name}")
        if tuple(widget.color[:3]) in marks:
            found.append(f"a mark's colour on text: {name}")
    return found
