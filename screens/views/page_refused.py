"""Step 4: the page is not good: what is wrong, how it should look, two things to do."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.capture.types import Reason
from kiosk.capture.words import TITLES
from screens.views.judged import JudgedView
from screens.widgets.parts import Row
from screens.widgets.view import arrange
from wire.words import N_

# A reason's picture of how it should look, what both pictures show, and two things to do: (picture, msgid).
Tip = tuple[str, str]
FLAT: Tip = ("flat", N_("Lay the paper flat on the dark mat."))
HAND: Tip = ("hand", N_("Take your hand away, then wait."))
OVER: Tip = ("turn", N_("Turn the paper over."))
COVER: Tip = ("flat", N_("Take it out of its plastic cover."))
INSIDE: Tip = ("inside", N_("Put the whole paper inside the frame."))
SHOWN: dict[Reason, tuple[str, str, str, Tip, Tip]] = {
    Reason.NO_PAGE: ("whole", N_("No paper seen"), N_("The whole paper"), FLAT, INSIDE),
    Reason.CUT_OFF: ("whole", N_("A part is missing"), N_("The whole paper"), INSIDE, HAND),
    Reason.BLURRED: ("sharp", N_("Blurred letters"), N_("Sharp letters"), FLAT, HAND),
    Reason.MOTION: ("sharp", N_("Blurred letters"), N_("Sharp letters"), HAND, FLAT),
    Reason.DARK: ("whole", N_("Too dark"), N_("Light everywhere"), ("shade", N_("Keep shadows off the paper.")), HAND),
    Reason.GLARE: (
        "whole",
        N_("A bright spot"),
        N_("No bright spot"),
        ("glare", N_("Move the paper a little.")),
        COVER,
    ),
    Reason.BLANK: ("whole", N_("Nothing written"), N_("The written side"), OVER, FLAT),
}

CORNER: Tip = ("bed", N_("Put the page tight into the corner."))
LID: Tip = ("bed_scan", N_("Close the lid and keep it closed."))
SHEET: Tip = ("feeder", N_("Put in one sheet, straight."))
# The two things to do at a scanner; what both pictures show stays the same.
AT_BED: dict[Reason, tuple[Tip, Tip]] = {
    Reason.NO_PAGE: (CORNER, LID),
    Reason.CUT_OFF: (CORNER, LID),
    Reason.GLARE: (COVER, LID),
    Reason.BLANK: (OVER, CORNER),
}
AT_FEEDER: dict[Reason, tuple[Tip, Tip]] = {Reason.GLARE: (COVER, SHEET), Reason.BLANK: (OVER, SHEET)}


def tips(reason: Reason, source: str, feeder: bool) -> tuple[Tip, Tip]:
    """Two things to do about ``reason``, at the device that took the page."""
    if source != "scanner":
        return SHOWN[reason][3:]
    return AT_FEEDER.get(reason, (SHEET, COVER)) if feeder else AT_BED.get(reason, (LID, CORNER))


class TipRow(Row):
    """One thing to do: picture, number, sentence."""

    number = NumericProperty(1)
    picture = StringProperty("")
    text = StringProperty("")
    ruled = BooleanProperty(True)


class PageRefusedView(JudgedView):
    """Beside each other: the picture taken, and a good one."""

    title = StringProperty("")
    sample = StringProperty("sharp")
    yours = StringProperty("")
    good = StringProperty("")
    first = StringProperty("")
    first_picture = StringProperty("flat")
    second = StringProperty("")
    second_picture = StringProperty("hand")
    kept = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._skip, self._retake = self.ids["skip"].__self__, self.ids["retake"].__self__

    def changed(self) -> None:
        """Put the words of the reason in place."""
        super().changed()
        judged = self.visit.judged
        say = global_idmap["tr"].say
        reason = Reason(judged.reason) if judged and judged.reason in list(Reason) else Reason.BLURRED
        self.sample, yours, good = SHOWN[reason][:3]
        first, second = tips(reason, self.visit.source, self.visit.feeder)
        self.title, self.yours, self.good = say(TITLES[reason]), say(yours), say(good)
        self.first_picture, self.first = first[0], say(first[1])
        self.second_picture, self.second = second[0], say(second[1])
        self.kept = sum(1 for slot in self.visit.slots if slot.thumb)
        self._skip.follow(self.visit)
        arrange(self.ids["actions"], [self._skip, self._retake] if self.visit.can_skip else [self._retake])
        self._place()


SHOWS = PageRefusedView
