"""Out of order: why, that what was stored is safe, and whom to call."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from screens.widgets.parts import Heading
from screens.widgets.view import SIDE, Actions, Body, View
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

    def _wide(self, u: float, heading: Heading | None, body: Body | None, actions: Actions | None) -> None:
        """In landscape picture and words stand beside each other, as wide as the screen."""
        super()._wide(u, heading, body, actions)
        if body is not None:
            body.width = self.width - 2 * SIDE * u


SHOWS = ClosedView
