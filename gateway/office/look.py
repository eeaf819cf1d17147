"""How a terminal stands: its group, its mark, and the one thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from gateway import condition
from gateway.office import words
from gateway.office.words import Clock
from gateway.tables import Terminal
from wire import faults
from wire.words import N_

Group = Literal["need", "watch", "rest"]
MARKS: dict[str, str] = {
    "need": N_("Fault"),
    "silent": N_("Silent"),
    "watch": N_("Watch"),
    "closed": N_("Closed for a time"),
    "half": N_("Not in use"),
    "ok": N_("Good"),
}
"""Marks and their words, in order of urgency."""
_GIB = 1024**3
_LOW_DISK = 2 * _GIB
_PATIENCE_S = 24 * 3600
"""How long applications may wait behind the staff's switch before somebody must ask there."""
HELD: dict[str, str] = {
    "paused": N_("Paused by the village's staff"),
    "quiet": N_("It sends after its quiet hours"),
    "budget": N_("Its data of the day is used up"),
}
"""Why a queue does not leave though the line is up."""


@dataclass(frozen=True, slots=True)
class Look:
    """``act``: the one thing to do, in words. ``detail``: what it rests on."""

    group: Group
    mark: str
    act: str
    detail: str

    @property
    def word(self) -> str:
        """The mark in words."""
        return words.say(MARKS[self.mark])

    @property
    def rank(self) -> int:
        """0 is most urgent."""
        return list(MARKS).index(self.mark)


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault of one device. ``since``: when it was first told, 0 where that is not known."""

    role: str
    code: str
    severe: bool
    says: str
    act: str
    since: int


def faults_of(terminal: Terminal) -> list[FaultView]:
    """The faults of all devices, most urgent first."""
    known = faults.catalogue()
    told = {
        (str(device.get("role")), code)
        for device in terminal.devices
        for code in cast(list[str], device.get("faults") or [])
    }
    order = faults.by_urgency({code for _, code in told})
    views: list[FaultView] = []
    for role, code in sorted(told, key=lambda each: (order.index(each[1]), each[0])):
        entry = known.get(code)
        act = words.say(entry.staff) if entry else words.say(N_("Call a technician: {code}")).format(code=code)
        says = words.say(entry.resident) if entry and entry.resident else act
        views.append(
            FaultView(
                role=role,
                code=code,
                severe=entry is None or entry.severity == "error",
                says=says.rstrip("."),
                act=act.rstrip("."),
                since=terminal.since.get(f"{role}/{code}", 0),
            )
        )
    return views


def closed(terminal: Terminal, clock: Clock, at: int) -> bool:
    """True on a day that the administrator closed the office for."""
    return bool(terminal.closed_until) and clock.local(at).date().isoformat() <= terminal.closed_until


def look(terminal: Terminal, clock: Clock, at: int, silent_s: int) -> Look:
    """How it stands at time ``at`` (seconds since 1970)."""
    say = words.say
    if terminal.public_key is None:
        return Look("watch", "half", say(N_("Enrol it with its code")), say(N_("Its code was not used yet.")))
    if terminal.revoked_at is not None:
        by_usb = say(N_("{count} waited there: bring them by USB")).format(count=terminal.queued)
        return Look(
            "rest", "half", say(N_("Revoked")), by_usb if terminal.queued else say(N_("Nothing is taken from it."))
        )
    if terminal.quarantined:
        act = say(N_("Look at what was refused"))
        return Look("need", "need", act, say(N_("{count} in quarantine")).format(count=terminal.quarantined))
    if closed(terminal, clock, at):
        act = say(N_("Closed until {day}")).format(day=clock.day(terminal.closed_until))
        return Look("rest", "closed", act, terminal.closed_reason)
    if condition.silent(terminal, at, silent_s):
        text = say(N_("Not heard since {when}")).format(when=clock.near(terminal.heard_at or 0))
        if terminal.heard_at is None:
            text = say(N_("Enrolled, but not heard yet"))
        return Look("need", "silent", say(N_("Call the village: power, network?")), text)
    if terminal.full:
        act = say(N_("Free its disk: it takes nothing new"))
        return Look("need", "need", act, _since(terminal, condition.FULL, clock))
    told = faults_of(terminal)
    if told and told[0].severe:
        return Look("need", "need", told[0].act, _when(told[0].since, terminal, clock))
    waited = at - terminal.since.get(condition.PAUSED, at)
    if terminal.held == "paused" and waited >= _PATIENCE_S:
        text = _since(terminal, condition.PAUSED, clock)
        return Look("need", "need", say(N_("Call the village: sending is paused")), text)
    if told:
        return Look("watch", "watch", told[0].act, _when(told[0].since, terminal, clock))
    if terminal.held == "paused":
        act, text = HELD["paused"], _since(terminal, condition.PAUSED, clock)
        return Look("watch", "watch", say(act), text or say(N_("Nothing waits there.")))
    free = say(N_("{free} GB free")).format(free=terminal.disk_free // _GIB)
    if terminal.disk_free < _LOW_DISK:
        return Look("watch", "watch", say(N_("Ask for disk space before it is full")), free)
    if any(condition.sound(device) == "bad" for device in terminal.devices):
        return Look("watch", "watch", say(N_("A device does not answer: ask for a test")), free)
    if terminal.queued:
        act = say(HELD.get(terminal.held, N_("Wait: it sends by itself")))
        return Look("watch", "watch", act, _waits(terminal))
    return Look("rest", "ok", say(N_("Nothing to do")), free)


def _since(terminal: Terminal, key: str, clock: Clock) -> str:
    """Since when it is so, and what waits."""
    return _when(terminal.since.get(key, 0), terminal, clock)


def _when(at: int, terminal: Terminal, clock: Clock) -> str:
    since = words.say(N_("Since {when}")).format(when=clock.near(at)) if at else ""
    return " · ".join(filter(None, (since, _waits(terminal))))


def _waits(terminal: Terminal) -> str:
    return words.say(N_("{count} waiting")).format(count=terminal.queued) if terminal.queued else ""
