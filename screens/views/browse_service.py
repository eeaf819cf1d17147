"""Requirements: the papers of one service."""

from __future__ import annotations

from screens.widgets.view import View


class BrowseServiceView(View):
    """Only reads, until the resident starts the application."""


SHOWS = BrowseServiceView
