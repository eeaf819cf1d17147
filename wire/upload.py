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


class ServerTime(Open):
    """Seconds since 1970 by the office's clock."""

    server_time: int
