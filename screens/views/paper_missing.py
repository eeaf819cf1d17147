"""Step 4, a paper that is not here: what comes of sending without it, and both ways on."""

from __future__ import annotations

from kivy.properties import StringProperty

from screens.naming import paper_name
from screens.widgets.view import View


class PaperMissingView(View):
    """What may be done is said before what is lacking."""

    paper = StringProperty("")

    def changed(self) -> None:
        """Name the paper."""
        self.paper = paper_name(self.visit.service, self.visit.asking_missing, short=True)


SHOWS = PaperMissingView
