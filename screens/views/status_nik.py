"""Check status: the second fact."""

from __future__ import annotations

from kivy.lang import global_idmap

from screens.views.field import FieldView
from wire.words import N_


class StatusNikView(FieldView):
    """The number pad, and what came of the question."""

    def changed(self) -> None:
        """An answer of the lookup goes before advice about typing."""
        say = global_idmap["tr"].say
        match self.visit.lookup:
            case "busy":
                self.advice, self.advice_kind = say(N_("Looking it up…")), "info"
            case "missing":
                self.advice, self.advice_kind = say(N_("No news of this number yet. Try again later.")), "info"
            case "wrong":
                self.advice, self.advice_kind = say(N_("Number and NIK do not belong together. Check both.")), "warn"
            case "locked":
                text = N_("Too many tries. Please wait {seconds} seconds.")
                self.advice, self.advice_kind = say(text, seconds=self.visit.lock_s), "warn"
            case _:
                self.advise()


SHOWS = StatusNikView
