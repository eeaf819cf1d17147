"""Cards that residents let the terminal remember, as keyed hashes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "card_tokens",
        sa.Column("token", sa.LargeBinary(32), primary_key=True),
        sa.Column("day", sa.Integer, nullable=False),
    )
