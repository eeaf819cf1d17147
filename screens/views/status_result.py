"""Check status: where the application stands, the one next step, and the road so far."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from kiosk.status import TrailView
from screens import i18n
from screens.naming import paper_name, service_name
from screens.widgets.parts import Row
from screens.widgets.view import View, arrange
from wire.change import REASONS, State
from wire.words import N_

# State: mark, title, what it means, next step, the second line of it.
WORDS: dict[str, tuple[str, str, str, str, str]] = {
    "queued": (
        "later", N_("Waiting for the line"), N_("It is stored here and goes out by itself."),
        N_("You need not do anything now."), N_("Look again tomorrow."),
    ),
    State.RECEIVED: (
        "ok", N_("The office has it"), N_("All papers arrived."),
        N_("You need not do anything now."), N_("Look again in a few days."),
    ),
    State.IN_REVIEW: (
        "now", N_("Being checked"), N_("An officer is looking at your papers."),
        N_("You need not do anything now."), N_("Look again in a few days."),
    ),
    State.NEEDS_CORRECTION: (
        "warn", N_("Needs correction"), N_("The office needs something else from you."),
        "", N_("Ask the officer when something is unclear."),
    ),
    State.REJECTED: (
        "bad", N_("Not accepted"), N_("The office could not accept it."),
        "", N_("Ask the officer what you can do."),
    ),
    State.APPROVED: (
        "ok", N_("Approved"), N_("The office makes your document."),
        N_("You need not do anything now."), N_("Look again in a few days."),
    ),
    State.READY: (
        "ok", N_("Ready to collect"), N_("Your document is ready."),
        N_("Collect it at the office."), N_("Bring this number."),
    ),
    State.ISSUED: ("ok", N_("Collected"), N_("You have your document."), N_("All is done."), ""),
    State.WITHDRAWN: ("bad", N_("Withdrawn"), N_("This application was taken back."), N_("You can apply again."), ""),
}  # fmt: skip
LINES = 3
"""So many lines of what to do; more are counted."""
TINTS = {"ok": "ok", "warn": "warn", "bad": "bad", "now": "primary", "later": "accent"}
# The road: how far each state is on it (0 sent, 1 received, 2 checked, 3 ready), and what stands at that place.
ROAD = (N_("Sent to the office"), N_("Received by the office"), N_("Checked by an officer"), N_("Ready to collect"))
REACHED = {
    "queued": 0, State.RECEIVED: 1, State.IN_REVIEW: 2, State.NEEDS_CORRECTION: 2, State.REJECTED: 2,
    State.WITHDRAWN: 2, State.APPROVED: 2, State.READY: 3, State.ISSUED: 3,
}  # fmt: skip


class RoadRow(Row):
    """One place on the road; ``last``: no line goes on from it."""

    kind = StringProperty("next")
    text = StringProperty("")
    plain = StringProperty("")
    passed = BooleanProperty(False)
    last = BooleanProperty(False)


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
        if self.todo and trail.state != State.NEEDS_CORRECTION:
            self.mark, title = "warn", N_("Incomplete")
            meaning, more = N_("The office waits for papers from you."), ""
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


def steps(trail: TrailView, *, brief: bool = False) -> list[str]:
    """What the resident is to do, a line each: the office's reasons, then what never came.

    ``brief``: of several reasons, only what is wrong.
    """
    say = global_idmap["tr"].say
    lines: list[str] = []
    refused = trail.reasons if trail.state in (State.NEEDS_CORRECTION, State.REJECTED) else ()
    for code, paper in refused:
        text = say(REASONS.get(code, REASONS["office_visit"]))
        if brief and len(refused) > 1:
            text = text.split(". ")[0].rstrip(".") + "."
        name = say(paper_name(trail.service, paper, short=True)) if paper else ""
        lines.append(f"{name}: {text}" if name else text)
    told = {paper for _, paper in refused}
    for paper in trail.todo:
        if paper not in told:
            lines.append(say(N_("{paper} is not here yet"), paper=say(paper_name(trail.service, paper, short=True))))
    if len(lines) > LINES:
        return [*lines[: LINES - 1], say(N_("And {count} more"), count=len(lines) - LINES + 1)]
    return lines


SHOWS = StatusResultView
