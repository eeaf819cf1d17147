"""Step 4: the page is good; keep it or take it again."""

from __future__ import annotations

from screens.views.judged import JudgedView


class PageKeptView(JudgedView):
    """Keep or again."""


SHOWS = PageKeptView
