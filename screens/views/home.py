"""Home: apply, check status, and what one can look up first. What this terminal does not do has no tile."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from screens.naming import group_of
from screens.widgets.parts import Heading
from screens.widgets.press import Pressable
from screens.widgets.view import FOOT, GAP, HEADERS, SIDE, Actions, Body, View, arrange
from wire.words import N_

NIK_SERVICE = "NIK-KONSOLIDASI"
# Kinds of papers as the line under "Apply" names them; repairing the NIK has its own tile.
KINDS = {
    "kk": N_("KK"), "ktp": N_("KTP-el"), "kia": N_("KIA"), "act": N_("certificates"), "move": N_("moving"),
}  # fmt: skip


class MenuTile(Pressable):
    """A smaller tile: icon over words where two share a row, else beside them."""

    icon = StringProperty("")
    second = StringProperty("")
    upright = BooleanProperty(False)


class MenuGroup(BoxLayout):
    """Tiles under a name."""

    title = StringProperty("")


class HomeView(View):
    """``kinds``: of papers that one can apply for here. ``repairs``: the NIK can be repaired here."""

    kinds = StringProperty("")
    repairs = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._before: list[Widget] = [self.ids[name].__self__ for name in ("browse", "nik")]

    def changed(self) -> None:
        """See what there is to do here."""
        say = global_idmap["tr"].say
        groups = {group_of(code) for code in self.status.services}
        self.kinds = ", ".join(say(name) for group, name in KINDS.items() if group in groups)
        self.repairs = NIK_SERVICE in self.status.services
        arrange(self.ids["before"], self._before if self.repairs else self._before[:1])

    def _wide(self, u: float, heading: Heading | None, body: Body | None, actions: Actions | None) -> None:
        """In landscape the heading stands over the tiles, and these are as wide as the screen."""
        if heading is None or body is None:
            return
        top = self.height - (HEADERS["wide"] + GAP) * u
        width = self.width - 2 * SIDE * u
        heading.pos, heading.width = (SIDE * u, top - heading.height), width
        bottom = (28 + FOOT + GAP) * u
        body.pos, body.size = (SIDE * u, bottom), (width, heading.y - 22 * u - bottom)


SHOWS = HomeView
