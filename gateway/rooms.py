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
from gateway.tables import Fact

_RECEIPT_FACT = "receipt key"


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
        return cls(settings, database, open_store(settings), _keys(settings, database), board)


def _keys(settings: Settings, database: Database) -> keys.Keys:
    """The office's keys: those that this database's receipts were signed with. Raises KeyFileError.

    An office restored without its keys, or a second machine, would sign what no terminal believes.
    """
    with database.read() as session:
        known = session.get(Fact, _RECEIPT_FACT)
    file = settings.keys / keys.RECEIPT
    if known is not None and not file.exists():
        raise keys.KeyFileError(f"{file} is not there, and this database has receipts: put the office's keys back")
    loaded = keys.load(settings.keys)
    if known is None:
        with database.write() as session:  # of two that begin at once, the second finds the first one's
            known = session.get(Fact, _RECEIPT_FACT) or Fact(name=_RECEIPT_FACT, value=loaded.receipt_kid)
            session.add(known)
    if known.value != loaded.receipt_kid:
        raise keys.KeyFileError(f"{file} is another office's: this database's receipts are signed by {known.value}")
    return loaded
