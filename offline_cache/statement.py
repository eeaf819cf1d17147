"""Statements that a press waits for, turned into SQL once: SQLAlchemy's own execution costs twice the driver's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = sqlite.dialect(paramstyle="named")


class Statement:
    """``of``: compiled as it stands, with a value for every column or bound name; no types are converted."""

    def __init__(self, of: ClauseElement) -> None:
        self._sql = str(of.compile(dialect=_DIALECT))

    def run(
        self, connection: Connection, values: Mapping[str, object] | Sequence[Mapping[str, object]]
    ) -> CursorResult[Any]:
        """Execute it, once for each mapping."""
        return connection.exec_driver_sql(self._sql, values)
