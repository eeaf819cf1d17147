"""Step 5: pages and data once more, then send."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.lang import global_idmap
from kivy.properties import ObjectProperty, StringProperty

from kiosk.intents import Redo
from screens.naming import field_words, paper_name, service_name
from screens.widgets.parts import Row
from screens.widgets.pictures import thumbnail
from screens.widgets.press import Pressable
from screens.widgets.view import View
from wire.words import N_


class PageTile(Pressable):
    """A kept page; a press scans it again."""

    texture: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)
    second = StringProperty("")


class AnswerRow(Row):
    """A field and its answer."""

    name = StringProperty("")
    answer = StringProperty("")


class ReviewView(View):
    """All of it on one page."""

    name = StringProperty("")

    def changed(self) -> None:
        """Build the pages and the answers."""
        visit = self.visit
        say = global_idmap["tr"].say
        self.name = service_name(visit.service)
        if not self.stale(visit.service, visit.slots, visit.answers):
            return
        pages, rows = self.ids["pages"], self.ids["rows"]
        pages.clear_widgets()
        for slot in visit.slots:
            tile = PageTile(ident=f"redo_{slot.paper}_{slot.page}", intent=Redo(paper=slot.paper, page=slot.page))
            tile.text = say(paper_name(visit.service, slot.paper, short=True))
            tile.second = say(N_("Page {page}"), page=slot.page) if slot.pages > 1 else ""
            tile.spoken = say(N_("Scan again: {paper}"), paper=f"{tile.text} {tile.second}".strip())
            tile.texture = thumbnail(slot.thumb)
            pages.add_widget(tile)
        rows.clear_widgets()
        for field, answer in visit.answers:
            rows.add_widget(AnswerRow(name=say(field_words(visit.service, field)[1]), answer=answer))


SHOWS = ReviewView
