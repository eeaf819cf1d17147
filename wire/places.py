"""The district's terminals for residents: where each stands, when its office is open, whether it works.

The office keeps the list; every terminal of the district has a copy from its last sync. Hours are local time of the
district; the wall clock only labels, so a wrong clock shows a wrong "open now" and nothing worse.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Annotated, Literal

from pydantic import Field

from wire import canon, ids
from wire.frozen import Open
from wire.words import N_, translator

MAX_SPOTS = 2000
_EARTH_M = 6_371_000.0
_DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
_CLOSED = N_("Closed")

Working = Literal["works", "limited", "down", "unknown"]
"""As of the office's last word from it: works; limited (a page or receipt may not come); down; unknown (silent)."""


class Opening(Open):
    """The same hours on some days. ``days``: 0 is Monday. ``opens``, ``closes``: HH:MM."""

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(min_length=1, max_length=7)
    opens: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class Spot(Open):
    """One terminal. ``lat``, ``lng``: millionths of a degree (WGS 84; canonical JSON has no fractions) or None.

    ``closed_until``: ISO date, the last closed day, or ""; ``closed_reason``: the administrator's words.
    ``heard``: ISO 8601 of the last heartbeat, "" = never; told only of one that is silent, so that the list does not
    change with every heartbeat.
    """

    code: ids.TerminalCode
    village: str = Field(max_length=120)
    district: str = Field(max_length=120)
    office: str = Field(default="", max_length=120)
    address: str = Field(default="", max_length=200)
    lat: int | None = Field(default=None, ge=-90_000_000, le=90_000_000)
    lng: int | None = Field(default=None, ge=-180_000_000, le=180_000_000)
    opening: tuple[Opening, ...] = Field(default=(), max_length=14)
    closed_until: str = Field(default="", max_length=10)
    closed_reason: str = Field(default="", max_length=120)
    working: Working = "unknown"
    heard: str = Field(default="", max_length=40)


class Places(Open):
    """Every terminal that residents may use, by district and village. ``as_of``: ISO 8601, when the office made it."""

    v: int = 1
    as_of: str = Field(max_length=40)
    spots: tuple[Spot, ...] = Field(default=(), max_length=MAX_SPOTS)

    def version(self) -> str:
        """Changes exactly when something but ``as_of`` does."""
        return ids.sha256(canon.canonical({"spots": [spot.plain() for spot in self.spots]}))[:32]


def open_now(spot: Spot, now: dt.datetime) -> bool:
    """Whether the spot's office is open at ``now`` (local time of the district). Without hours: never."""
    if spot.closed_until and now.date().isoformat() <= spot.closed_until:
        return False
    time = now.strftime("%H:%M")
    return any(now.weekday() in each.days and each.opens <= time < each.closes for each in spot.opening)


def hours_lines(opening: tuple[Opening, ...], language: str = "id") -> tuple[tuple[str, str], ...]:
    """The hours as lines for people: ("Senin – Kamis", "08.00 – 15.00"), the closed days last. () without hours."""
    _ = translator(language, "wire")
    by_hours: dict[str, list[int]] = {}
    for day in range(7):
        spans = sorted({(each.opens, each.closes) for each in opening if day in each.days and each.opens < each.closes})
        by_hours.setdefault(", ".join(f"{opens} – {closes}".replace(":", ".") for opens, closes in spans), []).append(
            day
        )
    closed = by_hours.pop("", [])
    lines = [(_day_names(days, language), hours) for hours, days in by_hours.items()]
    return (*lines, *([(_day_names(closed, language), _(_CLOSED))] if lines and closed else []))


def _day_names(days: list[int], language: str) -> str:
    """Three and more in a row as "Senin – Rabu", others one by one."""
    _ = translator(language, "wire")
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = [
        f"{_(_DAYS[run[0]])} – {_(_DAYS[run[-1]])}" if len(run) > 2 else ", ".join(_(_DAYS[d]) for d in run)
        for run in runs
    ]
    return ", ".join(parts)


def distance_m(one: Spot, other: Spot) -> int | None:
    """The straight line between two spots in metres (haversine on a sphere), or None where one has no place."""
    if one.lat is None or one.lng is None or other.lat is None or other.lng is None:
        return None
    here, there = math.radians(one.lat / 1e6), math.radians(other.lat / 1e6)
    up, across = (there - here) / 2, math.radians((other.lng - one.lng) / 1e6) / 2
    arc = math.sin(up) ** 2 + math.cos(here) * math.cos(there) * math.sin(across) ** 2
    return round(2 * _EARTH_M * math.asin(math.sqrt(arc)))
