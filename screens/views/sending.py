"""Step 6: sealing, storing, printing; the number as soon as there is one."""

from __future__ import annotations

import time

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from screens.views.lacking import lacking
from screens.widgets.parts import Row
from screens.widgets.view import View

PRINT_S = 10.0
"""About how long a receipt takes: the bar's guess, so it stops short of the end."""


class WorkRow(Row):
    """One piece of work: its mark and its words."""

    kind = StringProperty("next")
    bold = StringProperty("")
    plain = StringProperty("")


class SendingView(View):
    """The bar moves every half second, and only while this view is shown and the printer prints."""

    share = NumericProperty(0.0)
    stored = BooleanProperty(False)
    missing = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._since = 0.0
        self._event = Clock.schedule_interval(self._move, 0.5)
        self._event.cancel()
        self.bind(parent=self._shown)

    def changed(self) -> None:
        """Note when the printing began, and what comes later."""
        self.missing = lacking(self.visit.service, self.visit.missing)
        stored = bool(self.visit.number)
        if stored and not self.stored:
            self._since = time.monotonic()
        self.stored = stored
        self._move()

    def _shown(self, *_: object) -> None:
        if self.parent is None:
            self._event.cancel()
            self.stored = False
        else:
            self._event()

    def _move(self, *_: object) -> None:
        took = time.monotonic() - self._since
        self.share = round(min(0.92, took / PRINT_S), 2) if self.stored else 0.0


SHOWS = SendingView
