"""Step 4 without a camera: what was done is safe, a person is needed."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from screens.views.taking import TakingView, fault_words
from wire.words import N_


class CameraOutView(TakingView):
    """The fault in words, and how many pages are kept."""

    look = "main"
    skips = False
    reason = StringProperty("")

    def changed(self) -> None:
        """Name the most urgent fault."""
        super().changed()
        camera = self.status.device("camera")
        text = fault_words(camera.faults if camera else ())
        self.reason = global_idmap["tr"].say(text or N_("The document camera is starting or switched off."))


SHOWS = CameraOutView
