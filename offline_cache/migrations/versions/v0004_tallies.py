"""How many submissions are in each state, kept by the index itself; and an index that gives the next ones to send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ADD = "INSERT INTO tallies (state, count) VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET count = count + 1;"
_TAKE = "UPDATE tallies SET count = count - 1 WHERE state = OLD.state;"


def upgrade() -> None:
    """Create the table and its triggers, count what is there."""
    op.create_table(
        "tallies",
        sa.Column("state", sa.String(16), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO tallies SELECT state, count(*) FROM submissions GROUP BY state")
    for name, when, acts in (
        ("tally_insert", "AFTER INSERT ON submissions", _ADD),
        ("tally_delete", "AFTER DELETE ON submissions", _TAKE),
        ("tally_update", "AFTER UPDATE OF state ON submissions WHEN OLD.state != NEW.state", _TAKE + " " + _ADD),
    ):
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN {acts} END")
    op.drop_index("ix_submissions_state", "submissions")
    op.create_index("submissions_in_order", "submissions", ["state", "identity", "seq"])
