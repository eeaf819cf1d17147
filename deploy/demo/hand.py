"""A resident's hand and eyes at the window: X pointer events at what the accessible tree names, and pictures.

Nothing here speaks to the station: what is not on the screen cannot be touched.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, cast

from deploy.demo.bench import BenchError, wait_for


class Node(TypedDict):
    """One thing on the screen. ``rect``: x, y, width, height in pixels from the top left."""

    role: str
    label: str
    id: str
    rect: tuple[float, float, float, float]
    disabled: bool


class Tree(TypedDict):
    """What the window shows."""

    screen: str
    lang: str
    palette: str
    nodes: list[Node]


class Hand:
    """``display``: the X display of the window. ``probe``: the socket of its accessible tree."""

    def __init__(self, display: str, probe: Path) -> None:
        self._environment = {"DISPLAY": display, "PATH": os.environ["PATH"]}
        self._probe = probe
        for tool in ("xdotool", "import"):
            if not shutil.which(tool):
                raise BenchError(f"no {tool} here: apt-get install xdotool imagemagick")

    # -- eyes

    def tree(self) -> Tree:
        """The tree as it stands now. Raises OSError when no window answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(os.fspath(self._probe))
            line.sendall(b"tree\n")
            line.shutdown(socket.SHUT_WR)
            blocks: list[bytes] = []
            while block := line.recv(1 << 16):
                blocks.append(block)
        return cast(Tree, json.loads(b"".join(blocks)))

    def look(self) -> Tree | None:
        """The tree, or None while no window answers."""
        try:
            return self.tree()
        except (OSError, json.JSONDecodeError):
            return None

    def screen(self) -> str:
        """The name of the screen, or "" while no window answers."""
        tree = self.look()
        return tree["screen"] if tree else ""

    def texts(self) -> list[str]:
        """Every text on the screen."""
        tree = self.look()
        return [node["label"] for node in tree["nodes"] if node["label"]] if tree else []

    def find(self, name: str) -> Node | None:
        """What has this id, or None."""
        tree = self.look()
        return next((node for node in tree["nodes"] if node["id"] == name), None) if tree else None

    def wait(self, what: str, look: Callable[[Tree], object], *, within: float = 15) -> Tree:
        """Wait until ``look`` finds the tree as it should be; returns that tree. Raises BenchError."""

        def seen() -> Tree | None:
            tree = self.look()
            return tree if tree and look(tree) else None

        try:
            return cast(Tree, wait_for(what, seen, within=within))
        except BenchError as error:
            raise BenchError(f"{error}; on the screen {self.screen()!r}: {self.texts()}") from None

    def wait_screen(self, *names: str, within: float = 15) -> str:
        """Wait until one of these screens is shown; returns which."""
        return self.wait(f"screen {' or '.join(names)}", lambda tree: tree["screen"] in names, within=within)["screen"]

    def wait_text(self, text: str, *, within: float = 15) -> None:
        """Wait until ``text`` stands somewhere on the screen."""
        self.wait(
            f"the text {text!r}", lambda tree: any(text in node["label"] for node in tree["nodes"]), within=within
        )

    def picture(self, path: Path) -> None:
        """A PNG of the whole screen."""
        self._tool("import", "-silent", "-window", "root", str(path))

    # -- hand

    def tap(self, name: str, *, within: float = 15) -> None:
        """Touch what has this id, once it is there, in reach and keeps its place."""
        self._pointer([self._ready(name, within)])

    def type(self, text: str, *, within: float = 15) -> None:
        """Type on the pad, a key after the other."""
        names = ["key_space" if character == " " else f"key_{character}" for character in text]
        places = {name: self._ready(name, within) for name in dict.fromkeys(names)}
        self._pointer([places[name] for name in names])

    def hold(self, name: str, seconds: float, *, within: float = 15) -> None:
        """Keep a finger on what has this id for so long."""
        x, y = self._ready(name, within)
        press = ("mousemove", str(x), str(y), "mousedown", "1", "sleep", f"{seconds:g}", "mouseup", "1")
        self._tool("xdotool", *press)

    def touch(self, x: int, y: int) -> None:
        """Touch a place, whatever is there."""
        self._pointer([(x, y)])

    def _ready(self, name: str, within: float) -> tuple[int, int]:
        before: tuple[float, ...] = ()

        def steady(tree: Tree) -> Node | None:
            nonlocal before
            node = next((node for node in tree["nodes"] if node["id"] == name and not node["disabled"]), None)
            rect = tuple(node["rect"]) if node else ()
            found, before = (node if rect and rect == before else None), rect
            return found

        tree = self.wait(f"{name} to touch", steady, within=within)
        x, y, width, height = next(n for n in tree["nodes"] if n["id"] == name and not n["disabled"])["rect"]
        return round(x + width / 2), round(y + height / 2)

    def _pointer(self, places: list[tuple[int, int]]) -> None:
        words: list[str] = []
        for x, y in places:
            words += ["mousemove", str(x), str(y), "mousedown", "1", "sleep", "0.025", "mouseup", "1", "sleep", "0.015"]
        self._tool("xdotool", *words)
        time.sleep(0.05)

    def _tool(self, *words: str) -> None:
        done = subprocess.run(words, env=self._environment, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise BenchError(f"{words[0]} ended with {done.returncode}: {done.stderr}")
