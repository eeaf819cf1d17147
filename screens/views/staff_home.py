"""The staff's first page: every device with its mark, its newest test, and what waits for the office."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import StringProperty

from kiosk.status_staff import DeviceTestView, StaffView
from screens import i18n
from screens.i18n import Translator
from screens.naming import DEVICES, device_name
from screens.widgets.devices import DeviceRow, phase_of
from screens.widgets.keyed import Keyed
from screens.widgets.view import View
from wire.words import N_

GOOD, SILENT = "ok", "unknown"


class StaffHomeView(View):
    """``lead``: how many are ready, need somebody, or are silent. ``other``: the language that a press brings."""

    lead = StringProperty("")
    other = StringProperty("id")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = Keyed(self.ids["rows"], lambda role: DeviceRow(role=role))

    def changed(self) -> None:
        """Show the list and the figures."""
        staff = self.visit.staff or StaffView()
        tr: Translator = global_idmap["tr"]
        languages = self.status.languages or ("id",)
        at = languages.index(tr.lang) if tr.lang in languages else -1
        self.other = languages[(at + 1) % len(languages)]
        marks = [phase_of(device.phase, device.faults)[0] for device in staff.devices]
        counts = (
            (N_("{count} ready"), marks.count(GOOD)),
            (N_("{count} to look at"), len(marks) - marks.count(GOOD) - marks.count(SILENT)),
            (N_("{count} silent"), marks.count(SILENT)),
        )
        self.lead = ", ".join(tr.say(words, count=count) for words, count in counts if count)
        rows = self._rows.follow([device.role for device in staff.devices])
        for at, (row, device) in enumerate(zip(rows, staff.devices, strict=True)):
            row.first, row.last = not at, at == len(rows) - 1
            self._fill(row, device, tr)
        self._figures(staff, tr)

    def _fill(self, row: DeviceRow, device: DeviceTestView, tr: Translator) -> None:
        row.icon = DEVICES[device.role][0] if device.role in DEVICES else "build"
        row.name = tr.say(device_name(device.role))
        row.mark, short, row.tone = phase_of(device.phase, device.faults)
        lean = global_idmap["theme"].lean
        row.word = tr.say(short if lean else device.words or short)
        row.testable = device.testable
        day, hour = i18n.recent(device.tested, tr.lang, tr.now().date())
        if not device.testable:
            row.tested = ""
        elif not hour:
            row.tested = tr.say(N_("Never tested"))
        else:
            row.tested = tr.say(N_("Passed: {when}") if device.passed else N_("Failed: {when}"), when=day or hour)

    def _figures(self, staff: StaffView, tr: Translator) -> None:
        queue, disk, line = (self.ids[name] for name in ("queue", "disk", "line"))
        faults = {fault for device in staff.devices for fault in device.faults}
        queue.value, queue.plain, queue.mark = self._queue(staff, tr)
        disk.value = i18n.size(staff.disk_free, tr.lang) if not staff.fault else "?"
        disk.plain = tr.say(N_("Free")) if not staff.fault else tr.say(N_("Not known"))
        disk.mark = "warn" if "disk_full" in faults else "ok" if not staff.fault else "unknown"
        online = self.status.line.online
        line.value = tr.say(N_("Online") if online else N_("Offline"))
        word = " ".join(self._when(staff.synced, tr))
        line.plain = tr.say(N_("Last word: {when}"), when=word) if word else tr.say(N_("No word yet"))
        line.mark = "ok" if online else "later"

    def _queue(self, staff: StaffView, tr: Translator) -> tuple[str, str, str]:
        """Figure, second line and mark. Staff's switch goes before the count: it is easily forgotten."""
        waiting = tr.say(N_("{count} waiting"), count=staff.queued)
        if staff.fault:
            return tr.say(N_("Broken")), tr.say(N_("See why")), "bad"
        if staff.held == "paused":
            return tr.say(N_("Paused")), waiting, "warn"
        if staff.quarantined:
            return waiting, tr.say(N_("{count} refused"), count=staff.quarantined), "warn"
        if staff.held:
            return waiting, tr.say(N_("Waits for its time")), "later"
        oldest = tr.say(N_("Oldest: {when}"), when=" ".join(self._when(staff.oldest, tr))) if staff.oldest else ""
        return waiting, oldest or tr.say(N_("All is sent.")), "later" if staff.queued else "ok"

    def _when(self, text: str, tr: Translator) -> tuple[str, ...]:
        return tuple(part for part in i18n.recent(text, tr.lang, tr.now().date()) if part)


SHOWS = StaffHomeView
