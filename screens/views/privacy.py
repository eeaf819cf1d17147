"""Step 3, first: whose eyes, what for, how long, on what basis."""

from __future__ import annotations

from kivy.properties import StringProperty

from screens.naming import service_name
from screens.widgets.parts import Row
from screens.widgets.view import View


class PrivacyRow(Row):
    """One question and its answer."""

    icon = StringProperty("")
    question = StringProperty("")
    answer = StringProperty("")
    more = StringProperty("")


class PrivacyView(View):
    """A notice with two buttons, not a consent box."""

    name = StringProperty("")

    def changed(self) -> None:
        """Name the service."""
        self.name = service_name(self.visit.service)


SHOWS = PrivacyView
