"""What was done to one terminal is found without reading the whole audit."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("audit_by_act", "audit", ["act", "detail"])
