"""Idle after a visit that did not end in order: its number alone, nothing about the person."""

from __future__ import annotations

from screens.widgets.view import View


class LastNumberView(View):
    """Whoever it belongs to notes it; a press clears the screen."""


SHOWS = LastNumberView
