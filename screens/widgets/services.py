"""Kinds of papers on the left, the services of the chosen kind on the right."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.intents import ChooseGroup, ChooseService
from kiosk.status import KioskStatus
from screens.naming import GROUPS, group_of, service_hint, service_name
from screens.widgets.press import Pressable, RowButton
from wire.words import N_


class GroupTab(Pressable):
    """A kind of papers."""

    icon = StringProperty("")
    second = StringProperty("")
    chosen = BooleanProperty(False)


class ServiceList(BoxLayout):
    """Only kinds that have a service stand in the rail. ``count``: of kinds; ``offered``: services of the chosen."""

    name = StringProperty("")
    counted = StringProperty("")
    count = NumericProperty(1)
    offered = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._built: tuple[object, ...] = ()

    def follow(self, status: KioskStatus, group: str) -> None:
        """Show the services on offer, of ``group`` first. What is there stays while nothing changes."""
        services = status.services
        groups = [each for each in GROUPS if any(group_of(code) == each for code in services)]
        chosen = group if group in groups else groups[0] if groups else ""
        self.count = max(1, len(groups))
        built = (status.language, services, chosen)
        if self._built == built:
            return
        self._built = built
        say = global_idmap["tr"].say
        self.name = GROUPS[chosen][1] if chosen else ""
        rail, rows = self.ids["rail"], self.ids["rows"]
        rail.clear_widgets()
        for each in groups:
            icon, name, second = GROUPS[each]
            tab = GroupTab(ident=f"group_{each}", icon=icon, text=say(name), second=say(second))
            tab.chosen, tab.intent = each == chosen, ChooseGroup(group=each)
            rail.add_widget(tab)
        rows.clear_widgets()
        offered = [code for code in services if group_of(code) == chosen]
        self.offered = max(1, len(offered))
        self.counted = say(N_("Services: {count}"), count=len(offered))
        for code in offered:
            row = RowButton(ident=f"service_{code}", text=say(service_name(code)), second=say(service_hint(code)))
            row.intent = ChooseService(code=code)
            rows.add_widget(row)
