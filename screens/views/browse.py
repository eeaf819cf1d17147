"""Requirements: the list of services."""

from __future__ import annotations

from screens.widgets.view import View


class BrowseView(View):
    """Only reads: nothing is begun here."""


SHOWS = BrowseView
