"""What is wrong with a screen's layout, measured on the real widgets."""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from screens.widgets.press import Pressable, Surface
from screens.widgets.text import Icon
from tests.screens.driver import words_of

SLACK = 3.0
PANEL_MM = 25.4 * 800 / 149  # short side of the smallest panel: 10.1 inch, 1280x800, 149 dots an inch
Box = tuple[float, float, float, float]


def box(widget: Widget) -> Box:
    x, y = widget.to_window(widget.x, widget.y)
    return (x, y, x + widget.width, y + widget.height)


def overlap(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > SLACK and min(a[3], b[3]) - max(a[1], b[1]) > SLACK


def inside(a: Box, b: Box) -> bool:
    return a[0] >= b[0] - SLACK and a[1] >= b[1] - SLACK and a[2] <= b[2] + SLACK and a[3] <= b[3] + SLACK


def shown(root: Widget) -> list[tuple[Widget, list[Widget]]]:
    """Every visible widget with its ancestors."""
    found: list[tuple[Widget, list[Widget]]] = []

    def walk(widget: Widget, above: list[Widget]) -> None:
        if not widget.opacity:
            return
        found.append((widget, above))
        for child in widget.children:
            walk(child, [*above, widget])

    walk(root, [])
    return found


def faults(root: Any) -> list[str]:
    """Text that leaves its sheet or the window, that lies on other text, or whose words are broken; small targets."""
    found: list[str] = []
    screen: Box = (0, 0, Window.width, Window.height)
    texts: list[tuple[str, Box]] = []
    presses: list[tuple[str, Box]] = []
    unit = min(Window.size) / 1080
    for widget, above in shown(root):
        if isinstance(widget, Pressable) and widget.label:
            here = box(widget)
            presses.append((widget.label, here))
            short = min(here[2] - here[0], here[3] - here[1]) / min(Window.size) * PANEL_MM
            letter = widget.ident.startswith("key_") and (here[2] - here[0]) >= 80 * unit
            if short < (80 if letter else 104) / 1080 * PANEL_MM - 0.05 or not (letter or short >= 12):
                found.append(f"small target: {widget.label} {short:.1f} mm")
            if not inside(here, screen):
                found.append(f"button outside: {widget.label}")
        if not isinstance(widget, Label) or isinstance(widget, Icon) or not widget.text or not widget.height:
            continue
        here = box(widget)
        name = widget.text[:40]
        texts.append((name, here))
        if not inside(here, screen):
            found.append(f"text outside: {name}")
        if widget.texture_size[0] > widget.width + SLACK or widget.texture_size[1] > widget.height + SLACK:
            found.append(f"text cut: {name} {widget.texture_size} in {widget.size}")
        sheet = next((each for each in reversed(above) if isinstance(each, Surface)), None)
        if sheet is not None and not inside(here, box(sheet)):
            found.append(f"text leaves its sheet: {name}")
        if not widget.shorten and words_of(widget) != widget.text.split():
            found.append(f"broken word: {name} {words_of(widget)}")
    for kind, boxes in (("text", texts), ("button", presses)):
        for at, (name, one) in enumerate(boxes):
            found.extend(f"{kind} on {kind}: {name} / {other}" for other, two in boxes[at + 1 :] if overlap(one, two))
    found.extend(
        f"text on button: {name} / {press}"
        for name, one in texts
        for press, two in presses
        if overlap(one, two) and not inside(one, two)
    )
    return found
