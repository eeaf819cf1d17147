"""The sides of the papers: the last one done, now, next."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.status import VisitView
from screens.naming import paper_name
from screens.widgets.pictures import thumbnail
from screens.widgets.press import Btn, Surface
from wire.words import N_

SHOWN = 3
STATES = {
    "done": ("ok", N_("Done"), "ok_ink"),
    "now": ("now", N_("Now"), "primary"),
    "next": ("next", N_("Up next"), "ink_muted"),
    "missing": ("warn", N_("Not here yet"), "warn_ink"),
    "skipped": ("next", N_("Left out"), "ink_muted"),
}


class SkipButton(Btn):
    """The way on without the paper that is asked for. ``optional``: nobody will miss it."""

    optional = BooleanProperty(False)

    def follow(self, visit: VisitView) -> None:
        """See whether the paper has to come later."""
        now = next((slot.paper for slot in visit.slots if slot.state == "now"), "")
        self.optional = any(paper.id == now and paper.need == "optional" for paper in visit.papers)


class SlotCard(BoxLayout, Surface):
    """One side: picture or place for it, its state, its name. ``icon``: what it is taken with, now."""

    state = StringProperty("next")
    icon = StringProperty("photo_camera")
    name = StringProperty("")
    page = StringProperty("")
    mark = StringProperty("next")
    word = StringProperty("")
    tone = StringProperty("ink_muted")
    texture: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)


class SlotRow(BoxLayout):
    """Three sides beside each other. ``icon``: of the device that takes them."""

    icon = StringProperty("photo_camera")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._cards: list[SlotCard] = []

    def follow(self, visit: VisitView) -> None:
        """Show the sides round the one that is taken now."""
        at = next((at for at, slot in enumerate(visit.slots) if slot.state == "now"), 0)
        first = max(0, min(at - 1, len(visit.slots) - SHOWN))
        slots = visit.slots[first : first + SHOWN]
        while len(self._cards) > len(slots):
            self.remove_widget(self._cards.pop())
        while len(self._cards) < len(slots):
            self._cards.append(SlotCard(icon=self.icon))
            self.add_widget(self._cards[-1])
        tr = global_idmap["tr"]
        for card, slot in zip(self._cards, slots, strict=True):
            card.mark, word, card.tone = STATES[slot.state]
            card.state = slot.state
            card.word = tr.say(word)
            card.name = tr.say(paper_name(visit.service, slot.paper, short=True))
            card.page = tr.say(N_("Page {page}"), page=slot.page) if slot.pages > 1 else ""
            card.texture = thumbnail(slot.thumb)
