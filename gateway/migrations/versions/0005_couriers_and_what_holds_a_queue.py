"""Volumes of a courier that were taken in; why a terminal's queue does not leave, and what guards its keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.migrations.types import WHOLE

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; what is there gets empty values."""
    for column in (
        sa.Column("held", sa.String(16), nullable=False, server_default=""),
        sa.Column("full", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("protection", sa.String(16), nullable=False, server_default=""),
    ):
        op.add_column("terminals", column)
    op.create_table(
        "imports",
        sa.Column("index_sha256", sa.String(64), primary_key=True),
        sa.Column("terminal_id", sa.String(32), sa.ForeignKey("terminals.id"), nullable=False),
        sa.Column("export", sa.String(36), nullable=False),
        sa.Column("volume", WHOLE, nullable=False),
        sa.Column("imported_at", WHOLE, nullable=False),
        sa.Column("officer_id", WHOLE, sa.ForeignKey("officers.id")),
        sa.Column("received", WHOLE, nullable=False),
        sa.Column("refused", WHOLE, nullable=False),
    )
    op.create_index("ix_imports_terminal_id", "imports", ["terminal_id"])
