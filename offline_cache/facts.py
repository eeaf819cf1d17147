"""Single facts of the index: numbers with a name."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache.tables import facts

CURSOR = "cursor"
REQUEUED_AT = "requeued_at"  # have_seq that was acted upon, NOT_YET, or STARTED_OVER: the office was restored
NOT_YET, STARTED_OVER = -1, -2
PAUSED_AT = "paused_at"  # seconds since 1970 by the office's clock, 0: not paused
SPENT, SPENT_DAY = "spent", "spent_day"  # bytes on the line, and the local day (ordinal) they belong to
LEFT = "left-"  # and the end of an export's id: the courier's, that left since anything was last queued again
OF_THE_OFFICE = (CURSOR, REQUEUED_AT)
"""What another office's words must not outlive; the others belong to the terminal and its line."""


def fact(connection: Connection, name: str) -> int | None:
    """A single fact of the index, or None."""
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def set_fact(connection: Connection, name: str, value: int) -> None:
    """Store a single fact."""
    connection.execute(
        upsert(facts)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=[facts.c.name], set_={"value": value})
    )


def forget_left(connection: Connection) -> None:
    """The office lost something: what it said before, also to an export that is on its way, is no news of it now."""
    connection.execute(delete(facts).where(facts.c.name.startswith(LEFT)))
