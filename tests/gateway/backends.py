"""What a gateway may stand on: SQLite in its data directory, or a PostgreSQL server with two workers before it.

The same tests run on both.

A module says ``BACKENDS = EMBEDDED``, and a test ``@once``, where neither database nor store has a part in what is
looked at: a second run would only cost time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import psycopg

from gateway import config
from tests.gateway.postgres import Server

EMBEDDED = ("embedded",)
BOTH = ("embedded", "served")
Test = TypeVar("Test", bound=Callable[..., None])


def once(test: Test) -> Test:
    """For a test that runs on the embedded backend alone."""
    test.backends = EMBEDDED  # pyright: ignore[reportFunctionMemberAccess]  # pytest hands the function to conftest
    return test


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
