"""Words, tones and times of the officers' pages. Indonesian; the msgid is the English sentence."""

from __future__ import annotations

import gettext
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from babel.dates import format_date, format_datetime

from wire.change import State
from wire.words import N_, translator

LANGUAGE = "id"
say = translator(LANGUAGE, "gateway", "wire")
_LOCALES = Path(__file__).resolve().parent.parent / "locales"
say_many = gettext.translation("gateway", _LOCALES, languages=[LANGUAGE], fallback=True).ngettext

# Indonesia's three time zones have no summer time: a fixed offset is the whole truth.
ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}

_APPROVED = N_("Your application is approved. Please wait for the document.")
_READY = N_("Your document is ready. Collect it at the office.")
# Word for the officer, tone and icon of the pill, and the sentence that stands first for the resident.
_STATES: dict[State, tuple[str, str, str, str]] = {
    State.RECEIVED: (N_("New"), "info", "mail", ""),
    State.IN_REVIEW: (N_("In review"), "warn", "visibility", ""),
    State.NEEDS_CORRECTION: (
        N_("Waits for the resident"),
        "idle",
        "hourglass_top",
        N_("Your application needs a correction."),
    ),
    State.REJECTED: (N_("Rejected"), "bad", "block", ""),
    State.APPROVED: (
        N_("Approved"),
        "ok",
        "task_alt",
        _APPROVED,
    ),
    State.READY: (
        N_("Ready for collection"),
        "ok",
        "storefront",
        _READY,
    ),
    State.ISSUED: (N_("Handed over"), "ok", "check", ""),
    State.WITHDRAWN: (N_("Withdrawn"), "idle", "block", ""),
}


def bare(place: str) -> str:
    """A place's own name, without the word for its kind: the column says that."""
    for kind in ("Desa ", "Kelurahan ", "Kec. ", "Kecamatan "):
        place = place.removeprefix(kind)
    return place


@dataclass(frozen=True, slots=True)
class StateView:
    """How a state looks. ``reads``: what the resident reads first."""

    value: str
    word: str
    tone: str
    icon: str
    reads: str


def state(value: str | None) -> StateView:
    """The look of a state; one that is not known looks like a new one."""
    known = State(value) if value in set(State) else State.RECEIVED
    word, tone, icon, reads = _STATES[known]
    return StateView(known.value, say(word), tone, icon, say(reads))


@dataclass(frozen=True, slots=True)
class Clock:
    """The district's time of day."""

    zone: str

    def short(self, at: int | None) -> str:
        """A time as "24 Nov, 10.24", or a dash."""
        return "–" if at is None else self._spelled(datetime.fromtimestamp(at, UTC))

    def near(self, at: int) -> str:
        """A time of today as "10.24", another as "24 Nov, 10.24"."""
        moment = self.local(at)
        return moment.strftime("%H.%M") if moment.date() == self.local(int(time.time())).date() else self.short(at)

    def local(self, at: int) -> datetime:
        """A time as the district's wall shows it."""
        return datetime.fromtimestamp(at, UTC).astimezone(timezone(timedelta(hours=ZONES[self.zone])))

    def day(self, text: str) -> str:
        """An ISO date as "27 Nov 2026", or the text itself when it is none."""
        try:
            return format_date(date.fromisoformat(text), "d MMM y", locale=LANGUAGE)
        except ValueError:
            return text

    def wall(self, text: str) -> str:
        """An ISO 8601 time as a terminal wrote it, or a dash when it is none."""
        try:
            return self._spelled(datetime.fromisoformat(text))
        except (ValueError, OverflowError):  # a year that the zone moves out of the calendar
            return "–"

    def _spelled(self, moment: datetime) -> str:
        local = moment.astimezone(timezone(timedelta(hours=ZONES[self.zone])))
        return format_datetime(local, "d MMM, HH.mm", locale=LANGUAGE)
