"""The office's answer on its way back: states, reasons, and the rows of the change feed."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from wire.frozen import Open
from wire.words import N_


class State(StrEnum):
    """Where an application stands at the office (sync-notes §3.5)."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    NEEDS_CORRECTION = "needs_correction"
    REJECTED = "rejected"
    APPROVED = "approved"
    READY = "ready"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


# What an officer may pick, and what the resident reads at the terminal.
REASONS: dict[str, str] = {
    "unreadable": N_("The page cannot be read. Scan the paper again."),
    "cut_off": N_("Part of the page is cut off. Scan the whole paper."),
    "wrong_paper": N_("This is not the paper that is needed. Bring the right one."),
    "copy": N_("This looks like a photocopy. Bring the original paper."),
    "expired": N_("The paper is no longer valid. Bring a newer one."),
    "unsigned": N_("The paper is not signed. Sign it and scan it again."),
    "mismatch": N_("The number on the paper differs from what you typed. Check it."),
    "missing": N_("The paper is not here yet. Scan it at any terminal."),
    "office_visit": N_("Please come to the registry office with your papers."),
}


class Reason(Open):
    """``code``: a key of REASONS (an unknown one is shown as "office_visit"). ``paper``: which one, or ""."""

    code: str = Field(max_length=32)
    paper: str = Field(default="", max_length=64)


class Change(Open):
    """One row of the feed. ``tag``: second-fact tag (base64). ``at``: ISO 8601 in UTC. No name, no NIK.

    ``first``: id of the application's first submission ("" where it is this one). ``missing``: papers that the
    application still lacks after this row.
    """

    cursor: int = Field(ge=1, lt=1 << 63)
    submission_id: str
    number: str
    service: str
    tag: str
    state: str
    reasons: tuple[Reason, ...] = ()
    first: str = Field(default="", max_length=64)
    missing: tuple[str, ...] = ()
    at: str


class ChangesPage(Open):
    """Rows after a cursor, in order. ``more``: ask again at once."""

    changes: tuple[Change, ...] = ()
    cursor: int = Field(ge=0, lt=1 << 63)
    more: bool = False
