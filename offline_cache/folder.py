"""The terminal's data folder: one process at a time holds it, and its keys are made when there is nothing yet."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from offline_cache import durable
from offline_cache.api import CacheError
from offline_cache.database import FILE as INDEX_FILE
from offline_cache.keys import FILE as KEY_FILE
from offline_cache.keys import Keys
from wire import canon, events

WIPING = "wiping"
"""The marker of a wipe that was begun (``command.wipe``)."""


def hold(data: Path, *, wiping: bool = False) -> int:
    """Lock the folder for this process; the descriptor to close when done. Raises OSError where there is no folder.

    Raises CacheError when it is held, and when a wipe was begun unless it is that which goes on.
    """
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise CacheError("cache_broken", "another process uses this data folder") from error
    if not wiping and (data / WIPING).exists():
        os.close(lock)
        raise CacheError("cache_broken", "a wipe was begun here: finish it (python -m offline_cache wipe --yes)")
    return lock


def open_keys(data: Path) -> Keys:
    """The key file, made when there is neither keys nor index, and sealed once there is something to seal it with.

    Raises CacheError, OSError.
    """
    if not (data / KEY_FILE).exists():
        if (data / INDEX_FILE).exists():
            raise CacheError("cache_broken", "the index is there and its key file is not")
        durable.sweep_temporary(data)
        return Keys.create(data)
    durable.sweep_temporary(data)
    keys = load_keys(data)
    if keys.seal():
        events.log("keys_sealed", by=keys.protection.value)
    return keys


def load_keys(data: Path) -> Keys:
    """The key file as it is. Raises CacheError, OSError."""
    try:
        return Keys.load(data)
    except canon.CanonError as error:
        raise CacheError("cache_broken", f"the key file: {error}") from error
