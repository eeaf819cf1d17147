"""The real window in this process, on SDL's offscreen driver: real layout, real GL, synthetic touches.

Import this before anything of Kivy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ["SDL_VIDEODRIVER"] = "offscreen"
SIZE = tuple(int(part) for part in os.environ.get("ADM_TEST_SIZE", "1080x1920").split("x"))

from screens import boot  # noqa: E402 - the driver is named first

boot.configure(SIZE[0], SIZE[1], maxfps=0)

from kivy.base import EventLoop  # noqa: E402 - after the window is configured
from kivy.clock import Clock  # noqa: E402 - after the window is configured
from kivy.core.window import Window  # noqa: E402 - after the window is configured
from kivy.graphics.opengl import (  # noqa: E402 - after the window is configured
    GL_RGB,
    GL_UNSIGNED_BYTE,
    glFinish,
    glReadPixels,
)
from kivy.tests.common import UnitTestTouch  # noqa: E402 - after the window is configured

from kiosk.intents import Alive, Intent  # noqa: E402 - after the window is configured
from kiosk.link import MemoryLink  # noqa: E402 - after the window is configured
from kiosk.status import KioskStatus  # noqa: E402 - after the window is configured
from screens import probe  # noqa: E402 - after the window is configured
from screens.app import WindowApp  # noqa: E402 - after the window is configured

NOON = datetime(2026, 11, 24, 10, 24)
# llvmpipe queues frames faster than it draws them, without end, unless each is waited for.
Window.bind(on_flip=lambda *_: glFinish())


class Driver:
    """One window and the station's end of its link."""

    def __init__(self) -> None:
        self.link = MemoryLink()
        self.said: list[Intent] = []
        self.link.on_intent(self._hear)
        self.app = WindowApp(self.link, now=lambda: NOON)
        self.app._run_prepare()  # noqa: SLF001 - what run() does before its loop
        self.frames(3)

    def _hear(self, intent: Intent) -> None:
        if not isinstance(intent, Alive):
            self.said.append(intent)

    def frames(self, count: int = 2) -> None:
        for _ in range(count):
            EventLoop.idle()

    def wait(self, done: Callable[[], bool], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, "timed out"
            EventLoop.idle()

    def show(self, status: KioskStatus) -> None:
        self.link.publish(status)
        self.frames(6)

    def lay_out(self, status: KioskStatus) -> None:
        """As ``show``, but nothing is drawn: where things lie is known without, in a tenth of the time."""
        self.link.publish(status)
        for _ in range(6):
            Clock.tick()
            Clock.tick_draw()

    def tree(self) -> dict[str, Any]:
        return probe.tree(self.app)

    def nodes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.tree()["nodes"]
        return found

    def find(self, ident: str) -> dict[str, Any]:
        found = [node for node in self.nodes() if node["id"] == ident]
        assert found, f"{ident!r} is not among {[node['id'] or node['label'] for node in self.nodes()]}"
        return found[0]

    def tap(self, ident: str) -> None:
        self.wait(lambda: not self.app.deaf)
        self.press(self.find(ident)["rect"])
        self.frames(3)

    def press(self, rect: list[int]) -> None:
        x, y, width, height = rect
        touch = UnitTestTouch(x + width / 2, Window.height - (y + height / 2))
        touch.touch_down()
        self.frames(1)
        touch.touch_up()

    def shot(self, path: str) -> None:
        self.frames(2)
        made = Window.screenshot(name=path)
        assert made
        Path(made).replace(path)

    def pixels(self, x: int, y: int, width: int, height: int) -> bytes:
        """What is drawn in a rectangle, from the top left."""
        self.frames(2)
        return bytes(glReadPixels(x, Window.height - y - height, width, height, GL_RGB, GL_UNSIGNED_BYTE))

    def close(self) -> None:
        self.app.stop()
        for child in Window.children[:]:
            Window.remove_widget(child)


def words_of(label: Any) -> list[str]:
    """The words of a label as its lines hold them: a word that was broken stands here in two pieces."""
    lines = label._label._cached_lines  # noqa: SLF001 - Kivy shows the laid out lines nowhere else
    return [str(word) for word in " ".join("".join(word.text for word in line.words) for line in lines).split()]
