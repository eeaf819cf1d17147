"""Step 4 with a scanner: where the page goes, the running scan, and what is done, now and next."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from screens.views.taking import TakingView, fault_words
from wire.words import N_


class ScanBedView(TakingView):
    """``running``: the scanner moves; ``checking``: the page is through and is judged. ``note``: why there is none."""

    takes = "scanner"
    lead = StringProperty("")
    picture = StringProperty("bed")
    first = StringProperty("")
    second = StringProperty("")
    running = BooleanProperty(False)
    checking = BooleanProperty(False)
    note = StringProperty("")
    failed = BooleanProperty(False)

    def changed(self) -> None:
        """Follow scanner and sides."""
        super().changed()
        visit = self.visit
        say = global_idmap["tr"].say
        self.turn += ":stop" if visit.capturing else ":scan"
        self.checking = visit.capturing and visit.progress >= 1
        self.running = visit.capturing and not self.checking
        several = self.pages > 1
        self.lead = say(N_("Page {page} of {pages}") if several else N_("One page"), page=self.page, pages=self.pages)
        self._picture()
        scanner = self.status.device("scanner")
        passing = fault_words(scanner.faults) if scanner and not visit.capturing else ""
        self.failed = bool(visit.blocked)
        self.note = say(visit.blocked or passing) if visit.blocked or passing else ""
        self.ids["slots"].follow(visit)

    def _picture(self) -> None:
        """What to do now: a picture and two lines."""
        say = global_idmap["tr"].say
        feeder = self.visit.feeder
        if self.checking:
            self.picture = "feeder" if feeder else "bed_scan"
            self.first, self.second = say(N_("Checking the picture…")), say(N_("Leave the page in for a moment."))
        elif self.running:
            self.picture = "feeder" if feeder else "bed_scan"
            self.first = say(N_("Scanning…"))
            self.second = say(N_("Do not pull the sheet.") if feeder else N_("Do not open the lid."))
        elif feeder:
            self.picture = "feeder"
            self.first = say(N_("Put one sheet into the feeder"))
            self.second = say(N_("The mark on the scanner shows which side is up."))
        else:
            self.picture = "bed"
            self.first = say(N_("Put the page face down, tight in the corner"))
            self.second = say(N_("Close the lid, then touch the button below."))


SHOWS = ScanBedView
