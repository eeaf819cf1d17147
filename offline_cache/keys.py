"""The terminal's own secrets: the key of the index and the signing keys, in one file that only its owner may read.

What this protects: the index and the queue say nothing to somebody who has the disk without this file, and parts say
nothing to anybody without the office's private key. What it does not protect: whoever has the whole disk has this
file too, and can open the index (ids, sizes, states, tags; no names, no NIK) and sign as this terminal until the
office revokes it. Sealing the file's content to the machine's TPM (systemd-creds) belongs into ``load`` and
``_store`` and changes nothing else.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import Field

from offline_cache import durable
from wire import canon
from wire.frozen import Frozen

FILE = "keys.json"
_CARDS = b"anjungan card tokens 1"


class KeyFile(Frozen):
    """``database``: 32 bytes. ``signing``: Ed25519 private keys (raw) by the hash of the one-time code they served.

    All are base64. The index says which one is in use, so that a change of identity is one commit there.
    """

    v: int = Field(default=1, ge=1, le=1)
    database: str = Field(min_length=43, max_length=43)
    signing: dict[str, str] = Field(default_factory=dict)


class Keys:
    """The key file, opened. Safe for use under the cache's write lock."""

    def __init__(self, path: Path, file: KeyFile) -> None:
        self._path = path
        self._file = file

    @classmethod
    def load(cls, data: Path) -> Keys:
        """Read the file. Raises OSError or canon.CanonError (never makes a new one over a broken one)."""
        path = data / FILE
        file = KeyFile.read(path.read_bytes())
        if len(canon.unb64(file.database)) != 32:
            raise canon.CanonError("the key of the index is not 32 bytes long")
        return cls(path, file)

    @classmethod
    def create(cls, data: Path) -> Keys:
        """Make and store the first file. Raises OSError."""
        keys = cls(data / FILE, KeyFile(database=canon.b64(secrets.token_bytes(32))))
        keys._store()
        return keys

    @property
    def database(self) -> bytes:
        """The raw key of the index, 32 bytes."""
        return canon.unb64(self._file.database)

    @property
    def cards(self) -> bytes:
        """The key of the card tokens, 32 bytes: drawn from the index's, so that both live and die together."""
        return HKDF(SHA256(), length=32, salt=None, info=_CARDS).derive(self.database)

    def signing(self, token_sha256: str) -> Ed25519PrivateKey | None:
        """The key that was made for that one-time code, or None."""
        raw = self._file.signing.get(token_sha256)
        return None if raw is None else Ed25519PrivateKey.from_private_bytes(canon.unb64(raw))

    def signing_for(self, token_sha256: str) -> Ed25519PrivateKey:
        """The key for that one-time code, made and durable before it is returned. Raises OSError."""
        key = self.signing(token_sha256)
        if key is None:
            key = Ed25519PrivateKey.generate()
            raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            signing = {**self._file.signing, token_sha256: canon.b64(raw)}
            self._file = KeyFile(database=self._file.database, signing=signing)
            self._store()
        return key

    def _store(self) -> None:
        durable.write(self._path, self._file.canonical())


def public(key: Ed25519PrivateKey) -> str:
    """The public half, raw, base64."""
    return canon.b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
