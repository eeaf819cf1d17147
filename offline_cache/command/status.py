"""``status``: who this terminal is, what waits, how much room is left."""

from __future__ import annotations

import argparse
import shutil

from offline_cache.clock import OfficeClock
from offline_cache.command import Said, Words, opened
from offline_cache.drafts import Drafts
from offline_cache.outbox import Outbox

NAME, HELP = "status", "who this terminal is and what waits to be sent"


def words(_parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(given: Words) -> Said:
    """Nothing is changed but the schema, where a newer program comes. Raises CacheError, OSError."""
    with opened(given.data) as it:
        me = it.identities.current()
        outbox = Outbox(it.database, it.parts, Drafts(it.database, it.parts), OfficeClock())
        counts = outbox.counts()
        return Said(
            {
                "terminal": me.terminal if me else None,
                "code": me.answer.code if me else None,
                "gateway": me.url if me else None,
                "revoked": bool(me and me.revoked),
                "queued": counts.queued,
                "quarantined": [{"number": number, "problem": problem} for number, problem in outbox.refused()],
                "quarantined_count": counts.quarantined,
                "last_seq": counts.last_seq,
                "protection": it.keys.protection.value,
                "disk_free": shutil.disk_usage(given.data).free,
            }
        )
