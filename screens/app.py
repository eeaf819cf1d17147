"""The window: one status in, one view shown, intents out."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from datetime import datetime

from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.lang import global_idmap
from kivy.uix.floatlayout import FloatLayout

from kiosk.intents import Alive, Intent
from kiosk.ladder import Screen, screen_for
from kiosk.link import Window as Link
from kiosk.status import KioskStatus
from screens.i18n import Translator
from screens.theme import Theme
from screens.widgets.view import NO_STATUS, View
from wire import notify

log = logging.getLogger("screens")

ALIVE_S = 1.0
DEAF_S = 0.25
"""After a change of screen, touches are dropped for this long: the second half of a double tap must not act there."""
TURN_DEAF_S = 0.5
"""The same, where a button becomes another one in its place (``View.turn``)."""
ERRORS, ERRORS_S = 5, 60.0
"""More errors than this in this many seconds end the window; the station starts a clean one."""
NO_CANCEL = (Screen.SENDING, Screen.DONE, Screen.NO_RECEIPT, Screen.RECEIPT_ASK)


class WindowApp(App):
    """``link``: the window's end of the link. ``now``: the wall clock."""

    def __init__(self, link: Link, *, now: Callable[[], datetime] = datetime.now) -> None:
        self.theme, self.tr = Theme(), Translator()
        self.tr.use("id")
        self.link = link
        self.now = self.tr.now = now
        self.status = NO_STATUS
        self.screen = Screen.STARTING
        self.asking = False
        self._deaf_until = 0.0
        self._shown: tuple[Screen, bool, str] = (self.screen, False, "")
        self.views: dict[str, View] = {}
        self._newest: KioskStatus | None = None
        self._connected = True
        self._dates = False  # Babel takes 60 ms: after the first frame
        self._rest: list[Screen] = []
        super().__init__()

    def build(self) -> FloatLayout:
        """Make the shell and the first view; the others are made in the pauses after the first frame."""
        global_idmap.update(theme=self.theme, tr=self.tr, say=self.say, app_ask=self.ask, app_stay=self.stay)
        from screens import widgets

        widgets.load()
        from screens.shell import Shell

        Window.bind(size=self._fit, on_key_down=self._key, on_touch_down=self._touch)
        self.theme.fit(*Window.size)
        self.theme.bind(c=self._background)
        self._background()
        self._take = Clock.create_trigger(self._draw)
        self.shell = Shell()
        self._events = [Clock.schedule_interval(self._alive, ALIVE_S)]
        self._tick()
        self.follow(self.status)
        self.link.on_status(self._status)
        self.link.on_connected(self._connection)
        return self.shell

    def on_start(self) -> None:
        """The first frame is on its way: make the other views while nobody waits for them."""
        notify.notify("READY=1")
        self._rest = list(Screen)
        self._events.append(Clock.schedule_interval(self._make_next, 0.1))

    def on_stop(self) -> None:
        """The Window outlives the app: whatever was bound to it goes with it."""
        Window.unbind(size=self._fit, on_key_down=self._key, on_touch_down=self._touch)
        for event in self._events:
            event.cancel()
        Clock.unschedule(self._tick)

    def open_settings(self, *_: object) -> bool:
        """F1 would open Kivy's own panel."""
        return False

    def say(self, intent: Intent) -> bool:
        """Send ``intent``; True, so that a kv expression can go on."""
        self.asking = False
        self.link.send(intent)
        self.follow(self.status)
        return True

    def ask(self) -> None:
        """Ask before the visit is cancelled. Nothing goes to the station before the answer."""
        self.asking = True
        self.follow(self.status)

    def stay(self) -> None:
        """The resident goes on."""
        self.asking = False
        self.follow(self.status)

    def follow(self, status: KioskStatus) -> None:
        """Show ``status``."""
        self.status = status
        self.tr.use(status.language)
        self.theme.use(contrast=status.contrast, step=status.text_step)
        screen = screen_for(status)
        if self.asking and (status.visit is None or screen in NO_CANCEL or screen is Screen.TIMEOUT):
            self.asking = False
        self.screen = screen
        view = self._view("cancel_ask" if self.asking else screen.value)
        view.follow(status)
        shown = (screen, self.asking, view.turn)
        if shown != self._shown:
            turned = shown[:2] == self._shown[:2]
            self._shown, self._deaf_until = shown, time.monotonic() + (TURN_DEAF_S if turned else DEAF_S)
        self.shell.show(view, status)
        if status.visit is None:
            from screens.widgets import pictures

            pictures.forget()

    def _view(self, name: str) -> View:
        if name not in self.views:
            from screens import views

            self.views[name] = views.make_ask() if name == "cancel_ask" else views.make(Screen(name))
        return self.views[name]

    def _make_next(self, _dt: float) -> bool:
        if not self._dates:
            self._dates = True
            self._tick()
            return True
        while self._rest:
            name = self._rest.pop(0).value
            if name not in self.views:
                self._view(name)
                return True
        self._view("cancel_ask")
        return False

    def _status(self, status: KioskStatus) -> None:
        self._newest = status
        self._take()

    def _connection(self, connected: bool) -> None:
        self._connected = connected
        self._take()

    def _draw(self, _dt: float) -> None:
        newest = self._newest if self._connected else NO_STATUS.model_copy(update={"language": self.status.language})
        if newest is not None:
            self.follow(newest)

    def _alive(self, _dt: float) -> None:
        self.link.send(Alive())
        notify.notify("WATCHDOG=1")

    def _tick(self, _dt: float = 0) -> None:
        """Set the clock on the wall, and come back with the next minute."""
        now = self.now()
        self.shell.tell_time(now, dates=self._dates)
        Clock.unschedule(self._tick)
        Clock.schedule_once(self._tick, 60.05 - now.second - now.microsecond / 1e6)

    def _fit(self, _window: object, size: tuple[int, int]) -> None:
        # Kivy unbinds a dead widget's rules when it is collected; one that is collected while they run breaks them.
        gc.collect()
        self.theme.fit(*size)

    def _background(self, *_: object) -> None:
        Window.clearcolor = self.theme.c["bg"]
        Window.canvas.ask_update()

    def _touch(self, *_: object) -> bool:
        self.shell.unfocus()
        return self.deaf

    @property
    def deaf(self) -> bool:
        """True just after a change of screen or turn."""
        return time.monotonic() < self._deaf_until

    def _key(self, _window: object, key: int, *_rest: object) -> bool:
        return self.shell.key(key)


class Recover(ExceptionHandler):
    """Log an error of the window and draw on; end it when errors come in a burst."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: list[float] = []

    def handle_exception(self, exception: BaseException) -> int:
        """See Kivy's ExceptionManager."""
        log.error("error in the window", exc_info=exception)
        now = time.monotonic()
        self._seen = [at for at in self._seen if now - at < ERRORS_S] + [now]
        return ExceptionManager.RAISE if len(self._seen) >= ERRORS else ExceptionManager.PASS
