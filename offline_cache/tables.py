"""The index: ids, sizes, hashes, states, receipts, times, tags, card tokens. No applicant's name, NIK or typed word.

Changes go through ``migrations/``; a test holds both equal.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)


class Delivery(StrEnum):
    """How far a submission is on its way (sync-notes §3.4). There is no "sending": after a restart it is queued."""

    QUEUED = "queued"
    QUARANTINED = "quarantined"
    RECEIVED = "received"
    PURGING = "purging"
    PURGED = "purged"


metadata = MetaData()

# Who we are and were. The row with the highest id is in force. ``next_seq`` and ``prev`` move with each submission.
identities = Table(
    "identities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("url", String(300), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("next_seq", BigInteger, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("revoked", Boolean, nullable=False),
)

# ``received_at``: seconds since 1970 by the office's clock. ``made_boot_s``: seconds since the boot ``boot_id``.
# ``corrects``: id of the first submission of the application that this one completes. ``missing``: JSON list of papers.
submissions = Table(
    "submissions",
    metadata,
    Column("submission_id", String(36), primary_key=True),
    Column("draft", String(32), nullable=False, unique=True),
    Column("identity", Integer, ForeignKey("identities.id"), nullable=False),
    Column("number", String(20), nullable=False, index=True),
    Column("seq", BigInteger, nullable=False),
    Column("service", String(32), nullable=False),
    Column("tag", String(43), nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("problem", String(64), nullable=False),
    Column("receipt", LargeBinary, nullable=True),
    Column("received_at", Float, nullable=True),
    Column("made_at", Float, nullable=False),
    Column("boot_id", String(40), nullable=False),
    Column("made_boot_s", Float, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("corrects", String(36), nullable=True),
    Column("missing", Text, nullable=False, server_default="[]"),
    UniqueConstraint("identity", "seq", name="one_seq"),
    Index("submissions_in_order", "state", "identity", "seq"),
    CheckConstraint("state IN ('queued', 'quarantined', 'received', 'purging', 'purged')", name="known_state"),
    CheckConstraint("state IN ('queued', 'quarantined') OR receipt IS NOT NULL", name="receipt_first"),
)

# How many submissions are in each state; triggers of the migration keep it.
tallies = Table(
    "tallies",
    metadata,
    Column("state", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
)

submission_parts = Table(
    "submission_parts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("submission_id", String(36), ForeignKey("submissions.submission_id"), nullable=False, index=True),
    Column("bytes", Integer, nullable=False),
)

# The newest answer of the office for each submission of the district. ``reasons``: JSON list of [code, paper].
# ``first``: the application's first submission ("" = this one). ``missing``: JSON list of papers. ``cursor``: of the
# office's feed; 0 and less since the office started over after a restore, the order being kept (feed.py).
feed = Table(
    "feed",
    metadata,
    Column("submission_id", String(64), primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("number", String(40), nullable=False, index=True),
    Column("service", String(64), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("first", String(64), nullable=False, server_default=""),
    Column("missing", Text, nullable=False, server_default="[]"),
)

# Wrong second facts by number. ``locked_until``: seconds since 1970; ``lock_s``: the length of that lock.
attempts = Table(
    "attempts",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("locked_until", Float, nullable=False),
    Column("lock_s", Float, nullable=False),
)

# Cards that residents let us remember. ``token``: HMAC-SHA256 of UID and NIK. ``day``: days since 1970, by our clock.
card_tokens = Table(
    "card_tokens",
    metadata,
    Column("token", LargeBinary(32), primary_key=True),
    Column("day", Integer, nullable=False),
)

# One row: the office's newest list of terminals, as it came (canonical JSON of wire.places.Places), under the version
# that the office announced. ``confirmed_at``: seconds since 1970 by the office's clock, when it last said so.
places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list", LargeBinary, nullable=False),
    Column("version", String(64), nullable=False),
    Column("confirmed_at", Float, nullable=False),
)

# One row: the staff's PIN as argon2id, and the wrong tries as in ``attempts``.
staff_pin = Table(
    "staff_pin",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(200), nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("locked_until", Float, nullable=False),
    Column("lock_s", Float, nullable=False),
)

# How tests of devices ended, newest last. ``results``: JSON list of [msgid, value, mark].
trials = Table(
    "trials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("role", String(32), nullable=False),
    Column("at", String(40), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("results", Text, nullable=False),
)

# Single facts: the feed's cursor, the clock's offset, the last re-queue.
facts = Table(
    "facts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
