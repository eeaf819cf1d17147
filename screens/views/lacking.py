"""What the last screens of a visit say of papers that come later."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.lang import global_idmap

from screens.naming import paper_name
from wire.words import N_

NAMED = 3
"""More papers than this are told by their number."""


def lacking(service: str, papers: Sequence[str]) -> str:
    """One line that names the papers that are still missing, or ""."""
    say = global_idmap["tr"].say
    names = [say(paper_name(service, paper, short=True)) for paper in papers]
    if len(names) > NAMED:
        return say(N_("Still missing: {count} papers"), count=len(names))
    return say(N_("Still missing: {papers}"), papers=", ".join(names)) if names else ""
