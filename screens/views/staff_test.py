"""One test of a device: what to do now, how far it is, what came of it, and whether that will do."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.lang import global_idmap
from kivy.properties import ObjectProperty, StringProperty

from kiosk.intents import TestDevice
from kiosk.status_staff import TrialView
from screens.i18n import Translator
from screens.naming import DEVICES, device_name
from screens.widgets.devices import ResultRow
from screens.widgets.keyed import Keyed
from screens.widgets.pictures import thumbnail
from screens.widgets.view import View, arrange
from wire.words import N_

# What a state is called; a question stands there itself.
TITLES = {"running": N_("Test is running"), "passed": N_("Passed"), "failed": N_("Not passed")}
# What stands in the well until a picture comes.
PICTURES = {"printer": "printer", "camera": "document_camera", "scanner": "bed", "card": "card_reader"}


class StaffTestView(View):
    """``advice``: what to do about a test that failed, or ""."""

    advice = StringProperty("")
    picture = StringProperty("")
    icon = StringProperty("build")
    image: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = Keyed(self.ids["rows"], lambda _key: ResultRow())
        self._parts = {name: self.ids[name].__self__ for name in ("banner", "well", "sheet", "again", "no", "yes")}

    def changed(self) -> None:
        """Show how the test stands."""
        trial = self.visit.staff.trial if self.visit.staff else None
        if trial is None:
            return
        tr: Translator = global_idmap["tr"]
        self.turn = trial.state
        banner = self._parts["banner"]
        banner.state, banner.share = trial.state, trial.progress
        banner.title = tr._(trial.ask) if trial.state == "asking" else tr.say(TITLES[trial.state])
        banner.left = tr.say(N_("{seconds} seconds left"), seconds=trial.left_s) if trial.left_s else ""
        self.image = thumbnail(trial.image)
        self.icon = DEVICES[trial.role][0] if trial.role in DEVICES else "build"
        picture = "take" if trial.role == "printer" and trial.state == "asking" else PICTURES.get(trial.role, "")
        self.picture = picture if self.image is None else ""
        self._parts["again"].intent = TestDevice(role=trial.role)
        rows = self._words(trial, tr)
        parts, running = self._parts, trial.state == "running"
        pictured = self.image is not None or trial.state in ("running", "asking") or not rows
        arrange(self.ids["shown"], [parts["well"]] * pictured + [parts["sheet"]] * bool(rows))
        answers = [parts["no"], parts["yes"]]
        arrange(self.ids["actions"], answers if trial.state == "asking" else [] if running else [parts["again"]])

    def _words(self, trial: TrialView, tr: Translator) -> list[ResultRow]:
        """Put the results into rows; a reason alone goes to the title, a hint alone under the rows."""
        results, say = list(trial.results), tr._
        lone = [row for row in results if not row[1]]
        reason = next((row for row in lone if row[2] == "bad"), None)
        hints = [say(row[0]) for row in lone if not row[2]]
        bare = [row for row in results if row is not reason and not (row in lone and not row[2])]
        self.advice = " ".join(hints)
        name = say(device_name(trial.role))
        said = say(trial.hint) if trial.state == "running" else say(reason[0]) if reason else name
        self._parts["banner"].said = said
        rows = self._rows.follow([str(at) for at in range(len(bare))])
        for at, (row, (what, value, mark)) in enumerate(zip(rows, bare, strict=True)):
            row.number, row.last, row.mark = at, at == len(bare) - 1, mark
            row.name, row.value = say(what), say(value)
        return rows


SHOWS = StaffTestView
