"""Step 3: the form, one question a screen."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import NumericProperty, StringProperty

from kiosk.intents import Pick
from screens.naming import field_words
from screens.views.field import PAD_OF, FieldView
from screens.widgets.papers import Choice
from screens.widgets.view import arrange

FULL = 8
"""More options than this leave no room for a line over them in landscape."""


class FormView(FieldView):
    """A pad for what is typed, buttons for what is picked."""

    pad = StringProperty("letters")
    counted = StringProperty("")
    columns = NumericProperty(1)
    lines = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._box, self._advice, self._pad, self._options, self._rest = (
            self.ids[name].__self__ for name in ("box", "advice", "pad", "options", "rest")
        )
        self._picks: tuple[object, ...] = ()

    def changed(self) -> None:
        """Show the field and where it stands in the form."""
        tr = global_idmap["tr"]
        kind, label, help_text = field_words(self.visit.service, self.visit.field)
        self.kind, self.title, self.lead = kind, tr.say(label), tr.say(help_text)
        self.pad = PAD_OF[kind]
        self.counted = tr.say(
            "Question {number} of {count}", number=self.visit.field_index + 1, count=self.visit.field_count
        )
        self.advise()
        if kind == "choice":
            # Six rows of buttons take all that a low screen has.
            full = not global_idmap["theme"].portrait and len(self.visit.options) > FULL
            if full:
                self.lead = f"{self.lead} {self.counted}"
            arrange(self.ids["body"], [self._options] if full else [self._advice, self._options, self._rest])
            self._pick_from(self.visit.options)
        else:
            arrange(self.ids["body"], [self._box, self._advice, self._pad])

    def _pick_from(self, options: tuple[tuple[str, str], ...]) -> None:
        """A button an option, the picked one marked; they stay while the question does."""
        tr, grid = global_idmap["tr"], self._options
        many = len(options)
        self.columns = 1 if many < (6 if global_idmap["theme"].portrait else 4) else 2
        self.lines = max(1, -(-many // self.columns))
        picks = (tr.lang, self.visit.field, options)
        if picks != self._picks:
            self._picks = picks
            grid.clear_widgets()
            for option, label in options:
                grid.add_widget(Choice(ident=f"pick_{option}", text=tr.say(label), intent=Pick(option=option)))
        for choice in grid.children:
            choice.chosen = choice.ident == f"pick_{self.visit.text}"


SHOWS = FormView
