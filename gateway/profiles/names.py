"""File names from a pattern: only safe characters, never the same twice (also where capitals do not count)."""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST = 100  # characters of a name with its ending
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# Names that Windows keeps for devices, whatever their ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_FALLBACK = "berkas"


class Names:
    """The names of one export."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._taken: set[str] = set()

    def next(self, values: Mapping[str, str], ending: str) -> str:
        """A name that no file of this export has yet. ``ending``: with its dot."""
        parts = re.split(r"\{(\w+)\}", self._pattern)
        filled = "".join(values.get(part, "") if index % 2 else part for index, part in enumerate(parts))
        stem = _UNSAFE.sub("-", filled).strip("-.") or _FALLBACK
        if stem.split(".", maxsplit=1)[0].lower() in _DEVICES:
            stem = f"{_FALLBACK}-{stem}"
        stem = stem[: LONGEST - len(ending) - 5].rstrip("-.")
        name, n = f"{stem}{ending}", 1
        while name.lower() in self._taken:
            n += 1
            name = f"{stem}-{n}{ending}"
        self._taken.add(name.lower())
        return name
