"""The fault catalogue as Python: one entry a code, in order of urgency. Data: ``wire/faults.toml``."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wire.words import translator

FILE = Path(__file__).resolve().parent / "faults.toml"


@dataclass(frozen=True, slots=True)
class Fault:
    """``severity``: error, warning. ``mends``: staff, technician, administrator. ``resident``, ``staff``: msgids."""

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


def staff_words(code: str) -> str:
    """Msgid of what staff read of a fault, "" for a code that the catalogue lacks."""
    entry = catalogue().get(code)
    return entry.staff if entry else ""


def by_urgency(codes: set[str] | tuple[str, ...]) -> tuple[str, ...]:
    """The codes, most urgent first; a code that the catalogue lacks comes last (and fails a test)."""
    order = list(catalogue())
    return tuple(
        sorted(
            set(codes),
            key=lambda code: (order.index(code) if code in order else len(order), code),
        )
    )


def document() -> str:
    """The catalogue as Markdown: the whole of docs/faults.md. Residents' and staff's words in Indonesian."""
    words = translator("id", "wire")
    rows = [
        "# Faults\n\nMade by `./adm python -m wire.faults` from `wire/faults.toml`, most urgent first.\n",
        "| code | device | severity | mends | clears itself | a resident reads | staff reads |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{f.code}` | {f.role} | {f.severity} | {f.mends} | {'yes' if f.itself else 'no'} "
            f"| {words(f.resident) or '-'} | {words(f.staff)} |"
            for f in catalogue().values()
        ),
    ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
