"""The USB courier: the queue goes out on a stick, and the office's answers come in."""

from __future__ import annotations

from kivy.lang import global_idmap

from kiosk.status_staff import CourierView, StaffView
from screens import i18n
from screens.i18n import Translator
from screens.widgets.view import View, arrange
from wire.words import N_

MOST = 4
"""Files that were refused are listed up to so many."""
LONGEST = 16
"""Signs of a file's name."""
RUNNING = {
    "export": (N_("Copying to USB"), N_("Do not pull the stick out.")),
    "take": (N_("Reading the answers"), N_("Do not pull the stick out.")),
}
_Banner = tuple[str, str, str]
_Rows = list[tuple[str, str, str]]


class StaffCourierView(View):
    """A stick, what is done with it, and what came of it."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._take, self._export = self.ids["take"].__self__, self.ids["export"].__self__

    def changed(self) -> None:
        """Show how it stands."""
        staff = self.visit.staff or StaffView()
        sending, tr = staff.sending, global_idmap["tr"]
        if sending is None:
            return
        courier, running = sending.courier, sending.courier.state == "running"
        self.turn = courier.state
        banner = self.ids["banner"]
        banner.state, banner.title, banner.said = _banner(courier, tr)
        banner.share, banner.left = courier.share, f"{courier.share:.0%}" if running else ""
        self.ids["rows"].show(self._rows(staff, courier, tr))
        for button in (self._take, self._export):
            button.disabled = not courier.stick
        arrange(self.ids["actions"], [] if running else [self._take, self._export])

    def _rows(self, staff: StaffView, courier: CourierView, tr: Translator) -> _Rows:
        say, rows = tr.say, _Rows()
        if courier.state == "failed":
            rows.append((say(N_("The queue on this terminal is whole.")), "", "ok"))
        if courier.left:
            rows.append((say(N_("No room on the stick for")), str(courier.left), "warn"))
            rows.append((say(N_("Take another stick and copy again.")), "", ""))
        if courier.broken:
            rows.append((say(N_("Damaged on this disk: call the technician")), str(courier.broken), "bad"))
        if courier.quarantined:
            rows.append((say(N_("Refused by the office")), str(courier.quarantined), "warn"))
        rows += [(_short(name), say(why), "bad") for name, why in courier.refused[:MOST]]
        if len(courier.refused) > MOST:
            rows.append((say(N_("More files that were refused")), str(len(courier.refused) - MOST), "bad"))
        if not staff.fault:
            rows.append((say(N_("Waiting to be sent")), str(staff.queued), ""))
        if courier.stick:
            rows.append((say(N_("Free on the stick")), i18n.size(courier.free, tr.lang), ""))
            rows.append((say(N_("Answers of the office on it")), str(courier.receipts), ""))
        return rows


def _short(name: str) -> str:
    """A file's name as it fits beside its reason: of ours the part that differs."""
    name = name.rsplit(".", 1)[0]
    return name if len(name) <= LONGEST else f"…{name[-LONGEST:]}"


def _banner(courier: CourierView, tr: Translator) -> _Banner:
    """Look, title and the line under it."""
    say = tr.say
    match courier.state, courier.job:
        case "running", job:
            title, said = RUNNING.get(job, RUNNING["take"])
            return "running", say(title), say(said)
        case "failed", _:
            return "failed", say(N_("It did not work")), say(courier.fault)
        case "done", "export" if courier.submissions:
            words = N_("{count} applications, {amount}, {files} files")
            amount = i18n.amount(courier.bytes, tr.lang)
            title = say(words, count=courier.submissions, amount=amount, files=courier.volumes)
            return (
                "warn" if courier.left or courier.broken else "passed",
                title,
                say(N_("Pull the stick out and bring it to the office.")),
            )
        case "done", "export":
            full = bool(courier.left)
            said = N_("Take another stick and copy again.") if full else N_("Nothing waits.")
            return "warn" if full else "later", say(N_("Nothing was copied")), say(said)
        case "done", _ if courier.received or courier.quarantined:
            title = say(N_("{count} arrived at the office"), count=courier.received)
            return "warn" if courier.refused else "passed", title, say(N_("The stick may be pulled out."))
        case "done", _:
            title = say(N_("No answer for this terminal"))
            return "warn" if courier.refused else "later", title, say(N_("The stick may be pulled out."))
        case _ if courier.stick:
            return "passed", say(N_("The stick is ready")), say(N_("Copy the queue, or take the answers."))
        case _:
            return "unknown", say(N_("No stick yet")), say(N_("Plug a USB stick into this terminal."))


SHOWS = StaffCourierView
