"""Requirements: the list of services, to see which papers each needs. Nothing is begun here."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty

from screens.widgets.view import View


class BrowseView(View):
    """``roomy``: the must-read line about originals stands under the list."""

    roomy = BooleanProperty(True)

    def changed(self) -> None:
        """Show the services on offer."""
        listed = self.ids["list"]
        listed.follow(self.status, self.visit.group)
        self.roomy = global_idmap["theme"].portrait or listed.count < 5


SHOWS = BrowseView
