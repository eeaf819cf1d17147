"""The root of the window: header, step bar and foot round whichever view is shown."""

from __future__ import annotations

from datetime import datetime

from kivy.clock import Clock
from kivy.lang import global_idmap
from kivy.uix.floatlayout import FloatLayout

from kiosk.status import KioskStatus
from screens import i18n
from screens.i18n import Translator
from screens.theme import Theme
from screens.widgets.press import Pressable
from screens.widgets.shell import FootRow, Header, HomeFoot, LanguageRow, NavBar, StaffDoor
from screens.widgets.view import BOTTOM, COLUMN, FOOT, GAP, HEADERS, HOME_FOOT, NAV, SIDE, WIDE_NAV, View

NEXT_KEYS = (9, 274, 275)  # Tab, down, right
PREVIOUS_KEYS = (273, 276)  # up, left
PRESS_KEYS = (13, 32, 271)  # Enter, space, the number pad's Enter


class Shell(FloatLayout):
    """One header, one step bar, one foot of each kind; what a view does not want is taken out of the window."""

    def __init__(self) -> None:
        super().__init__()
        self.header, self.nav = Header(), NavBar()
        self.inner, self.home = FootRow(), HomeFoot()
        self.feet: dict[str, FootRow | HomeFoot | LanguageRow] = {
            "inner": self.inner,
            "home": self.home,
            "languages": LanguageRow(),
        }
        self.view: View | None = None
        self._now: datetime | None = None
        self._dates = False
        self.add_widget(self.header)
        self._place = Clock.create_trigger(self.place, -1)
        self.bind(size=self._place)
        theme: Theme = global_idmap["theme"]
        theme.bind(u=self._place, portrait=self._place, k=self._place)
        global_idmap["tr"].bind(lang=self._retell)

    def show(self, view: View, status: KioskStatus) -> None:
        """Stand round ``view``."""
        languages = status.languages or ("id",)
        self.header.status = status
        self.nav.follow(status)
        for foot in self.feet.values():
            foot.languages = languages
        self.inner.called = self.home.called = status.officer_called
        self.inner.filled = view.trouble or bool(status.visit and status.visit.receipt and status.visit.receipt.faults)
        if view is self.view:
            return
        self.unfocus()
        if self.view is not None:
            self.remove_widget(self.view)
        self.view = view
        self.add_widget(view, index=len(self.children))
        self._keep(self.nav, view.nav)
        self.place()
        view.place()

    def _keep(self, widget: NavBar | FootRow | HomeFoot | LanguageRow, wanted: bool) -> None:
        if wanted and widget.parent is None:
            self.add_widget(widget)
        elif not wanted and widget.parent is not None:
            self.remove_widget(widget)

    def place(self, *_: object) -> None:
        """Lay the parts out."""
        theme: Theme = global_idmap["theme"]
        u, view = theme.u, self.view
        head = view.head if view is not None else "inner"
        self.header.kind = head if theme.portrait else "wide"
        self.header.size = (self.width, HEADERS[self.header.kind] * u)
        self.header.pos = (0, self.height - self.header.height)
        if view is not None:
            view.pos, view.size = (0, 0), self.size
        side = COLUMN * u
        right = self.width - SIDE * u - side
        if theme.portrait:
            self.nav.size = (self.width - 2 * SIDE * u, NAV * u)
            self.nav.pos = (SIDE * u, self.header.y - (GAP + NAV) * u)
        else:
            self.nav.size = (side, WIDE_NAV * u)
            self.nav.pos = (right, self.header.y - (GAP + WIDE_NAV) * u)
        for name, foot in self.feet.items():
            self._keep(foot, view is not None and name == view.foot)  # a view may want another one when it is turned
            high = (HOME_FOOT if name == "home" else FOOT) * u
            if theme.portrait:
                foot.size, foot.pos = (self.width - 2 * SIDE * u, high), (SIDE * u, BOTTOM * u)
            elif name == "home":
                foot.size, foot.pos = (self.width - 2 * SIDE * u, FOOT * u), (SIDE * u, 28 * u)
            else:
                foot.size, foot.pos = (right - (SIDE + 32) * u, high), (SIDE * u, 28 * u)

    def tell_time(self, now: datetime, *, dates: bool = True) -> None:
        """Set the clock, and the date unless it must wait for Babel."""
        tr: Translator = global_idmap["tr"]
        self._now, self._dates = now, dates
        self.header.clock = i18n.clock(now, tr.lang)
        if dates:
            self.header.long_date = i18n.long_date(now.date(), tr.lang)
            self.header.short_date = i18n.short_date(now.date(), tr.lang)

    def _retell(self, *_: object) -> None:
        if self._now is not None:
            self.tell_time(self._now, dates=self._dates)

    def ring(self) -> list[Pressable]:
        """Every control that can be pressed now, in the order that one reads them."""
        controls = [each for each in self.walk() if isinstance(each, Pressable) and not isinstance(each, StaffDoor)]
        found = [each for each in controls if not each.disabled and each.label]
        return sorted(found, key=lambda each: (-round(each.top / 40), each.x))

    def unfocus(self) -> None:
        """Take the focus ring away: it shows after a key, not after a touch."""
        for each in self.walk():
            if isinstance(each, Pressable) and each.focus:
                each.focus = False

    def key(self, key: int) -> bool:
        """Walk the controls with Tab and arrows, press one with Enter or space."""
        ring = self.ring()
        at = next((at for at, each in enumerate(ring) if each.focus), None)
        if key in PRESS_KEYS and at is not None:
            ring[at].trigger_action(0.1)
            return True
        if key not in NEXT_KEYS + PREVIOUS_KEYS or not ring:
            return False
        if at is not None:
            ring[at].focus = False
        step = 1 if key in NEXT_KEYS else -1
        ring[0 if at is None else (at + step) % len(ring)].focus = True
        return True
