"""Where a terminal stands and when its office is open; what an application lacks, and what a submission completes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.migrations.types import WHOLE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there gets empty values."""
    for column in (
        sa.Column("since", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("address", sa.String(), nullable=False, server_default=""),
        sa.Column("region", sa.String(20), nullable=False, server_default=""),
        sa.Column("lat", WHOLE),
        sa.Column("lng", WHOLE),
        sa.Column("opening", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("closed_until", sa.String(10), nullable=False, server_default=""),
        sa.Column("closed_reason", sa.String(120), nullable=False, server_default=""),
    ):
        op.add_column("terminals", column)
    op.add_column("submissions", sa.Column("corrects", sa.String(36)))
    op.add_column("submissions", sa.Column("missing", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_submissions_corrects", "submissions", ["corrects"])
    op.create_index("ix_terminals_regency", "terminals", ["regency"])
