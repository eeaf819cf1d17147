"""Before the station is through its start, and whenever it is away."""

from __future__ import annotations

from screens.widgets.view import View


class StartingView(View):
    """Nothing to press."""


SHOWS = StartingView
