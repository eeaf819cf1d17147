"""Step 2: which papers, and that they must be the originals."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from screens.naming import papers, service_name
from screens.widgets.parts import Row
from screens.widgets.view import View


class PaperRow(Row):
    """One paper: number, name, where from."""

    number = NumericProperty(1)
    name = StringProperty("")
    where = StringProperty("")
    pages = NumericProperty(1)
    first = BooleanProperty(False)


class RequirementsView(View):
    """The papers of the chosen service."""

    name = StringProperty("")
    count = NumericProperty(0)

    def changed(self) -> None:
        """List the papers."""
        service = self.visit.service
        self.name = service_name(service)
        listed = papers(service)
        self.count = len(listed)
        if not self.stale(service):
            return
        rows = self.ids["rows"]
        rows.clear_widgets()
        _ = global_idmap["tr"]._
        for number, (_id, name, where, pages) in enumerate(listed, 1):
            rows.add_widget(PaperRow(number=number, name=_(name), where=_(where), pages=pages))


SHOWS = RequirementsView
