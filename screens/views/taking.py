"""What the screens of step 4 share: the side that is asked for, and the way to the other device."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import NumericProperty, StringProperty

from kiosk.intents import ChooseSource
from kiosk.ladder import can_take
from screens.naming import paper_name
from screens.widgets.press import Btn
from screens.widgets.view import Actions, View
from wire.faults import catalogue
from wire.words import N_

# A device that takes pages: the button that changes to it, its icon and its words.
OTHERS = {
    "camera": ("use_camera", "photo_camera", N_("Use the camera")),
    "scanner": ("use_scanner", "scanner", N_("Use the scanner")),
}


def fault_words(faults: tuple[str, ...]) -> str:
    """Msgid of what a resident is told of the most urgent fault, "" where there is nothing to tell."""
    return next((catalogue()[code].resident for code in faults if code in catalogue()), "")


class TakingView(View):
    """``paper``, ``page`` of ``pages``: the side that is asked for. ``kept``: how many are kept.

    ``takes``: the device of this screen. ``look``: of the button that changes to the other one.
    """

    takes = "camera"
    look = "second"
    paper = StringProperty("")
    page = NumericProperty(1)
    pages = NumericProperty(1)
    kept = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._switch = Btn(tall=128, fs=33)

    def changed(self) -> None:
        """Name the side."""
        visit = self.visit
        now = next((slot for slot in visit.slots if slot.state == "now"), None)
        if now is not None:
            self.paper, self.page, self.pages = paper_name(visit.service, now.paper), now.page, now.pages
        self.kept = sum(1 for slot in visit.slots if slot.state == "done")
        self._offer()

    def _offer(self) -> None:
        """Put the button before the main one while the other device can take pages; deaf while one is being taken."""
        visit, button = self.visit, self._switch
        other = next((each for each in visit.sources if each != self.takes and each in OTHERS), "")
        if other:
            button.ident, button.icon, words = OTHERS[other]
            button.look = self.look
            button.text = global_idmap["tr"].say(words)
            button.intent = ChooseSource.model_validate({"source": other})
        button.disabled = visit.capturing
        button.size_hint_x = 0.62 if global_idmap["theme"].portrait else 1
        wanted = bool(other) and can_take(self.status, other)
        if wanted == (button.parent is not None):
            return
        actions = next(child for child in self.children if isinstance(child, Actions))
        if wanted:
            actions.add_widget(button, index=len(actions.children))
        else:
            actions.remove_widget(button)
        self._place()
