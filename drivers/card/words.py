"""The lines that the card reader's child writes: one JSON object each, read by the station.

They carry UIDs, over a pipe that nothing else reads: they are never logged and never stored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from drivers.contract import CardKind, CardSeen

LONGEST = 8192  # bytes of a line


class Service(StrEnum):
    """The card service, as the child finds it."""

    UP = "up"
    DOWN = "down"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Alive:
    """All readers were looked at; nothing else is to be told."""


@dataclass(frozen=True, slots=True)
class ServiceIs:
    """The card service changed, or is told for the first time."""

    state: Service


@dataclass(frozen=True, slots=True)
class ReadersAre:
    """The readers that answer now."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A card came and is asked who it is: ``Came`` follows, or nothing ever does."""

    reader: str


@dataclass(frozen=True, slots=True)
class Came:
    """A card lies on that reader."""

    reader: str
    card: CardSeen


@dataclass(frozen=True, slots=True)
class Gone:
    """It went."""

    reader: str


Word = Alive | ServiceIs | ReadersAre | Asking | Came | Gone


def line(word: Word) -> bytes:
    """The line of a word, with its end."""
    match word:
        case Alive():
            told: dict[str, object] = {"is": "alive"}
        case ServiceIs():
            told = {"is": "service", "state": word.state.value}
        case ReadersAre():
            told = {"is": "readers", "names": list(word.names)}
        case Asking():
            told = {"is": "asking", "reader": word.reader}
        case Came():
            card = word.card
            told = {"is": "came", "reader": word.reader, "kind": card.kind.value, "uid": card.uid.hex()}
            told["random"] = card.random
        case Gone():
            told = {"is": "gone", "reader": word.reader}
    return json.dumps(told).encode() + b"\n"


def word_in(text: bytes) -> Word | None:
    """The word of a line; None for anything that is none."""
    try:
        told: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    return _word(cast("dict[str, object]", told))


def _word(told: dict[str, object]) -> Word | None:
    reader = told.get("reader")
    match told.get("is"), reader:
        case "alive", None:
            return Alive()
        case "service", None:
            return next((ServiceIs(state) for state in Service if state.value == told.get("state")), None)
        case "readers", None:
            names = told.get("names")
            if not isinstance(names, list):
                return None
            texts = [name for name in cast("list[object]", names) if isinstance(name, str)]
            return ReadersAre(tuple(texts))
        case "asking", str():
            return Asking(reader)
        case "gone", str():
            return Gone(reader)
        case "came", str():
            card = _card(told)
            return None if card is None else Came(reader, card)
        case _:
            return None


def _card(told: dict[str, object]) -> CardSeen | None:
    kind, uid, random = told.get("kind"), told.get("uid"), told.get("random")
    if not isinstance(kind, str) or not isinstance(uid, str) or not isinstance(random, bool):
        return None
    try:
        return CardSeen(CardKind(kind), bytes.fromhex(uid), random)
    except ValueError:
        return None
