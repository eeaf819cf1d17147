"""What the controller hears beside events of the visit, and what it keeps when no visit is on."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.intents import Intent


@dataclass(frozen=True, slots=True)
class Heard:
    """A word of the window."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Poke:
    """Something may have changed: look again."""


@dataclass(frozen=True, slots=True)
class CardMoved:
    """A card came or went, or a visit wants to know what lies there."""


@dataclass(frozen=True, slots=True)
class CodeRead:
    """The code scanner read this."""

    text: str = field(repr=False)


@dataclass(slots=True)
class Idle:
    """What outlives a visit, none of it personal. Times in monotonic seconds; 0 = never."""

    number: str = ""
    number_until: float = 0.0
    officer_until: float = 0.0
    touched: float = 0.0
    facts_at: float = 0.0
    ticked: float = 0.0
