"""Step 4 with a scanner that cannot scan: what was done is safe, what to do, and who helps."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from screens.views.taking import TakingView, fault_words
from wire.words import N_

# A fault's picture and what mends it.
SHOWN: dict[str, tuple[str, str]] = {
    "scanner_jammed": ("scanner_jam", N_("Open the lid, pull the sheet out straight, close it.")),
    "scanner_cover_open": ("scanner_cover", N_("Close the lid until it clicks.")),
    "scanner_double_feed": ("scanner_double", N_("Take the sheets out. Put in one at a time.")),
    "scanner_unreachable": ("scanner_off", N_("The officer switches the scanner on.")),
}
OTHERWISE = ("scanner_off", N_("The officer looks after the scanner."))


class ScannerOutView(TakingView):
    """The most urgent fault in words and as a picture, and how many pages are kept."""

    takes = "scanner"
    look = "main"
    skips = False
    reason = StringProperty("")
    picture = StringProperty("scanner_off")
    todo = StringProperty("")

    def changed(self) -> None:
        """Name the most urgent fault."""
        super().changed()
        scanner = self.status.device("scanner")
        faults = scanner.faults if scanner else ()
        say = global_idmap["tr"].say
        self.reason = say(fault_words(faults) or N_("The scanner is starting or switched off."))
        self.picture, todo = SHOWN.get(faults[0], OTHERWISE) if faults else OTHERWISE
        self.todo = say(todo)


SHOWS = ScannerOutView
