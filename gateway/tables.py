"""The gateway's tables. Names, NIK and page contents are in none of them: those are in the sealed parts alone.

``events`` and ``audit`` are append-only: triggers of the first migration refuse UPDATE and DELETE. Times are whole
seconds since 1970 (UTC).
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Identity, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gateway.migrations.types import WHOLE


class Base(DeclarativeBase):
    """The base of all tables. Whole numbers have 64 bits."""

    type_annotation_map = {int: WHOLE}  # noqa: RUF012 - SQLAlchemy reads it once


class Fact(Base):
    """One fact about this installation (its public URL)."""

    __tablename__ = "facts"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str]


class Terminal(Base):
    """A terminal: its place, its key once enrolled, and what its last heartbeat said.

    ``have_seq``: highest gap-free sequence that is received, or that a new disk stepped over. ``last_seq``: the highest
    that it ever said it had allotted. ``devices``: {role, phase, faults, tested, passed} each.
    ``since``: "role/fault code" to the time it was first told. ``lat``, ``lng``: millionths of a degree. ``region``:
    Kemendagri code of the village (a feature of the district's map), or "". ``opening``: list of {days, opens, closes}
    (wire.places.Opening). ``closed_until``: ISO date, the last closed day, or "". ``announced_ms``, ``beats_ms``: until
    when its announcements and heartbeats are paid for (gateway.quota), ``open_bytes``: announced and not received.
    """

    __tablename__ = "terminals"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(3), unique=True)
    village: Mapped[str]
    district: Mapped[str]
    regency: Mapped[str] = mapped_column(index=True)
    office: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    hours: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    public_key: Mapped[str | None] = mapped_column(String(43))
    hardware: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int] = mapped_column(index=True)
    enrolled_at: Mapped[int | None]
    revoked_at: Mapped[int | None]
    have_seq: Mapped[int] = mapped_column(default=0)
    heard_at: Mapped[int | None]
    queued: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(default=0)
    disk_free: Mapped[int] = mapped_column(default=0)
    held: Mapped[str] = mapped_column(String(16), default="")
    full: Mapped[bool] = mapped_column(default=False)
    protection: Mapped[str] = mapped_column(String(16), default="")
    uptime_s: Mapped[int] = mapped_column(default=0)
    devices: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    since: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(String(20), default="")
    lat: Mapped[int | None]
    lng: Mapped[int | None]
    opening: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    closed_until: Mapped[str] = mapped_column(String(10), default="")
    closed_reason: Mapped[str] = mapped_column(String(120), default="")
    announced_ms: Mapped[int] = mapped_column(default=0)
    beats_ms: Mapped[int] = mapped_column(default=0)
    open_bytes: Mapped[int] = mapped_column(default=0)


class Listing(Base):
    """How often the list of a regency's terminals changed: ``changed`` by a person, ``stirred`` by what is heard.

    Every process that keeps the list in memory compares.
    """

    __tablename__ = "listings"
    regency: Mapped[str] = mapped_column(primary_key=True)
    changed: Mapped[int] = mapped_column(default=0)
    stirred: Mapped[int] = mapped_column(default=0)


class EnrolToken(Base):
    """A one-time token, as its SHA-256. The used ones are the terminal's key history (``public_key``)."""

    __tablename__ = "enrol_tokens"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"), index=True)
    created_at: Mapped[int]
    expires_at: Mapped[int]
    used_at: Mapped[int | None]
    public_key: Mapped[str | None] = mapped_column(String(43))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)


class Submission(Base):
    """One signed manifest. ``receipt`` is set once, in the transaction that sets ``server_seq`` and ``received_at``.

    ``held``: service, schema or office key are not known here; the bytes are kept all the same. ``corrects``: id of the
    application's first submission, where this is not it. ``missing``: papers that the application lacks after it.
    """

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("terminal_id", "seq"), Index("submissions_by_state", "state", "received_at"))
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"))
    seq: Mapped[int]
    number: Mapped[str] = mapped_column(String(20), index=True)
    service: Mapped[str] = mapped_column(String(32))
    tag: Mapped[str] = mapped_column(String(43))
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    held: Mapped[bool] = mapped_column(default=False)
    corrects: Mapped[str | None] = mapped_column(String(36), index=True)
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    announced_at: Mapped[int]
    server_seq: Mapped[int | None] = mapped_column(unique=True)
    received_at: Mapped[int | None]
    receipt: Mapped[bytes | None] = mapped_column(LargeBinary)
    withdrawn_at: Mapped[int | None]
    state: Mapped[str | None] = mapped_column(String(20))
    event_no: Mapped[int] = mapped_column(default=0)


class Part(Base):
    """One sealed file of a submission; its bytes are in the store. Unique within its terminal."""

    __tablename__ = "parts"
    terminal_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"), index=True)
    bytes: Mapped[int]


class Event(Base):
    """What happened to an application. ``no`` is the cursor of the change feed. Append-only.

    ``reasons``: list of {code, paper}. ``missing``: papers that the application lacks after it. ``officer_id``: None
    for what no officer did.
    """

    __tablename__ = "events"
    __table_args__ = ({"sqlite_autoincrement": True},)
    no: Mapped[int] = mapped_column(Identity(), primary_key=True, autoincrement=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    missing: Mapped[list[str]] = mapped_column(JSON, default=list)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    at: Mapped[int]


class Officer(Base):
    """A person of the office. ``password``: argon2id."""

    __tablename__ = "officers"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str]
    created_at: Mapped[int]


class Failure(Base):
    """Wrong tries for a login (known or not), and until when it is locked."""

    __tablename__ = "failures"
    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    locked_until: Mapped[int]


class OfficerSession(Base):
    """A signed-in browser. The cookie's token is kept as its SHA-256 alone."""

    __tablename__ = "sessions"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    csrf: Mapped[str] = mapped_column(String(43))
    created_at: Mapped[int]
    seen_at: Mapped[int]


class Import(Base):
    """One volume of a courier that was taken in (``wire.courier``); the same volume again finds its row.

    ``name``: the volume's, without its suffix. ``answer``: the signed Receipts, as the terminal takes them.
    """

    __tablename__ = "imports"
    index_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"), index=True)
    export: Mapped[str] = mapped_column(String(36))
    volume: Mapped[int]
    imported_at: Mapped[int]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    received: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(40), default="")
    answer: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class Audit(Base):
    """Who opened, downloaded, decided or created what. Append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_act", "act", "detail"), {"sqlite_autoincrement": True})
    no: Mapped[int] = mapped_column(Identity(), primary_key=True, autoincrement=True)
    at: Mapped[int]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    act: Mapped[str] = mapped_column(String(32))
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submissions.id"), index=True)
    detail: Mapped[str] = mapped_column(default="")
