"""The list of terminals for residents (wire.places), kept in memory by regency: a heartbeat only looks its version up.

A list is made anew when a terminal's row or its working state changed, in whichever process (tables.Listing counts
both), when one of them falls silent, and after ``_FRESH_S`` at the latest.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway import condition
from gateway.database import Database
from gateway.moment import iso, now
from gateway.settings import Settings
from gateway.tables import Listing as Count
from gateway.tables import Terminal
from wire.places import MAX_SPOTS, Opening, Places, Spot

_FRESH_S = 60
# Many terminals change their state at once when a line comes back: the list is not made for each of them.
_CALM_S = 2
# How long a heartbeat takes the word of the last look at the counts.
_LOOK_S = 1.0


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


@dataclass(slots=True)
class _Kept:
    """A list, until when it stands, and the counts that it was made at. ``looked``: monotonic, at the counts."""

    listing: Listing
    until: int
    counts: tuple[int, int]
    looked: float


def changed(session: Session, *regencies: str) -> None:
    """A terminal's row changes there, in this ordered write: its last act, so that the rows are locked in one order."""
    session.flush()
    for regency in sorted(set(regencies)):
        count = session.get(Count, regency)
        if count is None:
            session.add(Count(regency=regency, changed=1, stirred=0))
        else:
            count.changed += 1


class Board:
    """The lists in memory. Any thread may ask."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._lock = threading.Lock()
        self._made: dict[str, _Kept] = {}

    def of(self, regency: str) -> Listing:
        """The regency's list as it is now."""
        return self._of(regency, 0.0)

    def soon(self, regency: str) -> Listing:
        """The same; a change that another process made is in it within a second."""
        return self._of(regency, _LOOK_S)

    def forget(self, *regencies: str) -> None:
        """A terminal's row changed there: the next one who asks gets a new list."""
        with self._lock:
            for regency in regencies:
                self._made.pop(regency, None)

    def stale(self, *regencies: str) -> None:
        """A terminal's working state changed there: the lists are made anew within seconds, in every process."""
        with self._database.write(ordered=False) as session:
            for regency in sorted(regencies):  # in one order: no two processes wait for each other
                session.execute(update(Count).where(Count.regency == regency).values(stirred=Count.stirred + 1))
        with self._lock:
            for regency in regencies:
                if regency in self._made:
                    self._made[regency].looked = 0.0

    def _of(self, regency: str, trust_s: float) -> Listing:
        with self._lock:
            at, tick = now(), time.monotonic()
            kept = self._made.get(regency)
            if kept is not None and at < kept.until and tick < kept.looked + trust_s:
                return kept.listing
            with self._database.read() as session:
                found = session.get(Count, regency)
                counts = (found.changed, found.stirred) if found else (0, 0)
                if kept is not None and kept.counts[0] == counts[0]:
                    if kept.counts[1] != counts[1]:
                        kept.until = min(kept.until, kept.listing.made_at + _CALM_S)
                    if at < kept.until:
                        kept.looked = tick
                        return kept.listing
                listing, until = self._make(session, regency, at)
            self._made[regency] = _Kept(listing, until, counts, tick)
            return listing

    def regencies(self) -> list[str]:
        """Every regency that has a terminal, by name."""
        with self._database.read() as session:
            return list(session.scalars(select(Terminal.regency).distinct().order_by(Terminal.regency)))

    def _make(self, session: Session, regency: str, at: int) -> tuple[Listing, int]:
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
