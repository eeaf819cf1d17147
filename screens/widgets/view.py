"""A view: reads the status, shows one screen, sends intents. It places its heading, body and actions itself.

Portrait: under each other. Landscape: body left, the rest in a column on the right, as in the drawing of the scan step.
"""

from __future__ import annotations

from collections.abc import Sequence

from kivy.clock import Clock
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.status import KioskStatus, Step, VisitView
from screens.theme import Theme
from screens.widgets.parts import Heading

NO_STATUS = KioskStatus(rev=0, ready=False)
NO_VISIT = VisitView(kind="apply", step=Step.SERVICE)

# Heights and margins in design units (visual README, "Space and shape").
SIDE, GAP, COLUMN = 48, 24, 610
HEADERS = {"home": 250, "inner": 174, "wide": 138}
NAV, FOOT, BOTTOM, ACTION = 104, 104, 32, 128
HOME_FOOT = 2 * 104 + 16
WIDE_NAV = NAV + 16 + 92


class Body(BoxLayout):
    """What the screen is about."""


class Actions(BoxLayout):
    """The main button and, left of it, the second one."""


def arrange(box: BoxLayout, wanted: Sequence[Widget]) -> None:
    """Put exactly these into ``box``, in this order. The caller keeps what is left out alive."""
    if box.children[::-1] != list(wanted):
        box.clear_widgets()
        for each in wanted:
            if each.parent is not None:
                each.parent.remove_widget(each)
            box.add_widget(each)


class View(Widget):
    """``status``: what the station says; ``visit``: its visit, or an empty one. ``head``: home or inner.

    ``nav``: whether the step bar stands over it. ``foot``: inner (one row), home (two rows), languages, or "".
    ``trouble``: something is out of order, so the button that calls the officer is filled. ``turn``: names what the
    buttons do where the same place does now this and now that; a change drops touches as a change of screen does.
    """

    head = StringProperty("inner")
    nav = BooleanProperty(True)
    foot = StringProperty("inner")
    trouble = BooleanProperty(False)
    turn = StringProperty("")
    top = NumericProperty(26)
    status: ObjectProperty[KioskStatus] = ObjectProperty(NO_STATUS, rebind=True)
    visit: ObjectProperty[VisitView] = ObjectProperty(NO_VISIT, rebind=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._built: tuple[object, ...] = ()
        self._place = Clock.create_trigger(self.place, -1)
        theme: Theme = global_idmap["theme"]
        for name in ("pos", "size", "nav", "foot", "head"):
            self.fbind(name, self._place)
        for name in ("u", "portrait", "k"):
            theme.fbind(name, self._place)
        for child in self.children:
            child.fbind("height", self._place)

    def follow(self, status: KioskStatus) -> None:
        """Show ``status``. A view with lists to build overrides ``changed``."""
        self.status = status
        self.visit = status.visit or NO_VISIT
        self.changed()

    def changed(self) -> None:
        """Called after ``status`` and ``visit`` are set."""

    def stale(self, *what: object) -> bool:
        """True when the lists must be built anew: of ``what``, or in another language.

        Building at each status would take a button away from under the finger that is on it.
        """
        built, self._built = self._built, (self.status.language, *what)
        return built != self._built

    def place(self, *_: object) -> None:
        """Lay heading, body and actions out."""
        theme: Theme = global_idmap["theme"]
        heading = next((child for child in self.children if isinstance(child, Heading)), None)
        body = next((child for child in self.children if isinstance(child, Body)), None)
        actions = next((child for child in self.children if isinstance(child, Actions)), None)
        if theme.portrait:
            self._upright(theme.u, heading, body, actions)
        else:
            self._wide(theme.u, heading, body, actions)

    def _upright(self, u: float, heading: Heading | None, body: Body | None, actions: Actions | None) -> None:
        width = self.width - 2 * SIDE * u
        top = self.height - HEADERS[self.head] * u - self.top * u
        if self.nav:
            top -= (NAV + GAP) * u
        if heading is not None:
            heading.pos, heading.width = (SIDE * u, top - heading.height), width
            top -= heading.height + 22 * u
        bottom = (BOTTOM + {"inner": FOOT + 20, "home": HOME_FOOT + 24, "languages": FOOT + 20, "": 0}[self.foot]) * u
        if actions is not None and actions.children:
            actions.pos, actions.size = (SIDE * u, bottom), (width, ACTION * u)
            bottom += (ACTION + 20) * u
        if body is not None:
            body.pos, body.size = (SIDE * u, bottom), (width, top - bottom)

    def _wide(self, u: float, heading: Heading | None, body: Body | None, actions: Actions | None) -> None:
        top = self.height - (HEADERS["wide"] + GAP) * u
        bottom = 28 * u
        right, side = self.width - (SIDE + COLUMN) * u, COLUMN * u
        alone = heading is None and actions is None and not self.foot
        left = self.width - 2 * SIDE * u if alone else right - (SIDE + 32) * u
        if body is not None:
            foot = (FOOT + 20) * u if self.foot in ("inner", "languages") else 0
            body.pos, body.size = (SIDE * u, bottom + foot), (left, top - bottom - foot)
        if self.nav:
            top -= (WIDE_NAV + 20) * u
        if heading is not None:
            heading.pos, heading.width = (right, top - heading.height), side
        if actions is not None and actions.children:
            height = (ACTION * len(actions.children) + 20 * (len(actions.children) - 1)) * u
            actions.pos, actions.size = (right, bottom), (side, height)
