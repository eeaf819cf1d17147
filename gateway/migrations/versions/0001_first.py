"""The first tables; events and audit are append-only by trigger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.migrations.types import WHOLE

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
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("enrolled_at", WHOLE),
        sa.Column("revoked_at", WHOLE),
        sa.Column("have_seq", WHOLE, nullable=False),
        sa.Column("heard_at", WHOLE),
        *(
            sa.Column(name, WHOLE, nullable=False)
            for name in ("queued", "quarantined", "last_seq", "disk_free", "uptime_s")
        ),
        sa.Column("devices", sa.JSON(), nullable=False),
    )
    op.create_table(
        "enrol_tokens",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("terminal_id", sa.String(32), sa.ForeignKey("terminals.id"), nullable=False, index=True),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("used_at", WHOLE),
        sa.Column("public_key", sa.String(43)),
        sa.Column("answer", sa.LargeBinary()),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("terminal_id", sa.String(32), sa.ForeignKey("terminals.id"), nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("number", sa.String(20), nullable=False, index=True),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("tag", sa.String(43), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("announced_at", WHOLE, nullable=False),
        sa.Column("server_seq", WHOLE, unique=True),
        sa.Column("received_at", WHOLE),
        sa.Column("receipt", sa.LargeBinary()),
        sa.Column("withdrawn_at", WHOLE),
        sa.Column("state", sa.String(20)),
        sa.Column("event_no", WHOLE, nullable=False),
        sa.UniqueConstraint("terminal_id", "seq"),
    )
    op.create_index("submissions_by_state", "submissions", ["state", "received_at"])
    op.create_table(
        "parts",
        sa.Column("terminal_id", sa.String(32), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.id"), nullable=False, index=True),
        sa.Column("bytes", WHOLE, nullable=False),
    )
    op.create_table(
        "officers",
        sa.Column("id", WHOLE, sa.Identity(), primary_key=True, autoincrement=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("locked_until", WHOLE, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(64), primary_key=True),
        sa.Column("officer_id", WHOLE, sa.ForeignKey("officers.id"), nullable=False),
        sa.Column("csrf", sa.String(43), nullable=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.Column("seen_at", WHOLE, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("no", WHOLE, sa.Identity(), primary_key=True, autoincrement=True),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.id"), nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("officer_id", WHOLE, sa.ForeignKey("officers.id")),
        sa.Column("at", WHOLE, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("no", WHOLE, sa.Identity(), primary_key=True, autoincrement=True),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("officer_id", WHOLE, sa.ForeignKey("officers.id")),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.id"), index=True),
        sa.Column("detail", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION adm_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
        for table in _APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION adm_append_only()"
            )
        return
    for table in _APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
