"""Tidying the store: removals that a crash cut short, temporary files, parts and chunks that no manifest names.

Never touches what a row names. A place without a row (the database is older than the store: restored from a backup)
keeps what its own signed manifest names, until the terminal announces it again.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy import or_, select

from gateway.rooms import Office, now
from gateway.store import Place
from gateway.tables import Part, Submission
from wire import canon, manifest
from wire.events import log, log_error

IDLE_S = 3600.0  # nobody writes a file for so long
_EVERY_S = 1800.0
_BACK_S = 2 * 24 * 3600
_BREATH_S = 0.002  # between two of very many, for those who are being served
_WEEK_S = 7 * 24 * 3600


def sweep(office: Office, since: int = 0) -> int:
    """Tidy every submission that was on its way, received or withdrawn after ``since``; how many files went."""
    with office.database.read() as session:
        rows = session.execute(
            select(Submission.id, Submission.terminal_id, Submission.withdrawn_at).where(
                or_(
                    Submission.received_at.is_(None),
                    Submission.received_at >= since,
                    Submission.withdrawn_at >= since,
                )
            )
        ).all()
    gone = 0
    for submission, terminal, withdrawn_at in rows:
        place = Place(terminal, submission)
        if withdrawn_at is not None:
            office.store.remove(place)
            continue
        with office.database.read() as session:
            named = set(session.scalars(select(Part.sha256).where(Part.submission_id == submission)))
        gone += office.store.tidy(place, named, IDLE_S)
    return gone


def sweep_strange(office: Office) -> int:
    """Tidy the places that have no row; how many files went."""
    gone = 0
    for place in office.store.places():
        with office.database.read() as session:
            if session.get(Submission, place.submission) is not None:
                time.sleep(_BREATH_S)
                continue
        try:
            named = {part.sha256 for part in manifest.unproved(office.store.manifest(place))[1].parts}
        except FileNotFoundError:
            named = set[str]()
        except canon.CanonError:  # spoilt, or of a newer version of this program: somebody may still need all of it
            continue
        gone += office.store.tidy(place, named, IDLE_S)
    return gone


def keep_tidy(office: Office) -> None:
    """Start the thread that sweeps while the gateway serves; it ends with the process."""
    threading.Thread(target=_run, args=(office,), name="sweep", daemon=True).start()


def _run(office: Office) -> None:
    since, first = now() - _WEEK_S, True
    while True:
        began = now()
        try:
            if first:
                _finish_removals(office)
            gone = sweep(office, since) + (sweep_strange(office) if first else 0)
            first, since = False, began - _BACK_S
            if gone:
                log("gateway_swept", files=gone)
        except Exception as error:  # the database or the store may be away; it is tried again
            log_error("sweep", error)
        time.sleep(_EVERY_S)


def _finish_removals(office: Office) -> None:
    with office.database.read() as session:
        gone = session.execute(
            select(Submission.id, Submission.terminal_id).where(Submission.withdrawn_at.is_not(None))
        ).all()
    for submission, terminal in gone:
        office.store.remove(Place(terminal, submission))
