"""What every room of the gateway works with: settings, database, store, keys and lists, opened once."""

from __future__ import annotations

from dataclasses import dataclass

from gateway import keys
from gateway.database import Database
from gateway.moment import iso as iso
from gateway.moment import now as now
from gateway.places import Board
from gateway.settings import Settings
from gateway.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Office:
    """The opened parts of one gateway."""

    settings: Settings
    database: Database
    store: Store
    keys: keys.Keys
    board: Board

    @classmethod
    def open(cls, settings: Settings) -> Office:
        """Open a data directory, making what is missing."""
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = Database(settings)
        board = Board(database, settings)
        return cls(settings, database, open_store(settings), keys.load(settings.keys), board)
