"""What guards a terminal's secrets on its disk: a word that the heartbeat carries and staff read."""

from __future__ import annotations

from enum import StrEnum


class Protection(StrEnum):
    """``TPM``, ``HOST``: the key file is sealed by systemd-creds, to the machine's TPM 2.0 or to its host key.

    ``FILE``: a file that only its owner may read, and nothing else.
    """

    TPM = "tpm"
    HOST = "host"
    FILE = "file"
