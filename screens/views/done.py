"""Step 6, the end: the number, the receipt, and what happens next."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from screens.naming import service_name
from screens.views.lacking import lacking
from screens.widgets.view import View


class DoneView(View):
    """What the resident leaves with. ``missing``: the line about papers that come later.

    ``short``: there is no room for second lines.
    """

    name = StringProperty("")
    missing = StringProperty("")
    short = BooleanProperty(False)

    def changed(self) -> None:
        """Name the service and what it still lacks."""
        self.name = service_name(self.visit.service)
        self.missing = lacking(self.visit.service, self.visit.missing)


SHOWS = DoneView
