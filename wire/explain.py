"""Pydantic's errors in plain words, each at its line of a marked file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import cast, get_args

from pydantic import BaseModel, ValidationError

from wire.marked import Flaw, Marked, Place

OURS = "ours"
"""Type of an error that says what is wrong over several keys at once; whoever raises it explains it otherwise."""

_SIMPLE = {
    "string_type": "this must be one text",
    "string_unicode": "this is no text",
    "tuple_type": "this must be a list",
    "list_type": "this must be a list",
    "dict_type": "this must be keys with values",
    "model_type": "this must be keys with values",
    "model_attributes_type": "this must be keys with values",
    "int_parsing": "this must be a whole number",
    "int_parsing_size": "this must be a whole number",
    "int_type": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "bool_parsing": "this must be true or false",
    "bool_type": "this must be true or false",
}


def explained(error: ValidationError, marked: Marked, keys: type[BaseModel]) -> list[Flaw]:
    """Every error as a flaw; ``keys``: the model that was checked, for the names that it knows."""
    return [
        _flaw(cast(Mapping[str, object], one), marked, keys)
        for one in error.errors(include_url=False)
        if one["type"] != OURS
    ]


def near(word: str, known: Iterable[str]) -> str:
    """ "; did you mean X?" or what there is to choose from."""
    names = list(known)
    if close := difflib.get_close_matches(word, names, 1):
        return f"; did you mean {close[0]}?"
    return f"; there is {', '.join(names)}" if names else ""


def _flaw(one: Mapping[str, object], marked: Marked, keys: type[BaseModel]) -> Flaw:
    place = tuple(part for part in cast(Place, one["loc"]) if part != "[key]")
    kind, context = cast(str, one["type"]), cast(dict[str, object], one.get("ctx", {}))
    match kind:
        case "missing":
            return marked.flaw(place, f"the key {place[-1]} is missing here")
        case "extra_forbidden":
            return marked.flaw(place, f"no such key here{near(str(place[-1]), _keys(keys, place[:-1]))}", key=True)
        case "literal_error":
            text = f"this is not one of {context['expected']}"
        case "string_pattern_mismatch":
            text = f"this is not written as {_PATTERNS.get(str(context['pattern']), str(context['pattern']))}"
        case "greater_than_equal":
            text = f"this must be {context['ge']} or more"
        case "less_than_equal":
            text = f"this must be {context['le']} or less"
        case "string_too_short":
            text = "this must not be empty"
        case "string_too_long":
            text = f"this is longer than {context['max_length']} characters"
        case "too_short":
            text = f"at least {context['min_length']} must stand here"
        case "too_long":
            text = f"at most {context['max_length']} may stand here"
        case _:
            text = _SIMPLE.get(kind, str(one["msg"]).removeprefix("Value error, "))
    return marked.flaw(place, text)


ID = r"^[a-z][a-z0-9_]{0,31}$"
CODE = r"^[A-Z0-9-]{3,32}$"
DAY = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
_PATTERNS = {
    ID: "an id: a to z, 0 to 9 and _, at most 32, a letter first",
    CODE: "a code: A to Z, 0 to 9 and -, 3 to 32",
    DAY: "a date: 2021-09-28, 2021-09 or 2021",
}


def _keys(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that the part of ``model`` at ``place`` knows."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            inner = _models(model.model_fields[part].annotation)
            if not inner:
                return []
            model = inner[0]
    return list(model.model_fields)


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models(part)]
