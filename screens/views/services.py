"""Step 1: kinds of papers on the left, the services of the chosen kind on the right."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from kiosk.intents import ChooseService
from screens.naming import GROUPS, group_of, service_name
from screens.widgets.press import Pressable, RowButton
from screens.widgets.view import View
from wire.words import N_

FREE = N_("Free. Bring the original papers.")


class GroupTab(Pressable):
    """A kind of papers; choosing one is the window's own business."""

    icon = StringProperty("")
    second = StringProperty("")
    chosen = BooleanProperty(False)


class ServicesView(View):
    """Only kinds that have a service stand in the rail."""

    group = StringProperty("")
    name = StringProperty("")

    def changed(self) -> None:
        """Build rail and list for the services on offer."""
        groups = [group for group in GROUPS if any(group_of(code) == group for code in self.status.services)]
        if self.group not in groups:
            self.group = groups[0] if groups else ""
        self.name = GROUPS[self.group][1] if self.group else ""
        if not self.stale(self.status.services, self.group):
            return
        _ = global_idmap["tr"]._
        rail, rows = self.ids["rail"], self.ids["rows"]
        rail.clear_widgets()
        for group in groups:
            icon, name, second = GROUPS[group]
            tab = GroupTab(ident=f"group_{group}", icon=icon, text=_(name), second=_(second))
            tab.chosen = group == self.group
            tab.bind(on_release=self._choose)
            rail.add_widget(tab)
        rows.clear_widgets()
        for code in self.status.services:
            if group_of(code) == self.group:
                row = RowButton(ident=f"service_{code}", text=_(service_name(code)), second=_(FREE))
                row.intent = ChooseService(code=code)
                rows.add_widget(row)

    def _choose(self, tab: GroupTab) -> None:
        self.group = tab.ident.removeprefix("group_")
        self.changed()


SHOWS = ServicesView
