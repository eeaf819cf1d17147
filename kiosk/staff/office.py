"""Tests of the way to the office: the line, and what waits for it."""

from __future__ import annotations

import datetime as dt

from kiosk.staff.watch import NO, YES, Ended, Watch, mark
from offline_cache.api import Cache, LineState
from wire.words import N_

LINE_S = 15.0
"""For the office's answer."""
REASONS = {
    "no_link": N_("There is no network."),
    "no_gateway": N_("The office does not answer."),
    "portal": N_("A log-in page of the network stands between."),
    "clock": N_("The clock of this terminal is wrong."),
    "refused": N_("The office refuses this terminal."),
    "not_enrolled": N_("This terminal has no office yet."),
}
"""Msgid of each reason for a line that is down."""
_WAITING = N_("Waiting to be sent")


def line(watch: Watch, cache: Cache) -> Ended:
    """Tries the line at once; passed when the office answered."""
    before = cache.line()
    cache.sync_now()

    def look() -> LineState | None:
        now = cache.line()
        return now if now.online and now.synced != before.synced else None

    watch.until(look, LINE_S, N_("Asking the office. Please wait."))
    now = cache.line()
    rows = [(N_("The office answers"), YES if now.online else NO, mark(now.online))]
    if not now.online and now.reason in REASONS:
        rows.append((REASONS[now.reason], "", "bad"))
    if now.synced:
        rows.append((N_("Last word of the office"), _time(now.synced), ""))
    rows.append((_WAITING, str(cache.queue().queued), ""))
    return Ended(now.online, tuple(rows))


def queue(watch: Watch, cache: Cache) -> Ended:
    """Counts what waits; passed when nothing was refused and the disk has room."""
    now = cache.queue()
    rows = [(_WAITING, str(now.queued), "")]
    if now.oldest:
        rows.append((N_("Waiting since"), _time(now.oldest), ""))
    rows.append((N_("Refused by the office"), str(now.quarantined), mark(not now.quarantined)))
    free = f"{watch.figure(now.disk_free / 1e9, 1)} GB"
    rows.append((N_("Free on the disk"), free, mark(not now.full)))
    return Ended(not now.quarantined and not now.full, tuple(rows))


def _time(iso: str) -> str:
    """Local day and time, as 24-11-2026 10.24; what is no time stays as it is."""
    try:
        at = dt.datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return at.astimezone().strftime("%d-%m-%Y %H.%M")
