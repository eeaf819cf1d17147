"""What a pad types and what the kiosk says about it: keys in, text out, and one check a kind of field."""

from __future__ import annotations

import datetime as dt
import string
from dataclasses import dataclass
from typing import Literal

from kiosk import nik
from wire.number import Number, NumberError
from wire.service import FormField
from wire.words import N_

Kind = Literal["nik", "number", "text", "kk", "phone", "date", "digits", "choice"]

_DIGITS = frozenset(string.digits)
_LETTERS = frozenset(string.ascii_uppercase)
_ALLOWED: dict[Kind, frozenset[str]] = {
    "nik": _DIGITS,
    "kk": _DIGITS,
    "phone": _DIGITS,
    "date": _DIGITS,
    "digits": _DIGITS,
    "choice": frozenset(),
    "number": _DIGITS | _LETTERS | {"-"},
    "text": _DIGITS | _LETTERS | frozenset(" .,/-'"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a pad types into. ``min``, ``max``: length in characters.

    ``options``: (id, msgid) of a choice, whose text is the picked id and whose pad has no keys.
    """

    id: str
    kind: Kind
    min: int
    max: int
    options: tuple[tuple[str, str], ...] = ()


NIK = Field("nik", "nik", nik.LENGTH, nik.LENGTH)
NUMBER = Field("number", "number", 5, 16)


def of_form(field: FormField) -> Field:
    """The pad's field of a form's question."""
    return Field(field.id, field.kind, field.min, field.max, tuple((each.id, each.label) for each in field.options))


@dataclass(frozen=True, slots=True)
class Check:
    """``blocked``: msgid of what is still to do before Next ("" = nothing). ``warning``: msgid of a soft note."""

    blocked: str = ""
    warning: str = ""


def typed(field: Field, text: str, key: str) -> str:
    """``text`` after ``key``: a character, "space", "back" or "clear". Other keys are ignored."""
    if field.kind == "choice":
        return text
    if key == "clear":
        return ""
    if key == "back":
        return text[:-1]
    character = " " if key == "space" else key.upper()
    if len(character) != 1 or character not in _ALLOWED[field.kind] or len(text) >= field.max:
        return text
    if character == " " and (not text or text.endswith(" ")):
        return text
    return text + character


def check(field: Field, text: str, today: dt.date) -> Check:
    """What can be said about ``text``; ``today``: the date on the wall, for dates in the future."""
    match field.kind:
        case "nik":
            return Check(nik.blocked(text), nik.nik_warning(text, today))
        case "kk":
            return Check(nik.blocked(text), nik.kk_warning(text, today))
        case "phone":
            return Check(_phone(field, text))
        case "date":
            return _date(text, today)
        case "number":
            return Check(_number(text))
        case "digits":
            return Check("" if len(text) >= field.min else N_("Type all the digits."))
        case "choice":
            return Check("" if text in dict(field.options) else N_("Touch one of the choices."))
        case "text":
            return Check("" if len(text.strip()) >= field.min else N_("Please write it in full."))


def date_of(text: str) -> dt.date | None:
    """The day behind DDMMYYYY, or None when there is none (years before 1900 count as none)."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        day = dt.date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
    return day if day.year >= 1900 else None


def shown(field: Field, text: str) -> str:
    """The answer as the review shows it: NIK and phone with their last four digits alone, a date as DD-MM-YYYY.

    Of a choice: the msgid of what was picked.
    """
    match field.kind:
        case "nik":
            return f"•••• •••• •••• {text[-4:]}"
        case "phone":
            return f"•••• •••• {text[-4:]}"
        case "date":
            return f"{text[:2]}-{text[2:4]}-{text[4:]}"
        case "choice":
            return dict(field.options).get(text, "")
        case _:
            return text


def _phone(field: Field, text: str) -> str:
    if text and not text.startswith("0"):
        return N_("A phone number begins with 0.")
    if len(text) < field.min:
        return N_("Type all digits of the phone number.")
    return ""


def _date(text: str, today: dt.date) -> Check:
    if len(text) < 8:
        return Check(N_("Type day, month and year."))
    day = date_of(text)
    if day is None:
        return Check(N_("This date does not exist. Check it again."))
    return Check(warning=N_("This date is still to come. Please check it.") if day > today else "")


def _number(text: str) -> str:
    try:
        Number.parse(text)
    except NumberError as error:
        # While it is being typed nearly every beginning fails the check character: say it at the length of a real one.
        if error.reason == "shape" or len(text.replace("-", "")) < 6:
            return N_("Type the whole number of the receipt.")
        return N_("The number is not complete, or one character differs.")
    return ""
