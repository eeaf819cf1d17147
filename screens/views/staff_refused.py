"""What the office refused: each number with its reason, kept here until it is sent again."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from kiosk.status_staff import SendingView, StaffView
from screens.i18n import Translator
from screens.widgets.view import View
from wire.words import N_


class StaffRefusedView(View):
    """``lead``: how many there are. ``place_in_list``: which page this is."""

    lead = StringProperty("")
    place_in_list = StringProperty("")

    def changed(self) -> None:
        """Show the page of the list."""
        staff, tr = self.visit.staff or StaffView(), global_idmap["tr"]
        sending = staff.sending or SendingView(state="clear")
        count = staff.quarantined
        self.lead = (
            tr.say(N_("{count} kept on this terminal"), count=count) if count else tr.say(N_("Nothing is left."))
        )
        place = N_("{page} of {pages}")
        self.place_in_list = tr.say(place, page=sending.page + 1, pages=sending.pages)
        self.ids["pager"].page, self.ids["pager"].pages = sending.page, sending.pages
        self.ids["rows"].show(self._rows(sending, tr))

    def _rows(self, sending: SendingView, tr: Translator) -> list[tuple[str, str, str]]:
        blocked = [(tr.say(self.visit.blocked), "", "bad")] if self.visit.blocked else []
        return [*blocked, *((number, tr.say(why), "warn") for number, why in sending.refused)]


SHOWS = StaffRefusedView
