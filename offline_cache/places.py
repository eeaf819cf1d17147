"""The district's terminals as the office last told them, and where this one stands by that list."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache import clock
from offline_cache.database import Database
from offline_cache.tables import places
from wire import canon, events
from wire.enrol import Place
from wire.places import Places, Spot, hours_lines

_ROW = 1


@dataclass(frozen=True, slots=True)
class _Kept:
    """``version``: as the office announced it. ``confirmed_at``: seconds since 1970, office's clock."""

    places: Places
    version: str
    confirmed_at: float
    spots: dict[str, Spot]


class PlaceList:
    """The list in force; in memory too, so that asking costs nothing. For any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._guard = threading.Lock()
        self._kept = self._load()

    def current(self) -> tuple[Places, str] | None:
        """See ``api.Cache.places``."""
        kept = self._now()
        return None if kept is None else (kept.places, clock.iso(kept.confirmed_at))

    def here(self, code: str, enrolled: Place) -> Place:
        """Where the terminal ``code`` stands: by the list where that names it, else as its enrolment said."""
        kept = self._now()
        spot = None if kept is None else kept.spots.get(code)
        if spot is None:
            return enrolled
        return enrolled.model_copy(
            update={
                "village": spot.village or enrolled.village,
                "district": spot.district or enrolled.district,
                "office": spot.office or enrolled.office,
                "hours": hours_lines(spot.opening) or enrolled.hours,
            }
        )

    def confirm(self, version: str, at: float) -> bool:
        """The office announced ``version``. True when it is not the one kept: the list is to be fetched."""
        kept = self._now()
        if not version:  # the office has no list; ours stands, unconfirmed
            return False
        if kept is None or kept.version != version:
            return True
        with self._database.write() as connection:
            connection.execute(update(places).values(confirmed_at=at))
        self._set(replace(kept, confirmed_at=at))
        return False

    def take(self, new: Places, version: str, at: float) -> None:
        """Keep a list that the office gave after it announced ``version``."""
        values = {"list": new.canonical(), "version": version, "confirmed_at": at}
        with self._database.write() as connection:
            connection.execute(
                upsert(places)
                .values(id=_ROW, **values)
                .on_conflict_do_update(index_elements=[places.c.id], set_=values)
            )
        self._set(_kept(new, version, at))
        events.log("places_kept", spots=len(new.spots))

    def reload(self) -> None:
        """The identity changed: the list of another office is gone (``Identities.adopt``)."""
        self._set(self._load())

    def _now(self) -> _Kept | None:
        with self._guard:
            return self._kept

    def _set(self, kept: _Kept | None) -> None:
        with self._guard:
            self._kept = kept

    def _load(self) -> _Kept | None:
        with self._database.read() as connection:
            row = connection.execute(select(places).where(places.c.id == _ROW)).first()
        if row is None:
            return None
        try:
            return _kept(Places.read(row.list), row.version, row.confirmed_at)
        except canon.CanonError as error:  # kept by another version of this program: the office will tell it again
            events.log_error("places", error)
            return None


def _kept(read: Places, version: str, at: float) -> _Kept:
    return _Kept(read, version, at, {spot.code: spot for spot in read.spots})
