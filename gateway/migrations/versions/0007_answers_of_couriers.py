"""What the office answered to a courier's volume, kept so that it can be fetched again as it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nothing was taken in before them."""
    op.add_column("imports", sa.Column("name", sa.String(40), nullable=False, server_default=""))
    op.add_column("imports", sa.Column("answer", sa.LargeBinary(), nullable=False, server_default=""))
