"""Drawn documents of invented people, each marked CONTOH, with the truth about what stands on them."""

from __future__ import annotations

from functools import cache

from drivers.virtual.papers import cards, letters
from drivers.virtual.papers.pen import Drawing, Truth

__all__ = ["NAMES", "Drawing", "Truth", "draw"]

_PAPERS = {
    "f102": letters.form_1,
    "f102_2": letters.form_2,
    "police": letters.police,
    "kk": cards.kk,
    "ktp": cards.ktp,
}
NAMES = tuple(_PAPERS)
"""Papers of a service by their id in wire/services; a further page has its number behind (``f102_2``)."""


@cache
def draw(name: str) -> Drawing:
    """The paper of that name, always the same. Raises ``ValueError`` naming the papers that there are."""
    if name not in _PAPERS:
        raise ValueError(f"no drawn paper is called {name!r}; there are {', '.join(NAMES)}")
    return _PAPERS[name]()
