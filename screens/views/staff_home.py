"""The staff's list of devices."""

from __future__ import annotations

from screens.widgets.view import View


class StaffHomeView(View):
    """Those that need a person first."""


SHOWS = StaffHomeView
