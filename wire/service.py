"""Services as data: which papers, which fields, which form; read from ``wire/services/*.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).resolve().parent / "services"

PaperId = str
FieldKind = Literal["text", "kk", "phone", "date"]


class ServiceError(ValueError):
    """A service file is wrong; the message names file, place and fault."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Paper(_Data):
    """One paper that the resident brings. ``name``, ``short``, ``where``: msgids. ``pages``: sheets' sides to scan.

    ``shape``: what the page finder expects ("a4", "f4", "card", "any").
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    name: str
    short: str
    where: str
    need: Literal["required"]
    pages: int = Field(ge=1, le=8)
    shape: Literal["a4", "f4", "card", "any"]


class FormField(_Data):
    """One question of the form. ``label``, ``help``: msgids. ``min``, ``max``: characters (dates: DDMMYYYY)."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    kind: FieldKind
    label: str
    help: str
    min: int = Field(ge=1)
    max: int = Field(le=120)


class Service(_Data):
    """A civil-registry service (domain.md §1.4). ``name``, ``output``: msgids; ``source``: the rule it rests on."""

    code: str = Field(pattern=r"^[A-Z0-9-]{3,32}$")
    schema_version: int = Field(ge=1)
    name: str
    output: str
    group: Literal["kk", "ktp", "kia", "move", "act", "data"]
    form: str
    source: str
    source_date: str
    papers: tuple[Paper, ...] = Field(min_length=1)
    fields: tuple[FormField, ...]

    @model_validator(mode="after")
    def _once(self) -> Self:
        for what, ids in (
            ("paper", [p.id for p in self.papers]),
            ("field", [f.id for f in self.fields]),
        ):
            if len(set(ids)) != len(ids):
                raise ValueError(f"a {what} id stands twice")
        return self

    def paper(self, paper: str) -> Paper:
        """The paper of that id. Raises KeyError."""
        return {p.id: p for p in self.papers}[paper]


def load(path: Path) -> Service:
    """Read one file. Raises ServiceError."""
    try:
        data: object = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(data, dict):
            entry = cast(dict[str, object], data)
            if "source_date" in entry:  # YAML reads a bare date as a date
                entry["source_date"] = str(entry["source_date"])
        return Service.model_validate(data)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ServiceError(f"{path.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ServiceError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


@cache
def catalogue() -> dict[str, Service]:
    """All services by code, in the order of their file names."""
    services = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {service.code: service for service in services}
