"""What the office answers to a manifest, and the header names of a part's way (draft-ietf-httpbis-resumable-upload)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from wire import ids
from wire.frozen import Open

OFFSET = "Upload-Offset"
COMPLETE = "Upload-Complete"
YES, NO = "?1", "?0"


class Missing(Open):
    """A part that the office does not hold whole. ``offset``: how many of its bytes it has."""

    sha256: ids.Sha256
    offset: int = Field(ge=0)


class IntakeAnswer(Open):
    """``awaiting`` with what is missing, or ``received`` with the receipt (base64 of the signed envelope's bytes)."""

    state: Literal["awaiting", "received"]
    missing: tuple[Missing, ...] = ()
    receipt: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.state == "received" and not self.receipt:
            raise ValueError("received without a receipt")
        return self


TIME_CONTEXT = "adm time v1"


class ServerTime(Open):
    """Seconds since 1970 by the office's clock. Asked with a nonce it comes in an envelope (``SignedTime``)."""

    server_time: int


class SignedTime(Open):
    """The answer to ``GET /v1/time?nonce=``: signed with the receipt key under ``TIME_CONTEXT``, so that a terminal
    whose clock is too wrong for TLS may ask for it in clear (sync-notes §3.6)."""

    server_time: int
    nonce: str = Field(min_length=16, max_length=64, pattern=r"^[0-9a-f]+$")
