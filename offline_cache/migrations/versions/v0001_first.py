"""The first tables: identities, drafts, submissions and their parts, the office's feed, wrong tries, single facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("next_seq", sa.BigInteger, nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )
    op.create_table(
        "draft_pages",
        sa.Column("draft", sa.String(32), primary_key=True),
        sa.Column("paper", sa.String(64), primary_key=True),
        sa.Column("page", sa.Integer, primary_key=True),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("bytes", sa.Integer, nullable=False),
    )
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.String(36), primary_key=True),
        sa.Column("draft", sa.String(32), nullable=False, unique=True),
        sa.Column("identity", sa.Integer, sa.ForeignKey("identities.id"), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("service", sa.String(32), nullable=False),
        sa.Column("tag", sa.String(43), nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("problem", sa.String(64), nullable=False),
        sa.Column("receipt", sa.LargeBinary, nullable=True),
        sa.Column("received_at", sa.Float, nullable=True),
        sa.Column("made_at", sa.Float, nullable=False),
        sa.Column("boot_id", sa.String(40), nullable=False),
        sa.Column("made_boot_s", sa.Float, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.UniqueConstraint("identity", "seq", name="one_seq"),
        sa.CheckConstraint("state IN ('queued', 'quarantined', 'received', 'purging', 'purged')", name="known_state"),
        sa.CheckConstraint("state IN ('queued', 'quarantined') OR receipt IS NOT NULL", name="receipt_first"),
    )
    op.create_index("ix_submissions_number", "submissions", ["number"])
    op.create_index("ix_submissions_state", "submissions", ["state"])
    op.create_table(
        "submission_parts",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submissions.submission_id"), nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
    )
    op.create_index("ix_submission_parts_submission_id", "submission_parts", ["submission_id"])
    op.create_table(
        "feed",
        sa.Column("submission_id", sa.String(64), primary_key=True),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
    )
    op.create_index("ix_feed_number", "feed", ["number"])
    op.create_table(
        "attempts",
        sa.Column("number", sa.String(20), primary_key=True),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.Float, nullable=False),
        sa.Column("lock_s", sa.Float, nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
