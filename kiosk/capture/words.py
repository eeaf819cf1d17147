"""What a resident is told for each reason: a title, and what to do."""

from __future__ import annotations

from kiosk.capture.types import Reason
from wire.words import N_

TITLES: dict[Reason, str] = {
    Reason.NO_PAGE: N_("No paper seen"),
    Reason.CUT_OFF: N_("Part of the paper is missing"),
    Reason.BLURRED: N_("The picture is blurred"),
    Reason.MOTION: N_("The paper moved"),
    Reason.DARK: N_("Too dark"),
    Reason.GLARE: N_("Light is reflected"),
    Reason.BLANK: N_("The paper is blank"),
}
"""Msgid of the title."""

WHAT_TO_DO: dict[Reason, str] = {
    Reason.NO_PAGE: N_("Put the paper on the dark mat."),
    Reason.CUT_OFF: N_("Put the whole paper inside the frame."),
    Reason.BLURRED: N_("Lay the paper flat and do not move it."),
    Reason.MOTION: N_("Take your hand away from the paper."),
    Reason.DARK: N_("Keep shadows off the paper. If the lamp is off, call the staff."),
    Reason.GLARE: N_("Move the paper a little."),
    Reason.BLANK: N_("Turn the paper over."),
}
"""Msgid of what to do about it."""
