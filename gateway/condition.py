"""What a terminal's last word means: whether residents can apply there, and since when each trouble is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from gateway.tables import Terminal
from wire import faults
from wire.heartbeat import Heartbeat
from wire.places import Working

# A page is taken with one of these; without both a terminal takes no application.
_TAKERS = ("camera", "scanner")
# Those without which nothing can be applied for, whatever else works.
_NEEDED = ("capture", "queue")
# A resident notices that the receipt does not come; cards and codes can be typed instead.
_NOTICED = ("printer", *_TAKERS)

PAUSED, FULL = "queue/paused", "queue/disk_full"
"""What a heartbeat says of the queue beside its devices, among the times of ``since``."""

Sound = Literal["good", "bad", "dark"]
"""How a device stands: it works, it does not, it has not said."""


def sound(device: Mapping[str, object]) -> Sound:
    """How a device of a heartbeat stands. A fault that is only a warning leaves it good."""
    known = faults.catalogue()
    codes = cast(list[str], device.get("faults") or [])
    if any(code not in known or known[code].severity == "error" for code in codes):
        return "bad"
    phase = device.get("phase")
    if phase in ("ready", "busy") or (phase == "needs_attention" and codes):
        return "good"
    return "dark" if phase in ("starting", "unknown") else "bad"


def silent(terminal: Terminal, at: int, silent_s: int) -> bool:
    """True when nothing was heard of it for longer than ``silent_s`` seconds at time ``at``."""
    return terminal.heard_at is None or terminal.heard_at < at - silent_s


def working(terminal: Terminal, at: int, silent_s: int) -> Working:
    """Whether residents can use the terminal, as of its last heartbeat; silence is unknown, never "works"."""
    if silent(terminal, at, silent_s):
        return "unknown"
    stand = {str(device.get("role")): sound(device) for device in terminal.devices}
    if terminal.full:
        return "down"
    takers = [stand[role] for role in _TAKERS if role in stand]
    if any(stand.get(role) == "bad" for role in _NEEDED) or (takers and all(each == "bad" for each in takers)):
        return "down"
    if "good" not in takers:
        return "unknown"
    whole = terminal.held != "paused" and all(stand.get(role, "good") == "good" for role in _NOTICED)
    return "works" if whole else "limited"


def since(before: Mapping[str, int], heard: Heartbeat, at: int) -> dict[str, int]:
    """ "role/fault code" to the time it was first told: kept while the fault stays, dropped when it goes.

    ``PAUSED`` counts from when something waits behind the staff's switch, by the office's clock.
    """
    told = {f"{device.role}/{code}" for device in heard.devices for code in device.faults}
    told |= {key for key, holds in ((PAUSED, heard.held == "paused" and heard.queued), (FULL, heard.full)) if holds}
    return {key: before.get(key, at) for key in sorted(told)}
