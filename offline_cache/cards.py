"""Cards that residents let this terminal remember: for each, a keyed hash of its UID and the NIK, and nothing else.

A card proves nothing: a hash that is known confirms a NIK that was typed, to whoever holds the card that was there when
it was typed before. No card and no NIK can be read from it. With the whole disk, its keys and the card in hand one
could try NIKs one by one; without the card there is nothing to try.
"""

from __future__ import annotations

import hmac
import time

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from offline_cache.database import Database
from offline_cache.tables import card_tokens

_DAY_S = 86400
_RANDOM_LENGTH, _RANDOM_FIRST = 4, 0x08  # ISO/IEC 14443-3: made up anew at each touch


class Cards:
    """The remembered cards of this terminal. ``key``: 32 bytes, for this alone."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def known(self, uid: bytes, nik: str) -> bool:
        """See ``api.Cache.card_known``."""
        if not names_a_card(uid):
            return False
        with self._database.read() as connection:
            query = select(card_tokens.c.day).where(card_tokens.c.token == self._token(uid, nik))
            return connection.execute(query).first() is not None

    def remember(self, uid: bytes, nik: str) -> None:
        """See ``api.Cache.remember_card``."""
        if not names_a_card(uid):
            raise ValueError("this UID names no card: it is empty, or made up anew at each touch")
        row = upsert(card_tokens).values(token=self._token(uid, nik), day=int(time.time() // _DAY_S))
        with self._database.write() as connection:
            connection.execute(row.on_conflict_do_nothing())

    def forget(self, uid: bytes, nik: str) -> None:
        """See ``api.Cache.forget_card``."""
        with self._database.write() as connection:
            connection.execute(delete(card_tokens).where(card_tokens.c.token == self._token(uid, nik)))

    def _token(self, uid: bytes, nik: str) -> bytes:
        # A NIK is always 16 digits long: no two pairs run together to the same bytes.
        return hmac.digest(self._key, uid + nik.encode(), "sha256")


def names_a_card(uid: bytes) -> bool:
    """Whether the UID stands for one card, at every touch."""
    return bool(uid) and not (len(uid) == _RANDOM_LENGTH and uid[0] == _RANDOM_FIRST)
