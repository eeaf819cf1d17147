"""Kivy's environment and settings: imported and called before anything else of Kivy."""

from __future__ import annotations

import os
import sys
from types import ModuleType


def configure(width: int, height: int, *, maxfps: int = 30) -> None:
    """Set up a borderless window of ``width`` x ``height`` pixels at the screen's top left corner; 0: the whole screen.

    Kivy then reads no arguments, writes no file, logs through ``logging`` and takes pointer events from the window
    alone: its other provider would deliver every touch a second time.
    """
    os.environ.setdefault("KIVY_NO_ARGS", "1")
    os.environ.setdefault("KIVY_NO_CONFIG", "1")
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    os.environ.setdefault("KIVY_CLIPBOARD", "dummy")
    os.environ.setdefault("KIVY_IMAGE", "sdl2")
    os.environ.setdefault("KIVY_TEXT", "sdl2")
    os.environ.setdefault("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0")
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    # Kivy's own reader of /dev/input, which we never use: without libmtdev it logs an error at every start.
    sys.modules.setdefault("kivy.input.providers.mtdev", ModuleType("kivy.input.providers.mtdev"))
    from kivy.config import Config

    graphics: dict[str, int | str] = {
        "width": width or 1080,
        "height": height or 1920,
        "multisamples": 0,  # software GL: doubles the cost of a frame; our shapes smooth themselves
        "maxfps": maxfps,
        "resizable": 0,
        "vsync": 0,
        "show_cursor": 0,
        "position": "custom",
        "left": 0,
        "top": 0,
        "borderless": 1,
        "fullscreen": 0 if width else "auto",
    }
    for key, value in graphics.items():
        Config.set("graphics", key, str(value))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "keyboard_mode", "")
    Config.remove_option("input", "%(name)s")
    Config.set("input", "mouse", "mouse,disable_multitouch")
