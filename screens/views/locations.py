"""The terminals of the district, nearest first: where they are, whether they are open, as of when."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.intents import ChooseGroup
from kiosk.status import PlacesView, SpotView
from screens import i18n
from screens.i18n import Translator
from screens.widgets.keyed import Keyed
from screens.widgets.spots import CountTab, SpotCard
from screens.widgets.standing import news_of
from screens.widgets.view import View
from wire.words import N_

# A spot's state: its mark and its words, until when it holds or without.
STATES: dict[str, tuple[str, str, str]] = {
    "open": ("ok", N_("Open until {until}"), N_("Open")),
    "later": ("later", N_("Open, sends later"), N_("Open, sends later")),
    "shut": ("bad", N_("Closed now"), N_("Closed now")),
    "closed": ("bad", N_("Closed until {until}"), N_("Closed for some time")),
}
SILENT = ("unknown", N_("No word yet"), N_("No word yet"))
ROOM = 8, 6
"""Tabs that have room, upright and wide; of more, two less stand over two arrows."""


def bare(name: str) -> str:
    """A place's name without what it is."""
    for kind in ("Kecamatan ", "Kec. ", "Desa ", "Kelurahan ", "Kel. "):
        name = name.removeprefix(kind)
    return name


class LocationsView(View):
    """From the last word of the office. ``before``, ``after``: districts that the arrows lead to, or ""."""

    lead = StringProperty("")
    empty = BooleanProperty(True)
    tabs = NumericProperty(0)
    many = BooleanProperty(False)
    count = NumericProperty(0)
    rows = NumericProperty(1)
    before = StringProperty("")
    after = StringProperty("")
    page = NumericProperty(0)
    pages = NumericProperty(1)
    place_in_list = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tabs = Keyed(self.ids["tabs"], lambda name: CountTab(intent=ChooseGroup(group=name)))
        self._cards = Keyed(self.ids["cards"], lambda _code: SpotCard())

    def changed(self) -> None:
        """Show the chosen district."""
        places = self.visit.places or PlacesView()
        tr: Translator = global_idmap["tr"]
        self.empty, self.count = not places.spots, len(places.spots)
        self.page, self.pages = places.page, places.pages
        self.place_in_list = tr.say(N_("{page} of {pages}"), page=places.page + 1, pages=places.pages)
        self.lead = news_of(places, tr)
        self._districts(places, tr)
        for card, spot in zip(self._cards.follow([spot.code for spot in places.spots]), places.spots, strict=True):
            self._fill(card, spot, tr)

    def _districts(self, places: PlacesView, tr: Translator) -> None:
        groups = places.groups if len(places.groups) > 1 else ()
        names = [name for name, _ in groups]
        room = ROOM[0 if global_idmap["theme"].portrait else 1]
        self.many = len(groups) > room
        self.before = self.after = ""
        if self.many:
            several = room - 2
            at = names.index(places.group) if places.group in names else 0
            first = at - at % several
            self.before = names[first - several] if first else ""
            self.after = names[first + several] if first + several < len(names) else ""
            groups = groups[first : first + several]
        self.tabs = len(groups)
        for tab, (name, count) in zip(self._tabs.follow([name for name, _ in groups]), groups, strict=True):
            tab.ident = f"group_{name}"
            tab.text, tab.second = bare(name), tr.say(N_("{count} terminals"), count=count)
            tab.spoken = f"{tab.text}, {tab.second}"
            tab.chosen = name == places.group

    def _fill(self, card: SpotCard, spot: SpotView, tr: Translator) -> None:
        card.mark, dated, undated = STATES.get(spot.state, SILENT)
        until = i18n.day(spot.until, tr.lang) if spot.state == "closed" else i18n.hour(spot.until, tr.lang)
        card.word = tr.say(dated, until=until) if until else tr.say(undated)
        card.name = bare(spot.village)
        card.here = spot.here
        card.there = tr.say(N_("Here")) if spot.here else i18n.distance(spot.distance_m, tr.lang)
        card.more = spot.reason or spot.address or spot.office


SHOWS = LocationsView
