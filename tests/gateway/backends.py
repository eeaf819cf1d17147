"""What a gateway may stand on: SQLite in its data directory, or a PostgreSQL server with two workers before it.

The same tests run on both.

A module says ``BACKENDS = EMBEDDED`` where its tests look at something that the database has no part in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import psycopg

from gateway import config
from tests.gateway.postgres import Server

EMBEDDED = ("embedded",)
BOTH = ("embedded", "served")


def settle(data: Path, server: Server, database: str, more: str = "") -> None:
    """Write the settings file that every command over ``data`` finds: an empty database of the server, two workers."""
    config.usual(data).write_text(
        f'[database]\nurl = "{server.url(database)}"\npassword_file = "{server.password_file}"\n'
        f"[serve]\nworkers = 2\n{more}"
    )


def sql(data: Path, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """Run one statement on the database behind a data directory, beside the gateway. ``?`` stands for a value."""
    settings = config.load(data)
    if settings.database.url:
        assert settings.database.password is not None
        password = settings.database.password.read_text().strip()
        with psycopg.connect(settings.database.url, password=password) as connection:
            got = connection.execute(statement.replace("?", "%s").encode(), values)
            return got.fetchall() if got.description else []
    with sqlite3.connect(settings.database_file, timeout=30) as database:
        rows = database.execute(statement, values).fetchall()
    database.close()
    return rows


# What a constraint, or a trigger, of either database throws.
REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)
