"""Data with a few things broken, as a hand or a bad disk breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_LEAVES = st.one_of(
    st.text(max_size=12), st.sampled_from(["required", "lost", "why", "1", "99", "-1", "true", "~", ""])
)
THINGS = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _spots(inner)


def mutilated(value: Any, data: st.DataObject) -> Any:
    """``value`` after one to four blows: a part lost, replaced, put twice, moved, or a key renamed."""
    for _ in range(data.draw(st.integers(1, 4))):
        spots = list(_spots(value))
        if not spots:
            return data.draw(THINGS)
        inside, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        match data.draw(st.sampled_from(["lose", "replace", "double", "move", "rename"])):
            case "lose":
                del inside[key]
            case "double" if isinstance(inside, list):
                inside.append(inside[key])
            case "rename" if isinstance(inside, dict):
                inside[data.draw(st.text(max_size=8))] = inside.pop(key)
            case "move":
                other, place = spots[data.draw(st.integers(0, len(spots) - 1))]
                inside[key] = str(other)[:40] if isinstance(place, int) else place
            case _:
                inside[key] = data.draw(THINGS)
    return value
