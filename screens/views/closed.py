"""Out of order: why, that what was stored is safe, and whom to call."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from screens.widgets.view import View
from wire.faults import catalogue
from wire.words import N_


class ClosedView(View):
    """The most urgent reason in words."""

    reason = StringProperty("")
    hours = StringProperty("")
    whom = BooleanProperty(False)

    def changed(self) -> None:
        """Say why."""
        text = next((catalogue()[code].resident for code in self.status.closed if code in catalogue()), "")
        self.reason = global_idmap["tr"].say(text or N_("This terminal takes no new applications at the moment."))
        self.hours = "\n".join(f"{days}  {times}" for days, times in self.status.place.hours[:4])


SHOWS = ClosedView
