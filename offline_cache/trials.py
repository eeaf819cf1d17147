"""The record of tests of devices: what was tested when, and how it ended."""

from __future__ import annotations

import json
from typing import cast

from sqlalchemy import delete, func, insert, select

from offline_cache.api import TrialRecord
from offline_cache.database import Database
from offline_cache.tables import trials

KEPT = 200


class Trials:
    """The newest ``KEPT`` records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, record: TrialRecord) -> None:
        """See ``api.Cache.record_trial``."""
        with self._database.write() as connection:
            connection.execute(
                insert(trials).values(
                    role=record.role[:32],
                    at=record.at[:40],
                    passed=record.passed,
                    results=json.dumps(record.results),
                )
            )
            connection.execute(
                delete(trials).where(trials.c.id <= select(func.max(trials.c.id)).scalar_subquery() - KEPT)
            )

    def newest(self) -> tuple[TrialRecord, ...]:
        """See ``api.Cache.trials``; by role."""
        ids = select(func.max(trials.c.id)).group_by(trials.c.role)
        with self._database.read() as connection:
            rows = connection.execute(select(trials).where(trials.c.id.in_(ids)).order_by(trials.c.role)).all()
        return tuple(
            TrialRecord(
                row.role,
                row.at,
                row.passed,
                tuple((name, value, mark) for name, value, mark in cast(list[list[str]], json.loads(row.results))),
            )
            for row in rows
        )
