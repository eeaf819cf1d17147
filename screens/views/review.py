"""Step 5: pages and data once more, what comes later, then send."""

from __future__ import annotations

from collections.abc import Iterator

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.intents import Redo
from kiosk.status import SlotView
from screens.naming import field_words, option_label, paper_name, service_name
from screens.widgets.pages import AnswerRow, PageTile
from screens.widgets.pictures import thumbnail
from screens.widgets.view import View, arrange
from wire.words import N_

LONGEST = 36
"""Characters of an answer that a low screen has room for beside many others."""
MAY_SEND = N_("You may send now and bring it later.")


class ReviewView(View):
    """All of it on one page. ``missing``: the line about what comes later, ``scan``: the paper that its button scans.

    ``sides``, ``fields``: how many tiles and answers there are.
    """

    name = StringProperty("")
    lead = StringProperty("")
    missing = StringProperty("")
    missing_more = StringProperty("")
    scan = StringProperty("")
    sides = NumericProperty(1)
    fields = NumericProperty(1)
    portrait = BooleanProperty(True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._parts = {name: self.ids[name].__self__ for name in ("pages_card", "room", "data", "note")}
        self._both, self._button = self.ids["both"].__self__, self.ids["scan_missing"].__self__
        self.bind(portrait=lambda *_: self.changed())

    def changed(self) -> None:
        """Build the pages and the answers."""
        visit, parts = self.visit, self._parts
        say = global_idmap["tr"].say
        self.name = service_name(visit.service)
        self.lead = say(N_("{service}. Touch a page to scan it again."), service=say(self.name))
        if visit.completes and visit.number:
            self.lead = say(N_("For application {number}"), number=visit.number)
        self._tell_missing()
        if self.missing and not self.portrait:
            self.lead = ""
        wide = [parts["pages_card"], parts["data"]] if visit.answers else [parts["pages_card"]]
        both, body = self._both, self.ids["body"]
        arrange(both, [] if self.portrait else wide)
        note = [parts["note"]] if visit.blocked and not self.missing else []
        if self.portrait:
            arrange(body, [wide[0], *([parts["room"]] if self.missing else []), *wide[1:], *note])
        else:
            arrange(body, [both, *note])
        if self.stale(visit.service, visit.slots, visit.answers, self.portrait):
            self._build()

    def _tell_missing(self) -> None:
        """One missing paper by its name and with its button, several by their number."""
        visit = self.visit
        say = global_idmap["tr"].say
        names = [say(paper_name(visit.service, paper, short=True)) for paper in visit.missing]
        self.scan = visit.missing[0] if len(names) == 1 else ""
        if len(names) == 1:
            self.missing = say(N_("{paper} is not here yet"), paper=names[0])
        else:
            self.missing = say(N_("{count} papers are not here yet"), count=len(names)) if names else ""
        self.missing_more = say(visit.blocked or MAY_SEND) if names else ""
        if self.scan:
            self._button.intent = Redo(paper=self.scan, page=1)
        arrange(self.ids["line"], [self.ids["told"].__self__, *([self._button] if self.scan else [])])

    def _build(self) -> None:
        visit = self.visit
        say = global_idmap["tr"].say
        pages, rows = self.ids["pages"], self.ids["rows"]
        pages.clear_widgets()
        for slot in self._shown():
            tile = PageTile(ident=f"redo_{slot.paper}_{slot.page}", intent=Redo(paper=slot.paper, page=slot.page))
            tile.text = say(paper_name(visit.service, slot.paper, short=True))
            there = slot.state not in ("missing", "skipped")
            tile.kind = "done" if there else slot.state
            tile.second = say(N_("Page {page}"), page=slot.page) if there else say(N_("Scan paper"))
            what = N_("Scan again: {paper}") if there else N_("Scan: {paper}")
            page = f" {tile.second}" if there and slot.pages > 1 else ""
            tile.spoken = say(what, paper=tile.text + page)
            tile.texture = thumbnail(slot.thumb)
            pages.add_widget(tile)
        self.sides = max(1, len(pages.children))
        rows.clear_widgets()
        self.fields = max(1, len(visit.answers))
        for field, answer in visit.answers:
            kind, label, _help = field_words(visit.service, field)
            shown = say(option_label(visit.service, field, answer)) if kind == "choice" else answer
            many = self.fields > 5
            stacked = not self.portrait or many
            if many and not self.portrait and len(shown) > LONGEST:
                shown = shown[: LONGEST - 1].rstrip() + "…"
            rows.add_widget(AnswerRow(name=say(label), answer=shown, stacked=stacked))

    def _shown(self) -> Iterator[SlotView]:
        """Every side, and one place for each paper that is not there."""
        for slot in self.visit.slots:
            if slot.page == 1 or slot.state not in ("missing", "skipped"):
                yield slot


SHOWS = ReviewView
