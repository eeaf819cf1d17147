"""What several processes must agree on: how much a terminal asked for, and which lists in memory are old."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.migrations.types import WHOLE

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; what is on its way is counted, every regency has its row."""
    for name in ("announced_ms", "beats_ms", "open_bytes"):
        op.add_column("terminals", sa.Column(name, WHOLE, nullable=False, server_default="0"))
    op.execute(
        "UPDATE terminals SET open_bytes = (SELECT coalesce(sum(parts.bytes), 0) FROM parts JOIN submissions "
        "ON submissions.id = parts.submission_id WHERE submissions.terminal_id = terminals.id "
        "AND submissions.receipt IS NULL AND submissions.seq > terminals.have_seq)"
    )
    op.create_index("ix_terminals_created_at", "terminals", ["created_at"])
    op.create_table(
        "listings",
        sa.Column("regency", sa.String(), primary_key=True),
        sa.Column("changed", WHOLE, nullable=False),
        sa.Column("stirred", WHOLE, nullable=False),
    )
    op.execute("INSERT INTO listings (regency, changed, stirred) SELECT DISTINCT regency, 0, 0 FROM terminals")
