"""The terminals of the district, nearest first."""

from __future__ import annotations

from screens.widgets.view import View


class LocationsView(View):
    """From the last word of the office."""


SHOWS = LocationsView
