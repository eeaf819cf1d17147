"""The live picture with the found page drawn over it, and the one hint."""

from __future__ import annotations

import mmap
import os
import re

from kivy.clock import Clock
from kivy.graphics import Color, Line, Rectangle, SmoothLine
from kivy.graphics.texture import Texture
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.status import LiveView
from screens.theme import Theme

SHM = "/dev/shm"
LARGEST = 4096
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}")
ARM = 0.14
"""Length of a corner's arm, as a share of the side it lies on (drawing 06)."""


def read_block(live: LiveView) -> bytes:
    """The newest preview: ``width * height * 3`` bytes BGR, top row first; b"" when there is none to read."""
    if not (0 < live.width <= LARGEST and 0 < live.height <= LARGEST) or not NAME.fullmatch(live.shm):
        return b""
    size = live.width * live.height * 3
    try:
        handle = os.open(f"{SHM}/{live.shm}", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return b""
    try:
        if os.fstat(handle).st_size < size:
            return b""
        with mmap.mmap(handle, size, prot=mmap.PROT_READ) as block:
            return bytes(block)
    except (OSError, ValueError):
        return b""
    finally:
        os.close(handle)


class CameraView(Widget):
    """A dark mat with the picture in it. ``hint``: words on the pill, "" for none; ``still``: the ring, 0 to 1."""

    live: ObjectProperty[LiveView | None] = ObjectProperty(None, allownone=True)
    hint = StringProperty("")
    hint_tone = StringProperty("live")
    hint_icon = StringProperty("")
    still = NumericProperty(0.0)
    ring = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._texture: Texture | None = None
        self._seq = -1
        self._redraw = Clock.create_trigger(self.draw, -1)
        for name in ("pos", "size"):
            self.fbind(name, self._redraw)
        self.fbind("live", self._newer)

    def _newer(self, *_: object) -> None:
        live = self.live
        if live is None or not live.shm:
            self._texture, self._seq = None, -1
        elif live.seq != self._seq:
            pixels = read_block(live)
            if pixels:
                self._upload(live, pixels)
                self._seq = live.seq
        self._redraw()

    def _upload(self, live: LiveView, pixels: bytes) -> None:
        size = (live.width, live.height)
        if self._texture is None or tuple(self._texture.size) != size:
            self._texture = Texture.create(size=size, colorfmt="bgr")
            self._texture.flip_vertical()
        self._texture.blit_buffer(pixels, colorfmt="bgr", bufferfmt="ubyte")
        self.canvas.ask_update()

    def draw(self, *_: object) -> None:
        """Draw picture and outline again."""
        theme: Theme = global_idmap["theme"]
        frame = self.ids["frame"].canvas
        frame.clear()
        live, texture = self.live, self._texture
        if live is None or texture is None or not live.width or not live.height:
            return
        scale = min(self.width / live.width, self.height / live.height)
        left = self.center_x - live.width * scale / 2
        top = self.center_y + live.height * scale / 2
        with frame:
            Color(1, 1, 1, 1)
            Rectangle(
                texture=texture,
                pos=(left, top - live.height * scale),
                size=(live.width * scale, live.height * scale),
            )
            if len(live.corners) == 4:
                points = [(left + x * scale, top - y * scale) for x, y in live.corners]
                self._outline(theme, points)

    def _outline(self, theme: Theme, points: list[tuple[float, float]]) -> None:
        Color(*theme.c["live"])
        flat = [value for point in points for value in point]
        SmoothLine(points=flat, close=True, width=3.0 * theme.u, joint="round")
        for at, corner in enumerate(points):
            before, after = points[at - 1], points[(at + 1) % 4]
            arm = [_toward(corner, before), corner, _toward(corner, after)]
            Line(points=[value for point in arm for value in point], width=8 * theme.u, cap="round", joint="round")


def _toward(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return (start[0] + (end[0] - start[0]) * ARM, start[1] + (end[1] - start[1]) * ARM)
