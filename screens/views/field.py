"""What NIK, form and status screens share: one field, its pad, one line of advice."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from screens.widgets.view import View

PAD_OF = {
    "nik": "numbers", "kk": "numbers", "phone": "numbers", "date": "numbers", "digits": "numbers", "text": "letters",
    "code": "code", "choice": "",
}  # fmt: skip
PLAIN = "plain"


class FieldView(View):
    """``kind``: of the field. ``advice``: what stands under it, with ``advice_kind`` (a note's kind, or "plain")."""

    kind = StringProperty("nik")
    title = StringProperty("")
    lead = StringProperty("")
    advice = StringProperty("")
    advice_kind = StringProperty(PLAIN)

    def advise(self) -> None:
        """Pick the line under the field: a soft warning, or what is still to do once something is typed."""
        visit = self.visit
        say = global_idmap["tr"].say
        if visit.text and visit.warning:
            self.advice, self.advice_kind = say(visit.warning), "warn"
        elif visit.text and visit.blocked:
            self.advice, self.advice_kind = say(visit.blocked), "info"
        else:
            self.advice, self.advice_kind = "", PLAIN

    def changed(self) -> None:
        """Show the field."""
        self.advise()
