"""The first tables; events and audit are append-only by trigger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = ("events", "audit")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "facts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.create_table(
        "terminals",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(3), nullable=False, unique=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("village", "district", "regency", "office", "phone")
        ),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("public_key", sa.String(43)),
        sa.Column("hardware", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.Integer()),
        sa.Column("revoked_at", sa.Integer()),
        sa.Column("have_seq", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.Integer()),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("queued", "quarantined", "last_seq", "disk_free", "uptime_s")
        ),
        sa.Column("devices", sa.JSON(), nullable=False),
    )
    op.create_table(
        "enrol_tokens",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("terminal_id", sa.String(32), sa.ForeignKey("terminals.id"), nullable=False, index=True),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.Integer()),
        sa.Column("public_key", sa.String(43)),
        sa.Column("answer", sa.LargeBinary()),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("terminal_id", sa.String(32), sa.ForeignKey("terminals.id"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False, index=True),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("tag", sa.String(43), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("announced_at", sa.Integer(), nullable=False),
        sa.Column("server_seq", sa.Integer(), unique=True),
        sa.Column("received_at", sa.Integer()),
        sa.Column("receipt", sa.LargeBinary()),
        sa.Column("withdrawn_at", sa.Integer()),
        sa.Column("state", sa.String(20)),
        sa.Column("event_no", sa.Integer(), nullable=False),
        sa.UniqueConstraint("terminal_id", "seq"),
    )
    op.create_index("submissions_by_state", "submissions", ["state", "received_at"])
    op.create_table(
        "parts",
        sa.Column("terminal_id", sa.String(32), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.id"), nullable=False, index=True),
        sa.Column("bytes", sa.Integer(), nullable=False),
    )
    op.create_table(
        "officers",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.Integer(), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("officer_id", sa.Integer(), sa.ForeignKey("officers.id"), nullable=False),
        sa.Column("csrf", sa.String(43), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("no", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.id"), nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("officer_id", sa.Integer(), sa.ForeignKey("officers.id")),
        sa.Column("at", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("no", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), sa.ForeignKey("officers.id")),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.id"), index=True),
        sa.Column("detail", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    for table in _APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
