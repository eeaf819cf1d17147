"""Alembic's entry: runs the steps on the connection that ``offline_cache.database`` hands in, in one transaction."""

from __future__ import annotations

from typing import cast

from alembic import context
from sqlalchemy import Connection

from offline_cache.tables import metadata

context.configure(
    connection=cast(Connection, context.config.attributes["connection"]),
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
