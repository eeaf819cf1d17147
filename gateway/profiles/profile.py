"""A profile as data (``*.toml`` beside this file), with a check that names file, line and fault in plain words."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FOLDER = Path(__file__).resolve().parent
PLACES = ("number", "service", "paper", "page", "n", "date")
"""What a name's pattern may hold in braces."""

Step = Literal["quality", "pixels", "grey"]
Kind = Literal["jpeg", "pdf"]
_PATTERN = re.compile(r"(?:[A-Za-z0-9_.-]|\{(?:" + "|".join(PLACES) + r")\})+")
_KEY = re.compile(r"\s*(?:\"([^\"]*)\"|([A-Za-z0-9_-]+))\s*=")

_PLAIN = {
    "extra_forbidden": "is no setting of a profile",
    "missing": "is missing",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "needs at least {min_length} of them",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "may hold only small letters, digits and dashes",
    "bool_type": "must be true or false",
}


class ProfileError(ValueError):
    """A profile is wrong or not there; the message names file, line and fault."""


class Profile(BaseModel):
    """What one destination takes.

    ``types``: file types that it takes. ``files``: one file, one a paper, or one a page. ``max_bytes``: of a file; 0 is
    no limit (1 MB here is 1,000,000 bytes, the smaller reading). ``name``: pattern of the file names, without ending.
    ``colour``: "keep" or "grey". ``max_side``: pixels of the longest side; 0 is no limit. ``max_dpi``: 0 is no limit.
    ``source``, ``date``: where the limits come from, and when that was read or published.

    ``order``: what is given up first, second, third to come below ``max_bytes``. ``quality``, ``dpi``: the ladders of
    the first two, best first; a page is never made better than it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    title: str = Field(min_length=1, max_length=80)
    source: str = Field(min_length=1, max_length=200)
    date: str = Field(default="", max_length=10)
    types: tuple[Kind, ...] = Field(min_length=1)
    files: Literal["one", "paper", "page"]
    max_bytes: int = Field(default=0, ge=0, le=1_000_000_000)
    name: str = Field(min_length=1, max_length=80)
    colour: Literal["keep", "grey"] = "keep"
    max_side: int = Field(default=0, ge=0, le=20_000)
    max_dpi: int = Field(default=0, ge=0, le=1200)
    order: tuple[Step, ...] = ()
    quality: tuple[int, ...] = ()
    dpi: tuple[int, ...] = ()

    @field_validator("types", "order", "quality", "dpi", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return tuple(cast(list[object], value)) if isinstance(value, list) else value

    @field_validator("name")
    @classmethod
    def _safe(cls, value: str) -> str:
        if not _PATTERN.fullmatch(value):
            holders = ", ".join(f"{{{place}}}" for place in PLACES)
            raise ValueError(f"may hold letters, digits, dot, dash, underscore and {holders}")
        return value

    @field_validator("quality", "dpi")
    @classmethod
    def _down(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(below >= above for above, below in itertools.pairwise(value)):
            raise ValueError("must go down from the best to the least")
        return value

    @field_validator("quality")
    @classmethod
    def _readable(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 30 <= each <= 95 for each in value):
            raise ValueError("must lie between 30 and 95")
        return value

    @field_validator("dpi")
    @classmethod
    def _legible(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 72 <= each <= 600 for each in value):
            raise ValueError("must lie between 72 and 600")
        return value

    @field_validator("order")
    @classmethod
    def _once(cls, value: tuple[Step, ...]) -> tuple[Step, ...]:
        if len(set(value)) != len(value):
            raise ValueError("names a step twice")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.files != "page" and "pdf" not in self.types:
            raise ValueError("files: several pages in one file need the type pdf")
        if "{page}" in self.name and self.files != "page":
            raise ValueError("name: {page} stands only where each page is a file")
        if "{paper}" in self.name and self.files == "one":
            raise ValueError("name: {paper} stands only where a file holds one paper")
        if self.max_bytes and not self.order:
            raise ValueError("max_bytes: a limit needs an order of what may be given up")
        for step, ladder in (("quality", self.quality), ("pixels", self.dpi)):
            if step in self.order and not ladder:
                raise ValueError(f"order: the step {step} needs its ladder ({'dpi' if step == 'pixels' else step})")
        return self

    @property
    def kind(self) -> Kind:
        """The type of the files: a JPEG where each page is a file and the destination takes it, a PDF otherwise."""
        return "jpeg" if self.files == "page" and "jpeg" in self.types else "pdf"


def load(path: Path) -> Profile:
    """Read one profile. Raises ProfileError: a line a fault, "file:line: what is wrong"."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ProfileError(f"{path.name}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path.name}: is not UTF-8 text") from error
    return read(text, path.name)


def read(text: str, name: str) -> Profile:
    """Read a profile from its text; ``name`` is the file's, its stem is the profile's id. Raises ProfileError."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = found[1] if found else str(text.count("\n") + 1)
        raise ProfileError(f"{name}:{line}: this line is not TOML") from error
    if "date" in data:  # TOML reads a bare date as a date
        data["date"] = str(data["date"])
    try:
        return Profile.model_validate({**data, "id": name.removesuffix(".toml")})
    except ValidationError as error:
        first = {each["loc"][:1]: each for each in reversed(error.errors())}  # one fault a setting is enough
        faults = sorted(_fault(text, each) for each in first.values())
        raise ProfileError("\n".join(f"{name}:{line}: {fault}" for line, fault in faults)) from error


def _fault(text: str, error: ErrorDetails) -> tuple[int, str]:
    """The line of one fault, and the fault in plain words."""
    key = str(error["loc"][0]) if error["loc"] else ""
    fault = _PLAIN.get(error["type"], "is not right").format(**error.get("ctx", {}))
    if error["type"] == "value_error":
        fault = str(error["msg"]).removeprefix("Value error, ")
        if not key:  # a rule over several settings names its own
            key, _, fault = fault.partition(": ")
    for number, line in enumerate(text.splitlines(), 1):
        found = _KEY.match(line)
        if found and key in (found[1], found[2]):
            return number, f"{key} {fault}"
    return 1, f"{key} {fault}"


def profiles(*folders: Path) -> dict[str, Profile]:
    """The profiles of this program and of ``folders`` by id; a later folder's replaces one of the same id.

    Raises ProfileError with the faults of all files.
    """
    found: dict[str, Profile] = {}
    faults: list[str] = []
    for folder in (FOLDER, *folders):
        for path in sorted(folder.glob("*.toml")):
            try:
                profile = load(path)
                found[profile.id] = profile
            except ProfileError as error:
                faults.append(str(error))
    if faults:
        raise ProfileError("\n".join(faults))
    return found


def named(profile: str, *folders: Path) -> Profile:
    """The profile of that id. Raises ProfileError, which lists those that are there."""
    known = profiles(*folders)
    if profile not in known:
        raise ProfileError(f"there is no profile {profile!r}; there are: {', '.join(known)}")
    return known[profile]
