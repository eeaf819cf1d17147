"""The courier: sealed submissions on a USB stick, one self-contained file a volume, and the receipts that come back.

A volume ``<code>-<yyyymmdd>-<last 8 of the export id>-<n>.adm`` is a plain tar file (``wire.volume``): ``index.json``
(the signed ``Index``) first, then for each submission, in the index's order, ``<submission id>.json`` (its signed
manifest) and ``<sha256>.age`` for each part that the index names. Nothing in it is readable without the office's key.
A volume is whole when every file of the index is there with its size and hash; half-written ones end early. The office
answers by ``<same name>.resi``: the signed ``Receipts``.
"""

from __future__ import annotations

import re
from typing import Literal, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, model_validator

from wire import canon, ids
from wire.frozen import Frozen, Open
from wire.manifest import MAX_MANIFEST_BYTES, MAX_PART_BYTES, MAX_PARTS
from wire.words import N_

CONTEXT = "adm courier v1"
RECEIPTS_CONTEXT = "adm courier receipts v1"
FOLDER = "ADM-KURIR"
"""The folder on the stick."""
SUFFIX, RECEIPTS_SUFFIX = ".adm", ".resi"
INDEX = "index.json"
MAX_INDEX_BYTES = 8 * 1024 * 1024
MAX_VOLUME_BYTES = 1024 * 1024 * 1024
"""A volume stays below this: FAT32 holds files under 4 GiB, and an officer's browser uploads it in one go."""
MAX_PACKETS = 2000
"""Submissions in one volume."""
_NAME = r"[A-Z]{3}-[0-9]{8}-[0-9a-f]{8}-[0-9]{1,3}"
NAME = re.compile(_NAME)

# Why a file of a stick is not taken; both ends say it in these words.
NO_VOLUME = N_("This is no file of a terminal.")
NOT_WHOLE = N_("The file is not whole.")
UNSIGNED = N_("The signature on this file does not hold.")
FOREIGN_TERMINAL = N_("The terminal belongs to another office.")
FOREIGN_ANSWER = N_("This answer is for another terminal.")
RENAMED = N_("This file was renamed.")
TAKEN = N_("This answer was taken already.")
PARTLY = N_("Some receipts in it fit nothing here.")
UNREADABLE = N_("The file cannot be read.")


class File(Frozen):
    """One part in the volume: SHA-256 and size of the ciphertext; it lies there as ``<sha256>.age``."""

    sha256: ids.Sha256
    bytes: int = Field(gt=0, le=MAX_PART_BYTES)


class Packet(Frozen):
    """One submission. ``manifest_bytes``: size of ``<submission_id>.json``, whose hash is ``manifest_sha256``."""

    submission_id: ids.SubmissionId
    manifest_sha256: ids.Sha256
    manifest_bytes: int = Field(gt=0, le=MAX_MANIFEST_BYTES)
    parts: tuple[File, ...] = Field(min_length=1, max_length=MAX_PARTS)


class Index(Frozen):
    """What a volume holds, signed by the terminal under ``CONTEXT``. ``made_at``: ISO 8601."""

    v: Literal[1] = 1
    export: ids.SubmissionId
    terminal: ids.TerminalId
    code: ids.TerminalCode
    made_at: str = Field(max_length=40, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T")
    volume: int = Field(ge=1, le=999)
    volumes: int = Field(ge=1, le=999)
    packets: tuple[Packet, ...] = Field(min_length=1, max_length=MAX_PACKETS)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if self.volume > self.volumes:
            raise ValueError("there are fewer volumes")
        if len({packet.submission_id for packet in self.packets}) != len(self.packets):
            raise ValueError("a submission stands twice")
        return self

    def name(self) -> str:
        """The volume's name, without its suffix."""
        day = self.made_at[:10].replace("-", "")
        return f"{self.code}-{day}-{self.export[-8:]}-{self.volume}"


class Refused(Open):
    """A submission that the office did not take. ``problem``: type of the problem (``wire.problem``)."""

    submission_id: ids.SubmissionId
    problem: str = Field(max_length=80)


class Receipts(Open):
    """The office's answer to one volume, signed with its receipt key under ``RECEIPTS_CONTEXT``.

    ``name``: the volume's, without its suffix. ``index_sha256``: of the bytes of the volume's ``index.json``.
    ``receipts``: base64 of signed receipts.
    """

    v: Literal[1] = 1
    name: str = Field(pattern=f"^{_NAME}$")
    export: ids.SubmissionId
    terminal: ids.TerminalId
    volume: int = Field(ge=1, le=999)
    index_sha256: ids.Sha256
    imported_at: str = Field(max_length=40)
    receipts: tuple[str, ...] = Field(default=(), max_length=MAX_PACKETS)
    refused: tuple[Refused, ...] = Field(default=(), max_length=MAX_PACKETS)


def read_index(envelope: bytes) -> tuple[canon.Envelope, Index]:
    """Parse an index without believing it. Raises canon.CanonError."""
    read = canon.Envelope.read(envelope)
    return read, Index.take(read.payload)


def prove_receipts(envelope: bytes, key: Ed25519PublicKey) -> Receipts:
    """The office's answer. Raises canon.CanonError or canon.SignatureError."""
    return Receipts.take(canon.Envelope.read(envelope).verify(key, RECEIPTS_CONTEXT))
