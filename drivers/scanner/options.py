"""What a scanner can do, as ``scanimage -A`` lists it, and the options of a scan that follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

WIDTH_MM = 220.0
HEIGHT_MM = 340.0
"""The largest part of a bed that is scanned: a sheet of F4 (215 x 330 mm) and a little more."""
_DPI_LIMIT = 600
_LINE = re.compile(r"    (--?[a-z0-9-]+)(?:\[=| )(\S.*)")
_TAIL = re.compile(
    r"(?:\s*\(in steps of [^)]*\))?\s+\[(.*?)\]((?:\s*\[(?:advanced|read-only|hardware|inactive)\])*)\s*$"
)
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DEAD = ("inactive", "read-only")
_FEEDER = re.compile(r"adf|feeder", re.IGNORECASE)
_FLATBED = re.compile(r"flat|platen|table|\bfb\b|normal", re.IGNORECASE)
_OTHER_SIDE = re.compile(r"duplex|back|rear|both|card|transparen|film|negative|slide", re.IGNORECASE)
_COLOUR = re.compile(r"colou?r", re.IGNORECASE)


class Unfit(ValueError):
    """The scanner lacks what a scan needs; the text is for staff."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option. ``choices``: of a list, in its order. ``span``: of a range, low and high."""

    choices: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    now: str = ""

    def number(self, wanted: float) -> float | None:
        """The number nearest to ``wanted``, rather a higher one up to 600; None when it takes none."""
        if self.span is not None:
            low, high = self.span
            return min(max(wanted, low), high)
        numbers = sorted(float(found[0]) for choice in self.choices if (found := _NUMBER.match(choice)))
        higher = [number for number in numbers if wanted <= number <= _DPI_LIMIT]
        lower = [number for number in numbers if number < wanted]
        return higher[0] if higher else lower[-1] if lower else None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How this scanner is asked for a page. ``dpi``: what it will give. ``options``: for ``scanimage``."""

    dpi: int
    options: tuple[str, ...]


def read_options(text: str) -> dict[str, Option]:
    """The options that can be set now, by name with its dashes; what is not understood is left out."""
    options: dict[str, Option] = {}
    for line in text.splitlines():
        found = _LINE.match(line)
        tail = _TAIL.search(line) if found else None
        if found is None or tail is None or tail[1] in _DEAD or any(word in tail[2] for word in _DEAD):
            continue
        values = line[found.start(2) : tail.start()].strip()
        if values.startswith("(") and values.endswith(")]"):  # [=(yes|no)]
            values = values[1:-2]
        span = _RANGE.match(values)
        if span is not None:
            options[found[1]] = Option(span=(float(span[1]), float(span[2])), now=tail[1])
        else:
            choices = tuple(choice for choice in values.split("|") if choice and choice != "auto")
            options[found[1]] = Option(choices, now=tail[1])
    return options


def source_name(options: dict[str, Option], source: str) -> str | None:
    """What this scanner calls ``flatbed`` or ``feeder``; None when it has one source alone. Raises ``Unfit``."""
    option = options.get("--source")
    if option is None or not option.choices:
        return None
    like = _FEEDER if source == "feeder" else _FLATBED
    for choice in option.choices:
        if like.search(choice) and not _OTHER_SIDE.search(choice):
            return choice
    raise Unfit(f"the scanner has no {source}, only {', '.join(option.choices)}"[:200])


def recipe(options: dict[str, Option], source: str | None, dpi: int) -> Recipe:
    """Colour, eight bits, the whole bed, ``dpi`` or what comes nearest. Raises ``Unfit``."""
    resolution = options.get("--resolution", Option()).number(dpi)
    if resolution is None or resolution < 1:
        raise Unfit("the scanner names no resolution")
    chosen = () if source is None else ("--source", source)
    modes = [mode for mode in options.get("--mode", Option()).choices if _COLOUR.search(mode)]
    if modes:
        chosen += ("--mode", "Color" if "Color" in modes else modes[0])
    chosen += ("--resolution", f"{resolution:g}")
    if "8" in options.get("--depth", Option()).choices:
        chosen += ("--depth", "8")
    for name, wanted in (("-l", 0.0), ("-t", 0.0), ("-x", WIDTH_MM), ("-y", HEIGHT_MM)):
        length = options[name].number(wanted) if name in options else None
        if length is not None:
            chosen += (name, f"{length:g}")
    return Recipe(round(resolution), chosen)
