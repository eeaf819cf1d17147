"""Step 6, the end: the number, the receipt, and what happens next."""

from __future__ import annotations

from kivy.properties import StringProperty

from screens.naming import service_name
from screens.widgets.view import View


class DoneView(View):
    """What the resident leaves with."""

    name = StringProperty("")

    def changed(self) -> None:
        """Name the service."""
        self.name = service_name(self.visit.service)


SHOWS = DoneView
