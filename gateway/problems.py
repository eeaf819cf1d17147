"""Refusals as RFC 9457 problems: one exception, raised anywhere, answered by ``gateway.app``."""

from __future__ import annotations

from wire.problem import Code, Problem

_TITLES: dict[Code, str] = {
    Code.UNAUTHENTICATED: "The request carries no token of a terminal of this office.",
    Code.CLOCK: "The token's time is off; the server's time is enclosed.",
    Code.REVOKED: "The terminal was revoked.",
    Code.NOT_FOUND: "There is nothing of that name here.",
    Code.TOKEN_USED: "The enrolment token is used, expired or unknown.",
    Code.OFFSET: "The part has another length than the request supposes.",
    Code.CONFLICT: "Something else is kept here under that name.",
    Code.TAKEN_OVER: "A newer request writes this part now.",
    Code.TOO_LARGE: "The body is larger than it may be.",
    Code.MALFORMED: "The body is not what this call takes.",
    Code.WRONG_HASH: "The bytes do not have the hash of the part; they were dropped.",
    Code.BUSY: "Too many requests; try again later.",
    Code.BROKEN: "The gateway failed; the fault is logged.",
    Code.FULL: "The gateway has no room now; try again later.",
}


class Refusal(Exception):
    """A refusal on its way out. ``detail``: for whoever reads the log; never personal data."""

    def __init__(
        self,
        code: Code,
        detail: str = "",
        *,
        offset: int | None = None,
        server_time: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code.word}: {detail}")
        self.code = code
        self.problem = Problem(
            type=code.type,
            title=_TITLES[code],
            status=code.status,
            detail=detail,
            offset=offset,
            server_time=server_time,
            retry_after=retry_after,
        )
