"""What the screens of step 4 share: the side that is asked for, and the way to the other device."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.intents import ChooseSource
from kiosk.ladder import can_take
from screens.naming import paper_name
from screens.theme import Theme
from screens.widgets.press import Btn
from screens.widgets.slots import SkipButton
from screens.widgets.view import Actions, Body, View, arrange
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

    ``takes``: the device of this screen. ``look``: of the button that changes to the other one. ``skips``: the way on
    without the paper is offered here.
    """

    takes = "camera"
    look = "second"
    skips = True
    paper = StringProperty("")
    page = NumericProperty(1)
    pages = NumericProperty(1)
    kept = NumericProperty(0)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._switch, self._skip, self._row = Btn(tall=128, fs=33), SkipButton(), BoxLayout(size_hint_y=None)
        self._actions = next(child for child in self.children if isinstance(child, Actions))
        self._body = next(child for child in self.children if isinstance(child, Body))
        self._main, self._content = self._actions.children[::-1], self._body.children[::-1]

    def changed(self) -> None:
        """Name the side."""
        visit = self.visit
        now = next((slot for slot in visit.slots if slot.state == "now"), None)
        if now is not None:
            self.paper, self.page, self.pages = paper_name(visit.service, now.paper), now.page, now.pages
            self.turn = now.paper  # the same button now leaves out another paper
        self.kept = sum(1 for slot in visit.slots if slot.state == "done")
        self._offer()

    def _offer(self) -> None:
        """The second buttons: one stands before the main one; two share a row over it."""
        visit = self.visit
        theme: Theme = global_idmap["theme"]
        seconds: list[Btn] = []
        other = next((each for each in visit.sources if each != self.takes and each in OTHERS), "")
        if other and can_take(self.status, other):
            self._name_switch(other)
            seconds.append(self._switch)
        if visit.can_skip and self.skips:
            self._skip.follow(visit)
            seconds.append(self._skip)
        for button in seconds:
            button.disabled = visit.capturing
            button.size_hint_x = 0.66 if theme.portrait and len(seconds) == 1 else 1
        if len(seconds) == 2:
            self._row.spacing, self._row.height = 20 * theme.u, 128 * theme.u
            arrange(self._row, seconds)
            arrange(self._body, [*self._content, self._row] if theme.portrait else self._content)
            arrange(self._actions, self._main if theme.portrait else [self._row, *self._main])
        else:
            arrange(self._row, [])
            arrange(self._body, self._content)
            arrange(self._actions, [*seconds, *self._main])
        self._place()

    def _name_switch(self, other: str) -> None:
        button = self._switch
        button.ident, button.icon, words = OTHERS[other]
        button.look = self.look
        button.text = global_idmap["tr"].say(words)
        button.intent = ChooseSource.model_validate({"source": other})
