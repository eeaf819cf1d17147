"""Step 4 without a camera: what was done is safe, a person is needed."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import NumericProperty, StringProperty

from screens.widgets.view import View
from wire.faults import catalogue
from wire.words import N_


class CameraOutView(View):
    """The fault in words, and how many pages are kept."""

    reason = StringProperty("")
    kept = NumericProperty(0)

    def changed(self) -> None:
        """Name the most urgent fault."""
        camera = self.status.device("camera")
        faults = camera.faults if camera else ()
        text = next((catalogue()[code].resident for code in faults if code in catalogue()), "")
        self.reason = global_idmap["tr"].say(text or N_("The document camera is starting or switched off."))
        self.kept = sum(1 for slot in self.visit.slots if slot.state == "done")


SHOWS = CameraOutView
