"""Sealing: one age v1 file a part (X25519, ChaCha20-Poly1305), to the office key and to the escrow key.

The terminal holds no private key, so what it has sealed it cannot read again.
"""

from __future__ import annotations

import pyrage

from wire.enrol import EnrolAnswer, SealKey


class Sealer:
    """Seals to the newest office key of an enrolment answer and to its escrow key.

    Raises pyrage.RecipientError for a recipient that is none.
    """

    def __init__(self, answer: EnrolAnswer) -> None:
        office: SealKey = max(answer.office_keys, key=lambda key: key.since)
        self.office_key = office.id
        self._recipients = [pyrage.x25519.Recipient.from_str(key.recipient) for key in (office, answer.escrow_key)]

    def seal(self, plain: bytes) -> bytes:
        """The age file. About 400 bytes and 16 per 64 KiB larger than ``plain``."""
        return pyrage.encrypt(plain, self._recipients)
