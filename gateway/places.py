"""The list of terminals for residents (wire.places), kept in memory by regency: a heartbeat only looks its version up.

A list is made anew when a terminal's row or its working state changed, when one of them falls silent, and after
``_FRESH_S`` at the latest: the command line changes rows in another process.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import select

from gateway import condition
from gateway.database import Database
from gateway.moment import iso, now
from gateway.settings import Settings
from gateway.tables import Terminal
from wire.places import MAX_SPOTS, Opening, Places, Spot

_FRESH_S = 60
# Many terminals change their state at once when a line comes back: the list is not made for each of them.
_CALM_S = 2


@dataclass(frozen=True, slots=True)
class Listing:
    """The terminals of one regency as of ``made_at`` (seconds since 1970). ``body``: the canonical answer.

    ``regions``: terminal's code to its village's code, for the map.
    """

    made_at: int
    places: Places
    version: str
    body: bytes
    regions: dict[str, str]


class Board:
    """The lists in memory. Any thread may ask."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._lock = threading.Lock()
        self._made: dict[str, tuple[Listing, int]] = {}

    def of(self, regency: str) -> Listing:
        """The regency's list."""
        with self._lock:
            at = now()
            kept, until = self._made.get(regency, (None, 0))
            if kept is not None and at < until:
                return kept
            listing, until = self._make(regency, at)
            self._made[regency] = (listing, until)
            return listing

    def forget(self, *regencies: str) -> None:
        """A terminal's row changed there: the next one who asks gets a new list."""
        with self._lock:
            for regency in regencies:
                self._made.pop(regency, None)

    def stale(self, regency: str) -> None:
        """A terminal's working state changed there: the list is made anew within seconds."""
        with self._lock:
            found = self._made.get(regency)
            if found is not None:
                listing, until = found
                self._made[regency] = (listing, min(until, listing.made_at + _CALM_S))

    def regencies(self) -> list[str]:
        """Every regency that has a terminal, by name."""
        with self._database.read() as session:
            return list(session.scalars(select(Terminal.regency).distinct().order_by(Terminal.regency)))

    def _make(self, regency: str, at: int) -> tuple[Listing, int]:
        with self._database.read() as session:
            rows = session.scalars(
                select(Terminal)
                .where(Terminal.regency == regency, Terminal.public_key.is_not(None), Terminal.revoked_at.is_(None))
                .order_by(Terminal.district, Terminal.village, Terminal.code)
                .limit(MAX_SPOTS)
            ).all()
        silent_s = self._settings.silent_s
        spots = tuple(spot_of(row, at, silent_s) for row in rows)
        places = Places(as_of=iso(at), spots=spots)
        next_silence = min(
            (row.heard_at + silent_s + 1 for row in rows if row.heard_at and not condition.silent(row, at, silent_s)),
            default=at + _FRESH_S,
        )
        listing = Listing(at, places, places.version(), places.canonical(), {row.code: row.region for row in rows})
        return listing, min(at + _FRESH_S, max(at + _CALM_S, next_silence))


def spot_of(row: Terminal, at: int, silent_s: int) -> Spot:
    """A terminal as residents see it."""
    working = condition.working(row, at, silent_s)
    return Spot(
        code=row.code,
        village=row.village,
        district=row.district,
        office=row.office,
        address=row.address,
        lat=row.lat,
        lng=row.lng,
        opening=opening_of(row),
        closed_until=row.closed_until,
        closed_reason=row.closed_reason,
        working=working,
        # Of one that is heard but does not say how it is, this would change the list with every heartbeat.
        heard=iso(row.heard_at) if row.heard_at and condition.silent(row, at, silent_s) else "",
    )


def opening_of(row: Terminal) -> tuple[Opening, ...]:
    """A terminal's hours."""
    return tuple(Opening.take(each) for each in row.opening)
