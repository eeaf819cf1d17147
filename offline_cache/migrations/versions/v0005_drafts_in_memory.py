"""Which page of a draft is where stands in memory alone: no draft outlives its process."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Drop the table; the files are swept at every start."""
    op.drop_table("draft_pages")
