"""What the two screens about a judged page share."""

from __future__ import annotations

from kivy.graphics.texture import Texture
from kivy.lang import global_idmap
from kivy.properties import ObjectProperty, StringProperty

from screens.naming import paper_name
from screens.widgets.pictures import thumbnail
from screens.widgets.view import View
from wire.words import N_


class JudgedView(View):
    """A page that was judged: its picture and its name."""

    page = StringProperty("")
    texture: ObjectProperty[Texture | None] = ObjectProperty(None, allownone=True)

    def changed(self) -> None:
        """Show the picture."""
        visit = self.visit
        say = global_idmap["tr"].say
        now = next((slot for slot in visit.slots if slot.state == "now"), None)
        if now is not None:
            paper = say(paper_name(visit.service, now.paper))
            self.page = say(N_("{paper}, page {page}"), paper=paper, page=now.page) if now.pages > 1 else paper
        self.texture = thumbnail(visit.judged.image if visit.judged else "")
