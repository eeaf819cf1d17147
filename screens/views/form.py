"""Step 3: the form, one question a screen."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from screens.naming import field_words
from screens.views.field import PAD_OF, FieldView


class FormView(FieldView):
    """The pad changes with the kind of field."""

    pad = StringProperty("letters")
    counted = StringProperty("")

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


SHOWS = FormView
