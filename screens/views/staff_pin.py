"""The way into the staff's pages: a PIN, shown as dots."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty

from screens.views.field import FieldView
from wire.words import N_


class StaffPinView(FieldView):
    """``unset``: no PIN was made at enrolment, so there is nothing to type."""

    unset = BooleanProperty(False)

    def changed(self) -> None:
        """An answer about the PIN goes before advice about typing."""
        say = global_idmap["tr"].say
        state = self.visit.staff.pin if self.visit.staff else ""
        self.unset = state == "unset"
        if self.visit.lookup == "busy":
            self.advice, self.advice_kind = say(N_("Checking the PIN…")), "info"
        elif state == "wrong":
            self.advice, self.advice_kind = say(N_("That PIN is wrong.")), "warn"
        elif state == "locked":
            text = N_("Too many tries. Please wait {seconds} seconds.")
            self.advice, self.advice_kind = say(text, seconds=self.visit.lock_s), "warn"
        elif self.unset:
            self.advice, self.advice_kind = say(N_("No PIN was made. On this machine, run: adm pin")), "warn"
        elif self.visit.blocked:
            self.advice, self.advice_kind = say(self.visit.blocked), "info"
        else:
            self.advice, self.advice_kind = "", "plain"


SHOWS = StaffPinView
