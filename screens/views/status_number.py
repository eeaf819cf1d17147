"""Check status: the number, typed, or held under the code scanner or the camera."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from screens.views.field import FieldView
from wire.words import N_


class StatusNumberView(FieldView):
    """Letters and digits; the code scanner, or else the camera, looks for the receipt's QR meanwhile."""

    where = StringProperty("")

    def changed(self) -> None:
        """Say where the receipt may be held; nothing where nothing can read it."""
        super().changed()
        say = global_idmap["tr"].say
        able = [role for role in ("code", "camera") if (device := self.status.device(role)) and device.usable]
        if not able:
            self.where = ""
        elif able[0] == "code":
            self.where = say(N_("Or hold the receipt's square code under the code scanner"))
        else:
            self.where = say(N_("Or put the receipt under the camera"))


SHOWS = StatusNumberView
