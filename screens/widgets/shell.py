"""What stands round every screen: header, step bar and the row at the foot. One of each, shared by all views."""

from __future__ import annotations

from kivy.clock import Clock
from kivy.graphics import Color, SmoothRoundedRectangle
from kivy.input.motionevent import MotionEvent
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.intents import Start
from kiosk.status import KioskStatus, Step
from screens.i18n import NAMES, Translator
from screens.theme import Theme
from screens.widgets.press import Btn, Pressable
from screens.widgets.standing import place_of_six, standing
from screens.widgets.view import NO_STATUS
from wire.words import N_

SENT = (Step.SENDING, Step.DONE)
NOTHING_TO_CANCEL = ("browse", "locations", "staff")
"""Kinds of visits in which nothing is typed or scanned that could be lost: Back is all they need."""

HOLD_S = 2.0
"""How long the badge is held before the staff's entrance opens."""


class Chip(Widget):
    """One device or line in the header: an icon and a word, filled when it needs somebody."""

    icon = StringProperty("info")
    text = StringProperty("")
    alarm = BooleanProperty(False)


class StaffDoor(Pressable):
    """The village's badge: holding it for HOLD_S asks for the staff's pages. A short press does nothing, nor do keys.

    ``armed``: nobody's visit is open. Residents see no sign of it; the tree names it.
    """

    armed = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._held = Clock.create_trigger(self._open, HOLD_S)

    def on_press(self) -> None:
        """The finger is down: wait."""
        if self.armed:
            self._held()

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """A finger that leaves the badge holds it no longer."""
        if touch.grab_current is self and not self.collide_point(*touch.pos):
            self._held.cancel()
        return bool(super().on_touch_move(touch))

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """Let go too early."""
        if touch.grab_current is self:
            self._held.cancel()
        return bool(super().on_touch_up(touch))

    def _open(self, _dt: float) -> None:
        if self.armed:
            global_idmap["say"](Start(kind="staff"))


class Header(Widget):
    """The place, the time, the line and the printer. ``kind``: home, inner or wide."""

    kind = StringProperty("inner")
    status: ObjectProperty[KioskStatus] = ObjectProperty(NO_STATUS, rebind=True)
    clock = StringProperty("")
    long_date = StringProperty("")
    short_date = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._place = Clock.create_trigger(self.place, -1)
        for name in ("pos", "size", "kind"):
            self.fbind(name, self._place)
        for name in ("clock", "day", "chips", "village", "where"):
            self.ids[name].fbind("size", self._place)

    def where(self, *_: object) -> str:
        """District and regency on one line; shortened where there is little room."""
        place = self.status.place
        text = ", ".join(part for part in (place.district, place.regency) if part)
        if self.kind == "inner":
            return text.replace("Kecamatan ", "Kec. ").replace("Kabupaten ", "Kab. ")
        return text

    def printer_word(self, *_: object) -> str:
        """Msgid of the printer's chip, "" when there is no printer."""
        printer = self.status.device("printer")
        if printer is None or printer.phase == "starting":
            return ""
        if printer.usable:
            return N_("Printer ready")
        if "printer_paper_out" in printer.faults:
            return N_("Paper used up")
        return N_("Printer out of order")

    def place(self, *_: object) -> None:
        """Lay the parts out for the kind of header."""
        theme: Theme = global_idmap["theme"]
        u, ids = theme.u, self.ids
        badge, village, where, clock, day, chips = (
            ids[name] for name in ("badge", "village", "where", "clock", "day", "chips")
        )
        left, right, top, bottom = self.x + 48 * u, self.right - 48 * u, self.top, self.y + 8 * u
        middle = (top + bottom) / 2
        badge.x = left
        if self.kind == "home":
            badge.center_y = clock.center_y = top - 90 * u
            clock.right = right
            chips.x, chips.y = left, self.y + 28 * u
            day.right, day.center_y = right, chips.y + 26 * u
            room = clock.x
        elif self.kind == "inner":
            badge.center_y = middle
            clock.right, clock.center_y = right, top - 52 * u
            day.right, day.center_y = clock.x - 20 * u, clock.center_y
            chips.right, chips.y = right, bottom + 18 * u
            room = min(day.x, chips.x)
        else:
            badge.center_y = clock.center_y = day.center_y = middle
            chips.y = middle - 26 * u
            day.right = right
            chips.right = day.x - 22 * u
            clock.right = chips.x - 24 * u
            room = clock.x
        text = badge.right + 24 * u
        village.limit_width = where.limit_width = max(1.0, room - text - 20 * u)
        village.x = where.x = text
        high = village.height + where.height + 2 * u
        village.top = badge.center_y + high / 2
        where.top = village.y - 2 * u


class Segments(Widget):
    """Six short bars: done, now, to come. ``now``: 1 to 6; 7 means that all are done."""

    now = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        draw = Clock.create_trigger(self.draw, -1)
        for name in ("pos", "size", "now"):
            self.fbind(name, draw)
        global_idmap["theme"].fbind("c", draw)

    def draw(self, *_: object) -> None:
        """Draw the bars again."""
        theme: Theme = global_idmap["theme"]
        u, gap = theme.u, 8 * theme.u
        width = (self.width - 5 * gap) / 6
        self.canvas.clear()
        with self.canvas:
            for at in range(6 if self.now else 0):
                step = at + 1
                if step < self.now:
                    edge = fill = theme.c["ink" if theme.contrast else "primary"]
                elif step == self.now:
                    edge, fill = theme.c["accent" if theme.contrast else "primary"], theme.c["accent"]
                else:
                    edge, fill = theme.c["line" if theme.contrast else "track"], theme.c["track"]
                for colour, inset in ((edge, 0.0), (fill, 3 * u)):
                    Color(*colour)
                    SmoothRoundedRectangle(
                        pos=(self.x + at * (width + gap) + inset, self.y + inset),
                        size=(max(1.0, width - 2 * inset), max(1.0, self.height - 2 * inset)),
                        radius=[6 * u - inset],
                    )


class NavBar(Widget):
    """Back, where the resident stands, and the way out. ``alone``: Back is the only button; ``leaves``: it leaves."""

    status: ObjectProperty[KioskStatus] = ObjectProperty(NO_STATUS, rebind=True)
    step = NumericProperty(1)
    first = StringProperty("")
    second = StringProperty("")
    sent = BooleanProperty(False)
    alone = BooleanProperty(False)
    leaves = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._place = Clock.create_trigger(self.place, -1)
        for name in ("pos", "size", "alone"):
            self.fbind(name, self._place)
        global_idmap["theme"].fbind("k", self._place)
        for name in ("back", "leave", "words"):
            self.ids[name].fbind("size", self._place)

    def follow(self, status: KioskStatus) -> None:
        """Show the step of ``status``."""
        self.status = status
        visit = status.visit
        if visit is None:
            return
        tr: Translator = global_idmap["tr"]
        self.sent = visit.step in SENT
        six = place_of_six(visit)
        self.step = 7 if six and visit.step is Step.DONE else six
        self.alone = visit.kind in NOTHING_TO_CANCEL
        self.leaves = visit.step in (Step.STAFF_PIN, Step.STAFF_HOME)
        self.first, self.second = standing(status, visit, tr)

    def place(self, *_: object) -> None:
        """Lay the parts out: in one row, or buttons over words where the bar is high."""
        theme: Theme = global_idmap["theme"]
        u, ids = theme.u, self.ids
        back, leave, words = ids["back"], ids["leave"], ids["words"]
        if theme.portrait:
            back.size = leave.size = ((160 + 74 * theme.k / u) * u, 104 * u)
            words.pos = (self.x + back.width + 28 * u, self.y)
            words.size = (self.width - back.width - (0 if self.alone else leave.width + 28 * u) - 28 * u, self.height)
        else:
            back.size = leave.size = ((self.width - 20 * u) / 2, 104 * u)
            words.pos, words.size = (self.x, self.y), (self.width, 92 * u)
        back.pos = (self.x, self.top - back.height)
        leave.pos = (self.right - leave.width, self.top - leave.height)


class FootRow(BoxLayout):
    """Inner screens: call officer, language, size, contrast."""

    called = BooleanProperty(False)
    filled = BooleanProperty(False)
    languages: ObjectProperty[tuple[str, ...]] = ObjectProperty(("id",))

    def next_language(self, current: str, languages: tuple[str, ...]) -> str:
        """The one that a press brings."""
        at = languages.index(current) if current in languages else -1
        return languages[(at + 1) % len(languages)] if languages else current


class LanguageRow(BoxLayout):
    """Home: every language whose words are complete, size, contrast."""

    languages: ObjectProperty[tuple[str, ...]] = ObjectProperty(())

    def on_languages(self, *_: object) -> None:
        """Build a button a language."""
        row = self.ids["row"]
        row.clear_widgets()
        for language in self.languages:
            row.add_widget(LanguageButton(language=language, text=NAMES.get(language, language)))


class HomeFoot(BoxLayout):
    """Home: call officer over the languages. ``helped``: whether the call button stands there too."""

    called = BooleanProperty(False)
    languages: ObjectProperty[tuple[str, ...]] = ObjectProperty(())


class LanguageButton(Btn):
    """One language."""

    language = StringProperty("")
