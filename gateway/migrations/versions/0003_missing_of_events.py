"""What an application lacks after each of its events: the change feed tells it, and events are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what happened so far left nothing missing."""
    op.add_column("events", sa.Column("missing", sa.JSON(), nullable=False, server_default="[]"))
