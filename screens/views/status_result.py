"""Check status: where the application stands, the one next step, and the road so far."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from kiosk.status import TrailView
from screens import i18n
from screens.naming import paper_name, service_name
from screens.views.trail_words import REACHED, ROAD, TINTS, WAITS, WORDS, steps
from screens.widgets.road import RoadRow
from screens.widgets.view import View, arrange
from wire.change import State
from wire.words import N_


class StatusResultView(View):
    """The answer of the office, in its own words for residents. ``todo``: papers can be scanned for it here and now."""

    name = StringProperty("")
    number = StringProperty("")
    at = StringProperty("")
    mark = StringProperty("ok")
    tint = StringProperty("ok")
    title = StringProperty("")
    meaning = StringProperty("")
    step = StringProperty("")
    more = StringProperty("")
    todo = BooleanProperty(False)
    roomy = BooleanProperty(True)
    portrait = BooleanProperty(True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._complete, self._end = self.ids["complete"].__self__, self.ids["end"].__self__
        self.bind(portrait=lambda *_: self.changed())

    def changed(self) -> None:
        """Put the trail into words."""
        trail = self.visit.trail
        if trail is None:
            return
        tr = global_idmap["tr"]
        self.name, self.number = service_name(trail.service), trail.number
        self.at = i18n.moment(trail.at, tr.lang)
        self.mark, title, meaning, step, more = WORDS.get(trail.state, WORDS[State.RECEIVED])
        self.todo = bool(trail.todo)
        names = [tr.say(paper_name(trail.service, paper, short=True)) for paper in trail.todo]
        if trail.state in WAITS and (self.todo or trail.missing):
            self.mark, title = "warn", N_("Incomplete")
            meaning, step, more = N_("The office waits for papers from you."), "", ""
        if self.todo:
            more = N_("Bring the original. The other papers stay as they are.")
        self.tint = TINTS[self.mark]
        self.title, self.meaning, self.more = tr.say(title), tr.say(meaning), tr.say(more)
        self.step = "\n".join(steps(trail, brief=not self.portrait)) or tr.say(
            step or N_("Please come to the registry office.")
        )
        self._offer(names)
        self._road(trail, names)

    def _offer(self, names: list[str]) -> None:
        """The button that scans what is lacking: in the card, or over the other button where that is low."""
        say = global_idmap["tr"].say
        if len(names) == 1:
            self._complete.text = say(N_("Scan {paper}"), paper=names[0])
        elif names:
            self._complete.text = say(N_("Scan {count} papers"), count=len(names))
        inside, outside = self.todo and self.portrait, self.todo and not self.portrait
        card, actions = self.ids["steps"], self.ids["actions"]
        arrange(actions, [self._end, self._complete] if outside else [self._end])
        lines = [child for child in card.children[::-1] if child is not self._complete]
        arrange(card, [*lines, self._complete] if inside else lines)
        self._place()

    def _road(self, trail: TrailView, names: list[str]) -> None:
        say = global_idmap["tr"].say
        reached = REACHED.get(trail.state, 1)
        waiting = say(N_("Waiting for {papers}"), papers=", ".join(names)) if 0 < len(names) < 3 else self.title
        road = self.ids["road"]
        road.clear_widgets()
        for at, text in enumerate(ROAD):
            here = at == reached
            kind = self.mark if here else "ok" if at < reached else "next"
            row = RoadRow(kind=kind, text=say(text), passed=at < reached, last=at == len(ROAD) - 1)
            row.plain = waiting if here and waiting != row.text else ""
            road.add_widget(row)


SHOWS = StatusResultView
