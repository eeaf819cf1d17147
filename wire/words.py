"""Words for people: gettext catalogues, one domain a floor (``wire``, ``kiosk``, ``gateway``), Indonesian first.

The msgid is the English sentence, or a district's own words (``wire.district``): a name, EOT, the English. Catalogues
stand in ``<floor>/locales/<language>/LC_MESSAGES/<floor>.po`` with the compiled ``.mo`` beside it.
"""

from __future__ import annotations

import gettext
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOMAINS = ("wire", "kiosk", "gateway")
LONGEST_SENTENCE = 12
"""Words a sentence: more are not read standing."""
_ROOT = Path(__file__).resolve().parent.parent
_MO_MAGIC = bytes.fromhex("de120495")
_EOT = "\x04"  # as gettext parts a sentence from its context

Local = Mapping[str, Mapping[str, str]]
"""A district's words: msgid, then language."""


def _nowhere() -> Local:
    return {}


@dataclass
class _District:
    source: Callable[[], Local] = _nowhere


_district = _District()


def consult(source: Callable[[], Local] | None) -> None:
    """Look up a district's own words in ``source``; None: there are none."""
    _district.source = source or _nowhere


def named(name: str, english: str) -> str:
    """The msgid of a district's words; without them it is still good English."""
    return f"{name}{_EOT}{english}"


def longest_sentence(text: str) -> int:
    """Words of the longest sentence of ``text``."""
    return max((len(sentence.split()) for sentence in re.split(r"[.!?:;](?:\s|$)|\n", text)), default=0)


def N_(text: str) -> str:  # noqa: N802 - the field's name for "marked, translated later"
    """Mark ``text`` for the catalogues; returns it unchanged."""
    return text


@cache
def translator(language: str, *domains: str) -> Callable[[str], str]:
    """A function from msgid to the words of ``language``, looking through ``domains`` in order (default: all).

    An unknown language or a missing sentence gives the msgid.
    """
    catalogues = [
        gettext.translation(domain, _ROOT / domain / "locales", languages=[language], fallback=True)
        for domain in domains or DOMAINS
    ]

    def translate(text: str) -> str:
        if not text:
            return ""
        if _EOT in text:
            return _local(text, language)
        for catalogue in catalogues:
            found = catalogue.gettext(text)
            if found != text:
                return found
        return text

    return translate


def _local(text: str, language: str) -> str:
    return _district.source().get(text, {}).get(language) or text.rpartition(_EOT)[2]


@cache
def complete(language: str, *domains: str) -> bool:
    """True when ``language`` has every sentence that Indonesian has, in ``domains`` (default: the terminal's).

    English is the language of the msgids, so it has them all.
    """
    if language == "en":
        return True
    return all(_msgids("id", domain) <= _msgids(language, domain) for domain in domains or ("wire", "kiosk"))


def _msgids(language: str, domain: str) -> frozenset[bytes]:
    """The msgids of a compiled catalogue; none where there is no such file, or it is none."""
    try:
        data = (_ROOT / domain / "locales" / language / "LC_MESSAGES" / f"{domain}.mo").read_bytes()
        order = "<" if data[:4] == _MO_MAGIC else ">"
        count, table = struct.unpack_from(f"{order}II", data, 8)
        pairs = [struct.unpack_from(f"{order}II", data, table + 8 * n) for n in range(count)]
    except (OSError, struct.error):
        return frozenset()
    return frozenset(data[start : start + length] for length, start in pairs)
