"""Step 1: kinds of papers on the left, the services of the chosen kind on the right."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.intents import ChooseGroup, ChooseService
from screens.naming import GROUPS, group_of, service_hint, service_name
from screens.widgets.press import Pressable, RowButton
from screens.widgets.view import View, arrange
from wire.words import N_


class GroupTab(Pressable):
    """A kind of papers."""

    icon = StringProperty("")
    second = StringProperty("")
    chosen = BooleanProperty(False)


class ServicesView(View):
    """Only kinds that have a service stand in the rail. ``count``: of kinds; ``offered``: services of the chosen."""

    name = StringProperty("")
    counted = StringProperty("")
    count = NumericProperty(1)
    offered = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._notes = [self.ids[name].__self__ for name in ("whose", "missing")]

    def changed(self) -> None:
        """Build rail and list for the services on offer."""
        services = self.status.services
        groups = [group for group in GROUPS if any(group_of(code) == group for code in services)]
        chosen = self.visit.group if self.visit.group in groups else groups[0] if groups else ""
        self.count = max(1, len(groups))
        # A full rail leaves room for one note, and for none in landscape.
        full = self.count > 4
        arrange(self.ids["notes"], self._notes[: (1 if global_idmap["theme"].portrait else 0) if full else 2])
        if not self.stale(services, chosen):
            return
        say = global_idmap["tr"].say
        self.name = GROUPS[chosen][1] if chosen else ""
        rail, rows = self.ids["rail"], self.ids["rows"]
        rail.clear_widgets()
        for group in groups:
            icon, name, second = GROUPS[group]
            tab = GroupTab(ident=f"group_{group}", icon=icon, text=say(name), second=say(second))
            tab.chosen, tab.intent = group == chosen, ChooseGroup(group=group)
            rail.add_widget(tab)
        rows.clear_widgets()
        offered = [code for code in services if group_of(code) == chosen]
        self.offered = max(1, len(offered))
        self.counted = say(N_("Services: {count}"), count=len(offered))
        for code in offered:
            row = RowButton(ident=f"service_{code}", text=say(service_name(code)), second=say(service_hint(code)))
            row.intent = ChooseService(code=code)
            rows.add_widget(row)


SHOWS = ServicesView
