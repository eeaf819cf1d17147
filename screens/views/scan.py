"""Step 4: the live camera, the found page, and what is done, now and next."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.capture.types import Reason
from kiosk.capture.words import TITLES
from kiosk.status import LiveView, SlotView
from screens.naming import paper_name
from screens.widgets.pictures import thumbnail
from screens.widgets.press import Surface
from screens.widgets.view import View
from wire.words import N_

SHOWN = 3
STATES = {
    "done": ("ok", N_("Done"), "ok"),
    "now": ("now", N_("Now"), "primary"),
    "next": ("next", N_("Up next"), "ink_muted"),
}


class SlotCard(BoxLayout, Surface):
    """One side: picture or place for it, its state, its name."""

    state = StringProperty("next")
    name = StringProperty("")
    page = StringProperty("")
    mark = StringProperty("next")
    word = StringProperty("")
    tone = StringProperty("ink_muted")
    texture: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)


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


class ScanView(View):
    """Three sides are shown: the last done, now, next."""

    paper = StringProperty("")
    page = NumericProperty(1)
    pages = NumericProperty(1)
    hint = StringProperty("")
    hint_tone = StringProperty("white")
    hint_icon = StringProperty("")
    ring = BooleanProperty(False)

    def changed(self) -> None:
        """Follow camera and sides."""
        visit = self.visit
        say = global_idmap["tr"].say
        text, self.hint_tone, self.hint_icon, self.ring = hint_of(visit.live, visit.capturing)
        self.hint = say(text)
        now = next((slot for slot in visit.slots if slot.state == "now"), None)
        if now is not None:
            self.paper, self.page, self.pages = paper_name(visit.service, now.paper), now.page, now.pages
        at = visit.slots.index(now) if now is not None else 0
        first = max(0, min(at - 1, len(visit.slots) - SHOWN))
        self._fill(visit.slots[first : first + SHOWN])

    def _fill(self, slots: tuple[SlotView, ...]) -> None:
        row = self.ids["slots"]
        while len(row.children) > len(slots):
            row.remove_widget(row.children[0])
        while len(row.children) < len(slots):
            row.add_widget(SlotCard())
        tr = global_idmap["tr"]
        for card, slot in zip(reversed(row.children), slots, strict=True):
            card.mark, word, card.tone = STATES[slot.state]
            card.state = slot.state
            card.word = tr.say(word)
            card.name = tr.say(paper_name(self.visit.service, slot.paper, short=True))
            card.page = tr.say(N_("Page {page}"), page=slot.page) if slot.pages > 1 else ""
            card.texture = thumbnail(slot.thumb)


SHOWS = ScanView
