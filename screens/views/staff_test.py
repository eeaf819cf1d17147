"""One test of a device."""

from __future__ import annotations

from screens.widgets.view import View


class StaffTestView(View):
    """It runs, asks, and says how it ended."""


SHOWS = StaffTestView
