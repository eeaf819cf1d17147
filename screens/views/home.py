"""Home: apply, check status, and how it works."""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.naming import GROUPS, group_of, service_name
from screens.widgets.parts import Row
from screens.widgets.view import View


class HowStep(BoxLayout):
    """One of the three steps: picture, number, words."""

    number = NumericProperty(1)
    picture = StringProperty("")
    text = StringProperty("")


class OfferRow(Row):
    """A service that this terminal takes."""

    ident = StringProperty("")

    icon = StringProperty("id_card")
    name = StringProperty("")


class HomeView(View):
    """Two tiles, the services on offer, three steps."""

    def changed(self) -> None:
        """List the services."""
        offers = self.ids["offers"]
        codes = self.status.services[:3]
        if [row.ident for row in offers.children] == list(reversed(codes)):
            return
        offers.clear_widgets()
        for code in codes:
            offers.add_widget(OfferRow(ident=code, icon=GROUPS[group_of(code)][0], name=service_name(code)))


SHOWS = HomeView
