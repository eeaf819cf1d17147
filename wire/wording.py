"""What a text of a service or of a district must be: short, on one line, and no template."""

from __future__ import annotations

from wire.words import LONGEST_SENTENCE, longest_sentence

LONGEST = {"name": 50, "short": 30, "where": 70, "ask": 60, "text": 90}
"""Characters that find room on screen, receipt and slip."""


def wrong(text: str, kind: str = "") -> str:
    """What is wrong with ``text``, a ``kind`` of ``LONGEST`` or any; "" when nothing is."""
    if any(mark in text for mark in "{}[]"):
        return "braces and brackets cannot be shown"
    if not text.isprintable():
        return "this text must stand on one line"
    if text != " ".join(text.split()):
        return "a space too many stands in this text"
    if (count := longest_sentence(text)) > LONGEST_SENTENCE:
        return f"a sentence of {count} words; {LONGEST_SENTENCE} at most"
    if kind in LONGEST and len(text) > LONGEST[kind]:
        return f"{len(text)} characters; {LONGEST[kind]} at most find room"
    return ""
