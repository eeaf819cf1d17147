"""The accessible tree on a Unix socket, for whoever looks from outside; it exists only when asked for with --probe.

A caller sends ``tree`` and a line end and reads JSON until the end: ``{screen, lang, palette, nodes}``; a node is
``{role, label, id, rect, disabled, focus}`` with ``rect`` as x, y, width, height in pixels from the top left. It is
answered once the screen takes touches again, so that a tap at a rectangle just read is heard.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from screens.app import WindowApp
from screens.widgets.press import Pressable
from screens.widgets.text import Icon


def nodes(root: Widget) -> list[dict[str, Any]]:
    """Every control and every text that is shown, in reading order of the tree."""
    found: list[dict[str, Any]] = []
    _walk(root, found)
    return found


def _walk(widget: Widget, found: list[dict[str, Any]]) -> None:
    if not widget.opacity:
        return
    if isinstance(widget, Pressable):
        if widget.label:
            found.append(_node(widget, "button", widget.label, widget.ident, focus=widget.focus))
        return
    if isinstance(widget, Label) and not isinstance(widget, Icon) and widget.text and widget.height:
        found.append(_node(widget, "text", widget.text, str(getattr(widget, "ident", "")), focus=False))
    for child in reversed(widget.children):
        _walk(child, found)


def _node(widget: Widget, role: str, label: str, ident: str, *, focus: bool) -> dict[str, Any]:
    x, y = widget.to_window(widget.x, widget.y)
    top = Window.height - y - widget.height
    rect = [round(x), round(top), round(widget.width), round(widget.height)]
    return {"role": role, "label": label, "id": ident, "rect": rect, "disabled": bool(widget.disabled), "focus": focus}


def tree(app: WindowApp) -> dict[str, Any]:
    """What is on the screen now. Call on Kivy's thread."""
    return {
        "screen": "cancel_ask" if app.asking else app.screen.value,
        "lang": app.tr.lang,
        "palette": app.theme.palette,
        "nodes": nodes(app.shell),
    }


class Probe:
    """Serves ``tree`` at ``path``, a socket that only this user can open."""

    def __init__(self, path: str, app: WindowApp) -> None:
        self._app = app
        Path(path).unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            self._server.bind(path)
        finally:
            os.umask(before)
        self._server.listen(4)
        threading.Thread(target=self._serve, name="probe", daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with peer:
                try:
                    self._answer(peer)
                except OSError:
                    continue  # the caller went away

    def _answer(self, peer: socket.socket) -> None:
        peer.settimeout(5)
        if peer.recv(16).strip() != b"tree":
            return
        read, answer = threading.Event(), bytearray()

        def look(_dt: float) -> None:
            if self._app.deaf:
                Clock.schedule_once(look, 0.03)
                return
            answer.extend(json.dumps(tree(self._app)).encode())
            read.set()

        Clock.schedule_once(look, 0)
        read.wait(5)
        peer.sendall(answer)
