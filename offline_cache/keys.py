"""The terminal's own secrets: the key of the index and the signing key, in one file that only its owner may read.

Where systemd hands a secret over (``guard``), the file's content is sealed under it: somebody who has the disk without
the machine's TPM, or without its host key, has nothing. Otherwise the file's mode is all there is, and staff are told.
Parts say nothing to anybody without the office's private key in either case. docs/keys.md says what a thief gets.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import Field

from offline_cache import durable, guard
from offline_cache.api import CacheError
from offline_cache.guard import Secret
from wire import canon
from wire.frozen import Frozen
from wire.guard import Protection

FILE = "keys.json"
_CARDS = b"anjungan card tokens 1"
_SEAL = b"anjungan key file 2"
_NAMED = b"anjungan keys.json 2"
_SALT, _NONCE = 16, 12


class KeyFile(Frozen):
    """``database``: 32 bytes. ``signing``: Ed25519 private keys (raw) by the hash of the one-time code they served.

    ``proving``: public halves of those that a key roll replaced. All are base64. The index says which one is in use,
    so that a change of identity is one commit there.
    """

    v: Literal[1] = 1
    database: str = Field(min_length=43, max_length=43)
    signing: dict[str, str] = Field(default_factory=dict)
    proving: dict[str, str] = Field(default_factory=dict)


class SealedFile(Frozen):
    """A ``KeyFile``, AES-256-GCM under HKDF-SHA256(secret, ``salt``). Salt and nonce are new with every writing."""

    v: Literal[2] = 2
    salt: str = Field(min_length=22, max_length=22)
    nonce: str = Field(min_length=16, max_length=16)
    sealed: str = Field(min_length=1, max_length=1 << 20)


class Keys:
    """The key file, opened. Safe for use under the cache's write lock."""

    def __init__(self, path: Path, file: KeyFile, secret: Secret | None, *, sealed: bool) -> None:
        self._path, self._file, self._secret, self._sealed = path, file, secret, sealed

    @classmethod
    def load(cls, data: Path) -> Keys:
        """Read the file, sealed or not. Never makes or writes one.

        Raises OSError, canon.CanonError (damaged), CacheError (sealed, and the secret is missing or another one).
        """
        path, secret = data / FILE, guard.credential()
        raw = path.read_bytes()
        sealed = canon.parse(raw).get("v") == 2
        file = KeyFile.read(unseal(raw, secret) if sealed else raw)
        if len(canon.unb64(file.database)) != 32:
            raise canon.CanonError("the key of the index is not 32 bytes long")
        for half in (*file.signing.values(), *file.proving.values()):
            if len(canon.unb64(half)) != 32:
                raise canon.CanonError("a signing key is not 32 bytes long")
        return cls(path, file, secret, sealed=sealed)

    @classmethod
    def create(cls, data: Path) -> Keys:
        """Make and store the first file, sealed where there is a secret. Raises OSError, CacheError."""
        made = KeyFile(database=canon.b64(secrets.token_bytes(32)))
        keys = cls(data / FILE, made, guard.credential(), sealed=False)
        keys._store(made)
        return keys

    def seal(self) -> bool:
        """Seal a file that was not, now that there is a secret. True when it was written anew. Raises OSError."""
        if self._sealed or self._secret is None:
            return False
        self._store(self._file)
        return True

    @property
    def protection(self) -> Protection:
        """What guards the file on the disk."""
        return self._secret.by if self._sealed and self._secret is not None else Protection.FILE

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

    def proving(self, token_sha256: str) -> Ed25519PublicKey | None:
        """The public half of the key of that one-time code, also of one that was replaced; None when it is gone."""
        key = self.signing(token_sha256)
        if key is not None:
            return key.public_key()
        raw = self._file.proving.get(token_sha256)
        return None if raw is None else Ed25519PublicKey.from_public_bytes(canon.unb64(raw))

    def signing_for(self, token_sha256: str) -> Ed25519PrivateKey:
        """The key for that one-time code, made and durable before it is returned. Raises OSError."""
        key = self.signing(token_sha256)
        if key is None:
            key = Ed25519PrivateKey.generate()
            raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            self._store(self._file.model_copy(update={"signing": {**self._file.signing, token_sha256: canon.b64(raw)}}))
        return key

    def keep(self, signing: Collection[str], proving: Collection[str]) -> bool:
        """Private keys stay for the codes in ``signing`` alone, public halves for those in ``proving``.

        True when the file was written anew. Raises OSError.
        """
        left = {name: raw for name, raw in self._file.signing.items() if name in signing}
        halves: dict[str, str] = {}
        for name in sorted({*proving} - {*left}):
            if (key := self.signing(name)) is not None:
                halves[name] = public(key)
            elif (half := self._file.proving.get(name)) is not None:
                halves[name] = half
        if (left, halves) == (self._file.signing, self._file.proving):
            return False
        self._store(self._file.model_copy(update={"signing": left, "proving": halves}))
        return True

    @property
    def codes(self) -> frozenset[str]:
        """The one-time codes (hashes) that there are private keys for."""
        return frozenset(self._file.signing)

    def _store(self, file: KeyFile) -> None:
        plain = file.canonical()
        durable.write(self._path, plain if self._secret is None else seal(plain, self._secret))
        self._file, self._sealed = file, self._secret is not None


def public(key: Ed25519PrivateKey) -> str:
    """The public half, raw, base64."""
    return canon.b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def seal(plain: bytes, secret: Secret) -> bytes:
    """The bytes of a sealed key file."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    sealed = AESGCM(_key(secret, salt)).encrypt(nonce, plain, _NAMED)
    return SealedFile(salt=canon.b64(salt), nonce=canon.b64(nonce), sealed=canon.b64(sealed)).canonical()


def unseal(raw: bytes, secret: Secret | None) -> bytes:
    """The content of a sealed key file. Raises canon.CanonError for bytes that are none.

    Raises CacheError (cache_broken, with what to do) where the secret is missing or does not open it.
    """
    file = SealedFile.read(raw)
    salt, nonce, sealed = canon.unb64(file.salt), canon.unb64(file.nonce), canon.unb64(file.sealed)
    if (len(salt), len(nonce)) != (_SALT, _NONCE):
        raise canon.CanonError("salt or nonce of the sealed file have another length")
    if secret is None:
        raise CacheError(
            "cache_broken",
            f"the key file is sealed and the credential {guard.SECRET} is not here: start the station by its unit,"
            " and commands by `adm` (nothing was changed)",
        )
    try:
        return AESGCM(_key(secret, salt)).decrypt(nonce, sealed, _NAMED)
    except InvalidTag as error:
        raise CacheError(
            "cache_broken",
            f"the key file was sealed by another machine's credential {guard.SECRET}, or is damaged: put back"
            " /var/lib/adm-keys and /var/lib/systemd/credential.secret of this terminal (nothing was changed)",
        ) from error


def _key(secret: Secret, salt: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=salt, info=_SEAL).derive(secret.word)
