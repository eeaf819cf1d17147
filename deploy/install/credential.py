"""The secret that seals the terminal's key file: made here, sealed by systemd-creds, decrypted for the station alone.

It is sealed to the host key and, where a TPM 2.0 can be used, to that too: then the disk alone is worth nothing. To
no PCR that moves: a firmware update must not lock the queue away. Number 23 is free for applications and stays zero;
with no PCR at all systemd 252 seals what it cannot open again. The TPM's way ran against an emulator (swtpm) and on no
machine that has one; what systemd-creds refuses falls back to the host key, and what it sealed is read back.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.install import InstallError

FOLDER = Path("/var/lib/adm-keys")
DROP_IN = Path("/etc/systemd/system/adm-station.service.d/keys.conf")
NAME, SEALED_TO = "adm-keys", "adm-keys-sealed-to"
"""The credentials' names: ``offline_cache.guard`` reads them."""
_BYTES = 32


def ensure(folder: Path, key_file: Path) -> str:
    """Make the credential unless it is there; what it is sealed to ("tpm", "host"), "" where systemd-creds is not.

    ``folder``: for ``station.cred`` and ``sealed-to``. ``key_file``: of the station. Raises InstallError when that is
    sealed already and the credential is gone or another machine's: then a new one would open nothing.
    """
    sealed, told = folder / "station.cred", folder / "sealed-to"
    if not shutil.which("systemd-creds"):
        if _is_sealed(key_file):
            raise InstallError(f"{key_file} is sealed, and there is no systemd-creds here to open it with")
        return ""
    if sealed.exists() and told.exists() and _opened(sealed) is not None:
        return told.read_text().strip()
    if _is_sealed(key_file):
        raise InstallError(
            f"{key_file} is sealed to a credential that this machine cannot open. Put back {folder} and"
            " /var/lib/systemd/credential.secret of this terminal, or take its queue to the office another way."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = secrets.token_bytes(_BYTES)
    for kind, words in _ways():
        blob = _creds((*words, f"--name={NAME}", "encrypt", "-", "-"), secret)
        if blob is None:
            continue
        _write(sealed, blob)
        _write(told, f"{kind}\n".encode())
        if _opened(sealed) == secret:
            return kind
    for path in (sealed, told):
        path.unlink(missing_ok=True)
    return ""


def drop_in(folder: Path = FOLDER) -> str:
    """The words that hand both credentials to the station."""
    return (
        "# Made by `adm install`: the secret that the station's key file is sealed with (docs/keys.md).\n"
        "[Service]\n"
        f"LoadCredentialEncrypted={NAME}:{folder / 'station.cred'}\n"
        f"LoadCredential={SEALED_TO}:{folder / 'sealed-to'}\n"
    )


def _ways() -> list[tuple[str, tuple[str, ...]]]:
    """Ways to seal, the strongest first."""
    tpm = ("tpm", ("--with-key=host+tpm2", "--tpm2-pcrs=23"))
    host = ("host", ("--with-key=host",))
    try:
        usable = subprocess.run(["systemd-creds", "has-tpm2", "--quiet"], capture_output=True, timeout=30).returncode
    except (OSError, subprocess.TimeoutExpired):
        return [host]
    return [tpm, host] if usable == 0 else [host]


def _opened(sealed: Path) -> bytes | None:
    """What the credential holds, or None where this machine cannot open it."""
    found = _creds((f"--name={NAME}", "decrypt", str(sealed), "-"), b"")
    return found if found is not None and len(found) == _BYTES else None


def _creds(words: Sequence[str], given: bytes) -> bytes | None:
    try:
        done = subprocess.run(["systemd-creds", *words], input=given, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _is_sealed(key_file: Path) -> bool:
    """Whether the station's key file is of the sealed kind; the station itself checks the rest."""
    try:
        return b'"sealed":' in key_file.read_bytes()
    except OSError:
        return False


def _write(path: Path, data: bytes) -> None:
    """Whole and on the disk: once the station has sealed its keys they open with nothing else."""
    beside = path.with_name(path.name + ".new")
    with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
