"""Requirements of one service: its questions, its papers, and the list to take along. Nothing is begun here."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from screens.naming import asks_originals, service_basis, service_name
from screens.widgets.view import View, arrange
from wire.words import N_

# The slip on its way: the line under the service's name, and the words and icon of its button.
SLIPS: dict[str, tuple[str, str, str]] = {
    "": (N_("Free. Nothing is sent from here."), N_("Print the list"), "print"),
    "printing": (N_("Free. Nothing is sent from here."), N_("Printing…"), "hourglass_top"),
    "done": (N_("Take the list below the screen."), N_("List printed"), "check"),
    "failed": (N_("The list did not come out."), N_("Failed. Print again"), "error"),
    "spent": (N_("One visit prints three lists at most."), N_("No more lists"), "print"),
}


class BrowseServiceView(View):
    """``last``: no question comes after the one shown. ``basis``: forms and the rule, in small.

    ``spent``: the visit prints no more slips.
    """

    name = StringProperty("")
    lead = StringProperty("")
    press = StringProperty("")
    icon = StringProperty("print")
    basis = StringProperty("")
    last = BooleanProperty(True)
    original = BooleanProperty(True)
    spent = BooleanProperty(False)
    portrait = BooleanProperty(True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        parts = ("room", "question", "papers", "phone", "source", "slip", "main")
        self._parts = {name: self.ids[name].__self__ for name in parts}
        self._lower = self.ids["lower"].__self__
        self.bind(portrait=lambda *_: self.changed())

    def changed(self) -> None:
        """Show question, papers and what came of the slip."""
        visit, parts, say = self.visit, self._parts, global_idmap["tr"].say
        self.name = service_name(visit.service)
        self.last = visit.question >= len(visit.questions) - 1
        self.turn = "apply" if self.last else "ask"
        self.original = asks_originals(visit.service, {paper.id for paper in visit.papers})
        self.spent = not visit.slips_left and visit.slip not in ("printing", "done")
        lead, press, self.icon = SLIPS.get("spent" if self.spent else visit.slip, SLIPS[""])
        self.lead, self.press = say(lead), say(press)
        forms, rule = service_basis(visit.service)
        lines = [say(N_("Forms, free at this office: {forms}."), forms=", ".join(forms))] if forms else []
        self.basis = " ".join([*lines, say(N_("Rule: {source}"), source=rule)])
        parts["question"].follow(visit)
        answers = len(visit.questions[visit.question].answers) if visit.questions else 0
        if answers == 3:
            parts["question"].columns = 3  # the list and its code need the room
        parts["papers"].follow(visit)
        upper = [parts["room"]] if self.original and self.portrait else []
        upper += [parts["question"]] if visit.questions else []
        # Where a long question leaves too little room in landscape, the small print goes first, then the code.
        full = not self.portrait and answers > 3 and self.status.text_step > 0
        phone = bool(visit.slip_text) and not (full and len(visit.papers) > 5)
        small = self.status.text_step < 2 and not full and not (self.portrait and phone)
        arrange(self.ids["body"], [*upper, self._lower, *([parts["source"]] if small else [])])
        arrange(self.ids["lower"], [parts["papers"], parts["phone"]] if phone else [parts["papers"]])
        printer = self.status.device("printer") is not None
        arrange(self.ids["actions"], [parts["slip"], parts["main"]] if printer else [parts["main"]])


SHOWS = BrowseServiceView
