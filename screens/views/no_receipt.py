"""Step 6 without a receipt: the number stays until the resident has noted it."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from screens.views.lacking import lacking
from screens.widgets.press import Surface
from screens.widgets.view import View
from wire.words import N_


class Fact(Surface):
    """An icon and two lines on a small sheet."""

    icon = StringProperty("")
    bold = StringProperty("")
    plain = StringProperty("")


class NoReceiptView(View):
    """The visit counts all the same."""

    title = StringProperty("")
    can_print = BooleanProperty(False)
    staff = StringProperty("")
    missing = StringProperty("")

    def changed(self) -> None:
        """Say what keeps the receipt."""
        receipt = self.visit.receipt
        faults = receipt.faults if receipt else ()
        say = global_idmap["tr"].say
        if "printer_paper_out" in faults:
            self.title, self.staff = say(N_("Receipt paper is used up")), say(N_("The officer refills paper"))
        else:
            self.title, self.staff = say(N_("No receipt this time")), say(N_("The officer helps with the printer"))
        self.missing = lacking(self.visit.service, self.visit.missing)
        printer = self.status.device("printer")
        self.can_print = printer is not None and printer.usable


SHOWS = NoReceiptView
