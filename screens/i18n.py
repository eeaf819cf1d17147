"""The words on the screen: ``tr._`` is itself a property, so a kv text changes with the language, live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty, StringProperty

from wire.words import translator

# A language is named in its own words, so that whoever needs it can read it.
NAMES = {"id": "Indonesia", "en": "English", "su": "Sunda", "jv": "Jawa"}


def _same(text: str) -> str:
    return text


class Translator(EventDispatcher):
    """``lang``: the language shown. ``_``: msgid to words."""

    lang = StringProperty("")
    _ = ObjectProperty(_same)

    def use(self, lang: str) -> None:
        """Change the language."""
        if lang != self.lang:
            find = translator(lang, "kiosk", "wire")
            self.lang = lang
            # A new object each time: a property that is set to the value it has tells nobody.
            self._ = _fresh(find)

    def say(self, text: str, **values: object) -> str:
        """The sentence with its blanks (``{name}``) filled."""
        words: str = self._(text)
        return words.format(**values)


def _fresh(find: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: find(text)


def clock(now: datetime, lang: str) -> str:
    """The time of day as the language writes it: 10.24 or 10:24."""
    return now.strftime("%H:%M" if lang == "en" else "%H.%M")


def long_date(day: date, lang: str) -> str:
    """Selasa, 24 November 2026."""
    return _formatted(day, "EEEE, d MMMM y", lang)


def short_date(day: date, lang: str) -> str:
    """Sel, 24 Nov 2026."""
    return _formatted(day, "EEE, d MMM y", lang)


def moment(text: str, lang: str) -> str:
    """An ISO 8601 time as day and hour of this place; "" for what is no time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone()
    return f"{_formatted(at.date(), 'd MMMM y', lang)}, {clock(at, lang)}"


@cache
def _formatted(day: date, pattern: str, lang: str) -> str:
    from babel.dates import format_date  # 60 ms: after the first frame

    return format_date(day, pattern, locale=lang if lang in ("id", "en", "su", "jv") else "id")
