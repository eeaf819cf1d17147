"""The secret that seals the key file: systemd decrypts it for the station alone, into ``$CREDENTIALS_DIRECTORY``.

The installer has made it (deploy/install/credential.py) and says beside it what systemd sealed it to. Without the
credential the key file is protected by its mode alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from offline_cache.api import CacheError
from wire.guard import Protection

SECRET, SEALED_TO = "adm-keys", "adm-keys-sealed-to"
"""Names of the two credentials: 32 random bytes; "host" or "tpm"."""
BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """``word``: the secret itself. ``by``: what systemd seals it to on the disk."""

    word: bytes
    by: Protection

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Secret({self.by})"


def credential() -> Secret | None:
    """What systemd handed over, or None. Raises CacheError (cache_broken) for a credential that is none of ours."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return None
    try:
        word = (Path(folder) / SECRET).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError("cache_broken", f"the credential {SECRET} cannot be read: {error.strerror}") from error
    if len(word) != BYTES:
        raise CacheError("cache_broken", f"the credential {SECRET} is not {BYTES} bytes long")
    try:
        by = (Path(folder) / SEALED_TO).read_bytes().strip()
    except OSError:
        by = b""
    # Nobody but the installer says "tpm"; what is not said is the weaker one.
    return Secret(word, Protection.TPM if by == Protection.TPM.value.encode() else Protection.HOST)
