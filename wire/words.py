"""Words for people: gettext catalogues, one domain a floor (``wire``, ``kiosk``, ``gateway``), Indonesian first.

The msgid is the English sentence. Catalogues stand in ``<floor>/locales/<language>/LC_MESSAGES/<floor>.po`` with the
compiled ``.mo`` beside it.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path

DOMAINS = ("wire", "kiosk", "gateway")
_ROOT = Path(__file__).resolve().parent.parent


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
        for catalogue in catalogues:
            found = catalogue.gettext(text)
            if found != text:
                return found
        return text

    return translate
