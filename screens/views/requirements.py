"""Step 2: the questions, one at a time, which papers follow from the answers, and that they must be the originals."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from screens.naming import asks_originals, service_name
from screens.widgets.view import View, arrange


class RequirementsView(View):
    """``last``: no question comes after the one that is shown. ``original``: the must-read line stands there."""

    name = StringProperty("")
    last = BooleanProperty(True)
    original = BooleanProperty(True)
    portrait = BooleanProperty(True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._parts = {name: self.ids[name].__self__ for name in ("room", "question", "papers", "note")}
        self.bind(portrait=lambda *_: self.changed())

    def changed(self) -> None:
        """Show question and papers."""
        visit, parts = self.visit, self._parts
        self.name = service_name(visit.service)
        self.last = visit.question >= len(visit.questions) - 1
        self.original = asks_originals(visit.service, {paper.id for paper in visit.papers})
        parts["question"].follow(visit)
        parts["papers"].follow(visit)
        answers = len(visit.questions[visit.question].answers) if visit.questions else 0
        wanted = {
            "room": self.original and self.portrait,
            "question": bool(visit.questions),
            "papers": bool(visit.papers),
            "note": self.portrait and self.status.text_step < 2 and len(visit.papers) + answers < 6,
        }
        arrange(self.ids["body"], [part for name, part in parts.items() if wanted[name]])


SHOWS = RequirementsView
