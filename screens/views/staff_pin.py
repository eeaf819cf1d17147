"""The staff's PIN."""

from __future__ import annotations

from screens.widgets.view import View


class StaffPinView(View):
    """A pad of digits."""


SHOWS = StaffPinView
