"""RFC 9457 problems: the only refusals that a terminal believes. Anything else that answers is a line fault."""

from __future__ import annotations

from enum import Enum

from pydantic import Field

from wire import canon
from wire.frozen import Open

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:adm:problem:"


class Code(Enum):
    """Every refusal of the gateway: its name on the wire, HTTP status, and whether trying again can mend it."""

    UNAUTHENTICATED = ("unauthenticated", 401, True)
    CLOCK = ("clock", 401, True)
    REVOKED = ("revoked", 403, True)
    NOT_FOUND = ("not-found", 404, True)
    TOKEN_USED = ("token-used", 409, False)
    OFFSET = ("offset", 409, True)
    CONFLICT = ("conflict", 409, False)
    TAKEN_OVER = ("taken-over", 409, True)
    TOO_LARGE = ("too-large", 413, False)
    MALFORMED = ("malformed", 422, False)
    WRONG_HASH = ("wrong-hash", 422, True)
    BUSY = ("busy", 429, True)
    BROKEN = ("broken", 500, True)
    FULL = ("full", 507, True)

    def __init__(self, word: str, status: int, mends: bool) -> None:
        self.word = word
        self.status = status
        self.mends = mends

    @property
    def type(self) -> str:
        """The problem's type URI."""
        return _PREFIX + self.word


class Problem(Open):
    """The body of a refusal. ``offset``: the true length of a part; ``server_time``: seconds since 1970 (CLOCK)."""

    type: str = Field(pattern=r"^urn:adm:problem:[a-z-]+$")
    title: str
    status: int
    detail: str = ""
    offset: int | None = None
    server_time: int | None = None
    retry_after: int | None = None

    @property
    def code(self) -> Code | None:
        """The code, or None for one that a newer gateway knows and we do not."""
        return next((code for code in Code if code.type == self.type), None)


def read(content_type: str, body: bytes) -> Problem | None:
    """The problem in an HTTP answer, or None when the answer is not ours (a portal, a proxy, HTML)."""
    if content_type.split(";")[0].strip().lower() != MEDIA_TYPE:
        return None
    try:
        return Problem.read(body)
    except canon.CanonError:
        return None
