"""What every room of the gateway works with: settings, database, store and keys, opened once."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gateway import keys
from gateway.database import Database
from gateway.settings import Settings
from gateway.store import Store


@dataclass(frozen=True, slots=True)
class Office:
    """The opened parts of one gateway."""

    settings: Settings
    database: Database
    store: Store
    keys: keys.Keys

    @classmethod
    def open(cls, settings: Settings) -> Office:
        """Open a data directory, making what is missing."""
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(settings, Database(settings.database), Store(settings.store), keys.load(settings.keys))


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def iso(at: int) -> str:
    """A time as ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
