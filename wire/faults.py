"""The fault catalogue as Python: one entry a code, in order of urgency. Data: ``wire/faults.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent / "faults.toml"


@dataclass(frozen=True, slots=True)
class Fault:
    """``severity``: error or warning. ``mends``: staff, technician or administrator. ``resident``, ``staff``: msgids."""

    code: str
    role: str
    severity: str
    mends: str
    itself: bool
    resident: str
    staff: str


@cache
def catalogue() -> dict[str, Fault]:
    """All faults by code, most urgent first."""
    with FILE.open("rb") as file:
        return {code: Fault(code=code, **entry) for code, entry in tomllib.load(file).items()}


def by_urgency(codes: set[str] | tuple[str, ...]) -> tuple[str, ...]:
    """The codes, most urgent first; a code that the catalogue lacks comes last (and fails a test)."""
    order = list(catalogue())
    return tuple(
        sorted(
            set(codes),
            key=lambda code: (order.index(code) if code in order else len(order), code),
        )
    )
