"""Step 4: the live camera, the found page, and what is done, now and next."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from kiosk.capture.types import Reason
from kiosk.capture.words import TITLES
from kiosk.status import LiveView
from screens.views.taking import TakingView
from wire.words import N_


def hint_of(live: LiveView | None, capturing: bool) -> tuple[str, str, str, bool]:
    """The one hint: msgid, tone, icon, and whether the ring stands before it."""
    if capturing:
        return N_("Checking the picture…"), "white", "hourglass_top", False
    if live is None or not live.shm:
        return N_("The camera is starting…"), "white", "hourglass_top", False
    if live.corners and live.hint in ("", Reason.MOTION):
        return N_("Keep the paper still…"), "live", "", True
    if live.hint in ("", Reason.NO_PAGE):
        return N_("Put down the paper"), "white", "description", False
    return TITLES[Reason(live.hint)] if live.hint in list(Reason) else "", "accent", "warning", False


class ScanView(TakingView):
    """The camera's picture over three sides: the last done, now, next."""

    hint = StringProperty("")
    hint_tone = StringProperty("white")
    hint_icon = StringProperty("")
    ring = BooleanProperty(False)

    def changed(self) -> None:
        """Follow camera and sides."""
        super().changed()
        visit = self.visit
        text, self.hint_tone, self.hint_icon, self.ring = hint_of(visit.live, visit.capturing)
        self.hint = global_idmap["tr"].say(text)
        self.ids["slots"].follow(visit)


SHOWS = ScanView
