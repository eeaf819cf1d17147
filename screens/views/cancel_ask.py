"""Before a visit is cancelled: what goes with it."""

from __future__ import annotations

from screens.widgets.view import View


class CancelAskView(View):
    """The window's own question; only the yes goes to the station."""


SHOWS = CancelAskView
