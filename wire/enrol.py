"""Enrolment: a one-time code, a key made on the terminal, and the office's answer."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from wire import canon, ids
from wire.frozen import Frozen, Open

CONTEXT = "adm enrol v1"
_PREFIX = "ADM1."


class EnrolCode(Frozen):
    """What the code that an administrator hands over holds. ``url``: of the gateway. ``token``: 128 bits, once.

    ``gateway_key``: the gateway's receipt key (Ed25519, raw, base64): what its answer must be signed with.
    """

    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=300)
    token: str = Field(min_length=22, max_length=64)
    gateway_key: str = Field(min_length=43, max_length=43)

    def text(self) -> str:
        """The code as one word, for a QR or for the keyboard's clipboard."""
        return _PREFIX + canon.b64(self.canonical())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the word. Raises canon.CanonError."""
        word = "".join(text.split())
        if not word.startswith(_PREFIX):
            raise canon.CanonError("an enrolment code begins with ADM1.")
        return cls.read(canon.unb64(word[len(_PREFIX) :]))


class EnrolRequest(Frozen):
    """Signed with the key it carries (``public_key``: Ed25519, raw, base64). Same token and key: same answer.

    ``queue_of``: the terminal whose applications wait on this disk, "" = none wait. A code for another terminal is
    refused then (conflict) and stays unused.
    """

    v: Literal[1] = 1
    token: str = Field(min_length=22, max_length=64)
    public_key: str = Field(min_length=43, max_length=43)
    hardware: str = Field(default="", max_length=200)
    version: str = Field(default="", max_length=40)
    queue_of: str = Field(default="", max_length=64)


class SealKey(Open):
    """An age recipient (``age1...``) that parts are sealed to."""

    id: str = Field(max_length=64)
    recipient: str = Field(pattern=r"^age1[0-9a-z]+$", max_length=100)
    since: str = Field(max_length=40)


class Place(Open):
    """Where the terminal stands, as residents read it."""

    village: str
    district: str
    regency: str
    office: str
    phone: str = ""
    hours: tuple[tuple[str, str], ...] = ()


class Limits(Open):
    """Limits of the gateway, in bytes and counts."""

    part_bytes: int
    parts: int
    total_bytes: int


class EnrolAnswer(Open):
    """What the gateway gives a new terminal; signed with the gateway's receipt key under ``CONTEXT``."""

    v: Literal[1] = 1
    terminal: ids.TerminalId
    code: ids.TerminalCode
    next_seq: int = Field(ge=1)
    office_keys: tuple[SealKey, ...] = Field(min_length=1)
    escrow_key: SealKey
    receipt_key: str = Field(min_length=43, max_length=43)
    receipt_kid: str
    status_key: str = Field(min_length=43, max_length=43)
    limits: Limits
    place: Place
    server_time: int
