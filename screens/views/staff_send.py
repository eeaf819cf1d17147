"""How sending stands: why it does not go or what is on its way, the figures, and the staff's switch."""

from __future__ import annotations

from kivy.lang import global_idmap

from kiosk.intents import Hold
from kiosk.status_staff import SendingView, StaffView
from screens import i18n
from screens.i18n import Translator
from screens.widgets.view import View, arrange
from wire.words import N_

# A state: look of its banner, title, and the line under it.
STATES: dict[str, tuple[str, str, str]] = {
    "broken": ("failed", N_("The queue is not readable"), ""),
    "not_enrolled": ("unknown", N_("Not enrolled yet"), N_("This terminal has no office yet.")),
    "revoked": ("failed", N_("Access was taken away"), N_("Copy the queue to USB and bring it to the office.")),
    "paused": ("warn", N_("Sending is paused"), N_("Since {when}. Only news passes.")),
    "down": ("later", N_("No line to the office"), ""),
    "sending": ("running", N_("Sending now"), N_("{number}: {sent} of {total}")),
    "quiet": ("later", N_("Quiet hours"), N_("Files go on at {when}.")),
    "budget": ("later", N_("Today's budget is used"), N_("{sent} of {budget}. Goes on at {when}.")),
    "waiting": ("later", N_("Next in turn"), N_("It is sent by itself.")),
    "refused": ("warn", N_("The office refused something"), N_("Everything else is sent.")),
    "clear": ("passed", N_("All is sent."), N_("Nothing waits.")),
}
_DEAD = ("broken", "not_enrolled", "revoked")
"""Here neither the switch nor another try does anything."""
Rows = list[tuple[str, str, str]]


class StaffSendView(View):
    """The overview of sending."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._try, self._hold = self.ids["try_line"].__self__, self.ids["hold"].__self__

    def changed(self) -> None:
        """Show how it stands now."""
        staff = self.visit.staff or StaffView()
        sending, tr = staff.sending, global_idmap["tr"]
        if sending is None:
            return
        self.turn = sending.state if sending.state in ("paused", *_DEAD) else ""
        self._banner(sending, tr)
        self.ids["rows"].show(self._rows(staff, sending, tr))
        paused = sending.state == "paused"
        self._hold.intent, self._hold.ident = Hold(on=not paused), "resume" if paused else "pause"
        self._hold.icon = "send" if paused else "stop_circle"
        self._hold.text = tr.say(N_("Go on sending") if paused else N_("Pause sending"))
        arrange(self.ids["actions"], [] if sending.state in _DEAD else [self._try, self._hold])

    def _banner(self, sending: SendingView, tr: Translator) -> None:
        banner = self.ids["banner"]
        banner.state, title, said = STATES.get(sending.state, STATES["waiting"])
        banner.title = tr.say(title)
        banner.said = (
            tr.say(sending.why)
            if sending.why
            else tr.say(
                said,
                when=when(sending.at, tr),
                number=sending.number,
                sent=i18n.amount(sending.sent if sending.state == "sending" else sending.sent_today, tr.lang),
                total=i18n.amount(sending.total, tr.lang),
                budget=i18n.amount(sending.budget, tr.lang),
            )
        )
        banner.share = sending.sent / sending.total if sending.total else 0.0
        pace = tr.say(N_("{amount}/s"), amount=i18n.amount(int(sending.rate), tr.lang)) if sending.rate >= 1 else ""
        banner.left = ", ".join(part for part in (left(sending.left_s, tr), pace) if part)

    def _rows(self, staff: StaffView, sending: SendingView, tr: Translator) -> Rows:
        say, rows = tr.say, Rows()
        if self.visit.blocked:
            rows.append((say(self.visit.blocked), "", "bad"))
        if sending.state == "revoked":
            rows.append((say(N_("Nothing new is taken, nothing is sent.")), "", "bad"))
        if not staff.fault:
            if sending.state not in ("down", "not_enrolled"):
                rows.append((say(N_("Network")), say(sending.line), "ok" if self.status.line.online else "later"))
            rows.append((say(N_("Last word of the office")), when(staff.synced, tr) or say(N_("None yet")), ""))
            rows.append((say(N_("Waiting to be sent")), str(staff.queued), ""))
            if staff.oldest:
                rows.append((say(N_("Waiting since")), when(staff.oldest, tr), ""))
            refused = staff.quarantined
            rows.append((say(N_("Refused by the office")), str(refused), "warn" if refused else ""))
            free = i18n.size(staff.disk_free, tr.lang)
            room = say(N_("Full, nothing new")) if sending.full else free
            rows.append((say(N_("Free on the disk")), room, "bad" if sending.full else ""))
        if sending.budget and sending.state != "budget":
            of = say(
                N_("{sent} of {budget}"),
                sent=i18n.amount(sending.sent_today, tr.lang),
                budget=i18n.amount(sending.budget, tr.lang),
            )
            rows.append((say(N_("Sent today")), of, ""))
        if sending.protection:
            weak = sending.protection == "Only a file"
            rows.append((say(N_("Keys are guarded by")), say(sending.protection), "warn" if weak else ""))
        return rows


def when(text: str, tr: Translator) -> str:
    """An ISO 8601 time in a few words; "" for what is no time."""
    return " ".join(part for part in i18n.recent(text, tr.lang, tr.now().date()) if part)


def left(seconds: int, tr: Translator) -> str:
    """How long it goes on, in words; "" when it is not known."""
    if not seconds:
        return ""
    if seconds < 60:
        return tr.say(N_("{seconds} seconds left"), seconds=seconds)
    return tr.say(N_("{minutes} min left"), minutes=-(-seconds // 60))


SHOWS = StaffSendView
