"""Papers that come later and what completes them; the district's terminals; the staff's PIN; tests of devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, create the tables."""
    op.add_column("submissions", sa.Column("corrects", sa.String(36), nullable=True))
    op.add_column("submissions", sa.Column("missing", sa.Text, nullable=False, server_default="[]"))
    op.add_column("feed", sa.Column("first", sa.String(64), nullable=False, server_default=""))
    op.add_column("feed", sa.Column("missing", sa.Text, nullable=False, server_default="[]"))
    op.create_table(
        "places",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("list", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("confirmed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "staff_pin",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(200), nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.Float, nullable=False),
        sa.Column("lock_s", sa.Float, nullable=False),
    )
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("results", sa.Text, nullable=False),
    )
