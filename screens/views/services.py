"""Step 1: kinds of papers on the left, the services of the chosen kind on the right."""

from __future__ import annotations

from kivy.lang import global_idmap

from screens.widgets.view import View, arrange


class ServicesView(View):
    """The list, and as many notes as there is room for."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._notes = [self.ids[name].__self__ for name in ("whose", "missing")]

    def changed(self) -> None:
        """Show the services on offer."""
        listed = self.ids["list"]
        listed.follow(self.status, self.visit.group)
        # A full rail leaves room for one note, and for none in landscape.
        full = listed.count > 4
        arrange(self.ids["notes"], self._notes[: (1 if global_idmap["theme"].portrait else 0) if full else 2])


SHOWS = ServicesView
