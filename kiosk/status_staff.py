"""The staff's part of the status: the list of devices, a test, and how sending stands."""

from __future__ import annotations

from wire.frozen import Frozen


class DeviceTestView(Frozen):
    """A device on the staff's list. ``tested``: ISO 8601 of its newest test, "" = never; ``passed``: how it ended.

    ``words``: msgid of what stands beside it (the most urgent fault's staff text, or the phase's word).
    """

    role: str
    phase: str
    faults: tuple[str, ...] = ()
    words: str = ""
    tested: str = ""
    passed: bool | None = None
    testable: bool = True


class TrialView(Frozen):
    """A test that runs or has ended. ``state``: running, asking (``ask``: msgid of a yes-or-no question), passed,
    failed.

    ``hint``: msgid of what the technician is to do now, or "". ``results``: (msgid, figures or a msgid or "", "ok",
    "bad" or ""), in order. ``image``: base64 JPEG or PNG of what came, or "". ``left_s``: seconds until a running test
    gives up, or 0.
    """

    role: str
    state: str
    hint: str = ""
    ask: str = ""
    results: tuple[tuple[str, str, str], ...] = ()
    image: str = ""
    progress: float = 0.0
    left_s: int = 0


class CourierView(Frozen):
    """The USB courier. ``stick``: one stands ready, with ``free`` bytes and ``receipts`` answers for this terminal.

    ``job``: "", export or take, the newest one; ``state``: running (``share`` of it, 0 to 1), done, or failed because
    of ``fault`` (msgid). An export wrote ``submissions`` of ``bytes`` in ``volumes`` files; ``left`` had no room, and
    ``broken`` ones are damaged on this disk.
    Answers settled ``received`` and ``quarantined``; ``refused``: (file name, reason msgid) of files that were none.
    """

    stick: bool = False
    free: int = 0
    receipts: int = 0
    job: str = ""
    state: str = ""
    share: float = 0.0
    submissions: int = 0
    bytes: int = 0
    volumes: int = 0
    left: int = 0
    broken: int = 0
    received: int = 0
    quarantined: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    fault: str = ""


class SendingView(Frozen):
    """How sending stands. ``state``, most urgent first: broken (``why``: msgid), not_enrolled, revoked, paused (since
    ``at``), down (``why``), sending (``number``, ``sent`` of ``total`` bytes, ``rate`` bytes a second, ``left_s``
    seconds, 0 = not known), quiet and budget (until ``at``), waiting, refused, clear. Times are ISO 8601 or "".

    ``line``: msgid of how the line stands. ``sent_today`` of ``budget`` bytes (0 = without limit). ``full``: the disk
    takes nothing new. ``protection``: msgid of what guards the keys, or "". ``refused``: (number, reason msgid) of
    ``page`` of ``pages`` (from 0).
    """

    state: str
    why: str = ""
    at: str = ""
    number: str = ""
    sent: int = 0
    total: int = 0
    rate: float = 0.0
    left_s: int = 0
    line: str = ""
    sent_today: int = 0
    budget: int = 0
    full: bool = False
    protection: str = ""
    refused: tuple[tuple[str, str], ...] = ()
    page: int = 0
    pages: int = 1
    courier: CourierView = CourierView()


class StaffView(Frozen):
    """The staff's pages. ``pin``: "", wrong, locked (``VisitView.lock_s`` left), unset (no PIN was made at enrolment).

    ``queued``, ``quarantined``: submissions. ``disk_free``: bytes. ``oldest``: ISO 8601 of the oldest one that waits,
    or "". ``synced``: ISO 8601 of the last word with the office, or "". ``fault``: msgid why the queue cannot be read
    (then the figures above say nothing), or "". ``held``: why the queue does not leave (paused, quiet, budget), or "".
    """

    pin: str = ""
    devices: tuple[DeviceTestView, ...] = ()
    trial: TrialView | None = None
    queued: int = 0
    quarantined: int = 0
    disk_free: int = 0
    oldest: str = ""
    synced: str = ""
    fault: str = ""
    held: str = ""
    sending: SendingView | None = None
    version: str = ""
