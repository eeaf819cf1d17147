"""The manifest of a submission: signed by the terminal, it names every part by hash and size; no name, no NIK."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from wire import canon, ids
from wire.frozen import Frozen
from wire.number import Number, NumberError

CONTEXT = "adm manifest v1"
MAX_PARTS = 20
MAX_PART_BYTES = 8 * 1024 * 1024
MAX_TOTAL_BYTES = 40 * 1024 * 1024
MAX_MANIFEST_BYTES = 64 * 1024


class Clock(Frozen):
    """When the submission was signed, as far as the terminal knows. The wall clock only labels, it orders nothing.

    ``wall``: ISO 8601 with offset. ``boot_id``: of the kernel. ``monotonic_ms``: since that boot.
    ``offset_ms``: server clock minus wall clock as last seen, or None.
    """

    wall: str = Field(max_length=40)
    boot_id: str = Field(max_length=40)
    monotonic_ms: int
    offset_ms: int | None = None


class Part(Frozen):
    """One sealed file. ``bytes`` and ``sha256`` are of the ciphertext (an age v1 file)."""

    role: Literal["form", "page"]
    paper: str = Field(default="", max_length=64)
    n: int = Field(ge=0, le=99)
    media_type: Literal["application/json", "image/jpeg"]
    bytes: int = Field(gt=0, le=MAX_PART_BYTES)
    sha256: ids.Sha256


class Manifest(Frozen):
    """What the terminal vouches for. ``prev``: hash of the manifest before it ("" for the first of a terminal).

    ``missing``: ids of required papers that the resident brings later; the application is incomplete until they came.
    ``corrects``: id of the application's first submission, whose ``number`` (and ``tag``) this one carries too: pages
    in here replace the same pages of what came before, and ``missing`` is what is missing after it.
    """

    v: Literal[1] = 1
    submission_id: ids.SubmissionId
    number: str
    terminal: ids.TerminalId
    seq: int = Field(ge=1)
    prev: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    service: str = Field(pattern=r"^[A-Z0-9-]{3,32}$")
    schema_version: int = Field(ge=1)
    tag: str = Field(min_length=43, max_length=43)
    language: str = Field(default="id", pattern=r"^[a-z]{2,3}$")
    office_key: str = Field(max_length=64)
    clock: Clock
    missing: tuple[str, ...] = Field(default=(), max_length=16)
    corrects: ids.SubmissionId | None = None
    parts: tuple[Part, ...] = Field(min_length=1, max_length=MAX_PARTS)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        try:
            number = Number.parse(self.number)
        except NumberError as error:
            raise ValueError("number is no registration number") from error
        if str(number) != self.number:
            raise ValueError("number is not in its one spelling")
        if self.corrects is None and number.seq != self.seq:
            raise ValueError("number and seq differ")
        if len({part.sha256 for part in self.parts}) != len(self.parts):
            raise ValueError("two parts have the same hash")
        if sum(part.bytes for part in self.parts) > MAX_TOTAL_BYTES:
            raise ValueError("the parts are larger than 40 MiB together")
        return self


def digest(envelope: bytes) -> str:
    """The name of a signed manifest: SHA-256 over the whole envelope."""
    return ids.sha256(envelope)


def unproved(envelope: bytes) -> tuple[canon.Envelope, Manifest]:
    """Parse without believing. Raises canon.CanonError."""
    read = canon.Envelope.read(envelope)
    return read, Manifest.take(read.payload)
