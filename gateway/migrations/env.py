"""Alembic's environment: runs on the connection that ``gateway.database`` hands over."""

from __future__ import annotations

from typing import cast

from alembic import context
from sqlalchemy import Connection

from gateway.tables import Base

context.configure(connection=cast(Connection, context.config.attributes["connection"]), target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
