"""YAML whose every value knows its line: texts, lists and mappings alone, so that ``no`` stays "no", a date its text.

No anchors, no tags, no key twice. Whatever bytes come, the answer is a ``Marked`` with its flaws, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_BYTES = 256 * 1024
_SURROGATES = range(0xD800, 0xE000)

Place = tuple[str | int, ...]
"""Keys and list positions from the top of the file."""


@dataclass(frozen=True, order=True)
class Flaw:
    """One thing that is wrong. ``line``, ``column``: from 1. ``where``: the keys that lead there, "" for the top."""

    file: str
    line: int
    column: int
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.where + ': ' if self.where else ''}{self.text}"


def spelled(place: Place) -> str:
    """``("papers", 0, "name")`` as "papers.0.name"."""
    return ".".join(map(str, place))


@dataclass
class Marked:
    """A file's values, where each stands, and what was wrong with the file as YAML."""

    file: str
    data: object = None
    values: dict[Place, tuple[int, int]] = field(default_factory=dict[Place, tuple[int, int]])
    keys: dict[Place, tuple[int, int]] = field(default_factory=dict[Place, tuple[int, int]])
    flaws: list[Flaw] = field(default_factory=list[Flaw])

    def flaw(self, place: Place, text: str, *, key: bool = False) -> Flaw:
        """What is wrong at ``place`` (``key``: with its key), or at the nearest place above that the file has."""
        known = self.keys if key else self.values
        for end in range(len(place), -1, -1):
            if found := known.get(place[:end]) or self.values.get(place[:end]):
                return Flaw(self.file, *found, spelled(place), text)
        return Flaw(self.file, 1, 1, spelled(place), text)


def mapping(data: object) -> dict[str, object]:
    """``data`` when it is keys with values, else nothing."""
    return cast(dict[str, object], data) if isinstance(data, dict) else {}


def listed(data: object) -> list[object]:
    """``data`` when it is a list, else nothing."""
    return cast(list[object], data) if isinstance(data, list) else []


def read(path: Path) -> Marked:
    """Read one file. Its flaws say why it cannot be used, if so."""
    made = Marked(path.name)
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        made.flaws.append(Flaw(path.name, 1, 1, "", f"the file cannot be read: {error.strerror}"))
        return made
    return parse(text, path.name)


def parse(text: bytes, file: str) -> Marked:
    """Read the bytes of ``file``."""
    made = Marked(file)
    if len(text) > MAX_BYTES:
        made.flaws.append(Flaw(file, 1, 1, "", f"the file is longer than {MAX_BYTES // 1024} KiB"))
        return made
    try:
        node = yaml.compose(text.decode("utf-8"), yaml.SafeLoader)
        if node is None:
            made.flaws.append(Flaw(file, 1, 1, "", "the file is empty"))
        else:
            _Walk(made).value(node, ())
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        made.flaws.append(Flaw(file, line, 1, "", "this is no UTF-8 text; save the file as UTF-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "no YAML"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        made.flaws.append(Flaw(file, line, column, "", f"this is no YAML: {said}"))
    except RecursionError:
        made.flaws.append(Flaw(file, 1, 1, "", "brackets or lists stand too deep in each other"))
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # escapes and directives beyond what Python counts
        made.flaws.append(Flaw(file, 1, 1, "", f"this is no YAML: {' '.join(str(error).split())}"))
    return made


class _Walk:
    def __init__(self, made: Marked) -> None:
        self._made, self._seen = made, set[int]()
        self._alive: list[Node] = []  # an id is a node's name only while the node is there

    def value(self, node: Node, place: Place) -> object:
        start = node.start_mark
        self._made.values[place] = (start.line + 1, start.column + 1)
        if id(node) in self._seen:
            self._flaw(place, "this points to another place of the file (* and &); write it out here")
            return ""
        self._seen.add(id(node))
        self._alive.append(node)
        if not isinstance(node, ScalarNode | SequenceNode | MappingNode):
            return ""
        found = self._of(node, place)
        if not place:
            self._made.data = found
        return found

    def _of(self, node: ScalarNode | SequenceNode | MappingNode, place: Place) -> object:
        if isinstance(node, ScalarNode):
            return self._text(node, place)
        if isinstance(node, SequenceNode):
            return [self.value(one, (*place, n)) for n, one in enumerate(cast(list[Node], node.value))]
        found: dict[str, object] = {}
        for key_node, value_node in cast(list[tuple[Node, Node]], node.value):
            if not isinstance(key_node, ScalarNode):
                start = key_node.start_mark
                self._made.flaws.append(
                    Flaw(self._made.file, start.line + 1, start.column + 1, spelled(place), "a key is a plain word")
                )
                continue
            key = self._text(key_node, place)
            here = (*place, key)
            if key in found:
                self._made.keys[here] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
                self._made.flaws.append(self._made.flaw(here, "this key stands here twice", key=True))
                continue
            self._made.keys[here] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, here)
        return found

    def _text(self, node: ScalarNode, place: Place) -> str:
        text = cast(str, node.value)
        if any(ord(character) in _SURROGATES for character in text):
            self._flaw(place, "half a character stands here")
            return ""
        return text

    def _flaw(self, place: Place, text: str) -> None:
        self._made.flaws.append(self._made.flaw(place, text))
