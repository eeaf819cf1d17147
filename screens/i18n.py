"""The words on the screen: ``tr._`` is itself a property, so a kv text changes with the language, live."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty, StringProperty

from screens.theme import nothing_collected
from wire.words import translator

# A language is named in its own words, so that whoever needs it can read it.
NAMES = {"id": "Indonesia", "en": "English", "su": "Sunda", "jv": "Jawa"}


def _same(text: str) -> str:
    return text


class Translator(EventDispatcher):
    """``lang``: the language shown. ``_``: msgid to words."""

    lang = StringProperty("")
    _ = ObjectProperty(_same)
    now: Callable[[], datetime] = staticmethod(datetime.now)
    """The wall clock, for "today"."""

    def use(self, lang: str) -> None:
        """Change the language."""
        if lang != self.lang:
            find = translator(lang, "kiosk", "wire")
            with nothing_collected():
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
    at = _local(text)
    return f"{_formatted(at.date(), 'd MMMM y', lang)}, {clock(at, lang)}" if at else ""


def recent(text: str, lang: str, today: date) -> tuple[str, str]:
    """An ISO 8601 time as (day, hour) of this place, the day "" when it is ``today``; ("", "") for what is no time."""
    at = _local(text)
    if at is None:
        return "", ""
    return "" if at.date() == today else _formatted(at.date(), "d MMMM", lang), clock(at, lang)


def _local(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def day(text: str, lang: str) -> str:
    """An ISO date as 27 Nov; "" for what is no date."""
    try:
        return _formatted(date.fromisoformat(text), "d MMM", lang)
    except ValueError:
        return ""


def hour(text: str, lang: str) -> str:
    """HH:MM as the language writes it."""
    return text if lang == "en" else text.replace(":", ".")


def distance(metres: int, lang: str) -> str:
    """850 m, 2,1 km; "" when it is not known (below 0)."""
    if metres < 0:
        return ""
    if metres < 1000:
        return f"{round(metres, -1)} m"
    far = f"{metres / 1000:.1f} km" if metres < 100_000 else f"{metres / 1000:.0f} km"
    return far if lang == "en" else far.replace(".", ",")


def size(count: int, lang: str) -> str:
    """Bytes as 71 GB or 350 MB."""
    if count >= 10_000_000_000:
        return f"{count / 1e9:.0f} GB"
    if count >= 1_000_000_000:
        text = f"{count / 1e9:.1f} GB"
        return text if lang == "en" else text.replace(".", ",")
    return f"{count / 1e6:.0f} MB"


def amount(count: int, lang: str) -> str:
    """Bytes of what is sent, as 412 kB, 1,2 MB or 31 MB."""
    if count < 1_000_000:
        return f"{-(-count // 1000)} kB"
    text = f"{count / 1e6:.1f} MB" if count < 10_000_000 else f"{count / 1e6:.0f} MB"
    if count >= 1_000_000_000:
        return size(count, lang)
    return text if lang == "en" else text.replace(".", ",")


@cache
def _formatted(day: date, pattern: str, lang: str) -> str:
    from babel.dates import format_date  # 60 ms: after the first frame

    return format_date(day, pattern, locale=lang if lang in ("id", "en", "su", "jv") else "id")
