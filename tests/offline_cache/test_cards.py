"""Cards that residents let the terminal remember: by consent, as a keyed hash, never a UID that names no card."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_cache.cards import names_a_card
from offline_cache.database import Database
from offline_cache.keys import Keys
from tests.offline_cache.conftest import NIK, Opener, everything

UID = bytes.fromhex("04A1B2C3D4E5F6")
OTHER_NIK = "3279024107900001"


def rows(data: Path) -> list[tuple[bytes, int]]:
    """The whole table, through the index's own key."""
    database = Database.open(data, Keys.load(data).database)
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT token, day FROM card_tokens").all()
    database.close()
    return [(token, day) for token, day in found]


def test_a_card_confirms_the_nik_it_was_remembered_with_and_no_other(opener: Opener) -> None:
    cache = opener()
    assert not cache.card_known(UID, NIK)
    cache.remember_card(UID, NIK)
    cache.remember_card(UID, NIK)
    assert cache.card_known(UID, NIK)
    assert not cache.card_known(UID, OTHER_NIK) and not cache.card_known(UID[:-1], NIK)
    cache.close()
    again = opener()
    assert again.card_known(UID, NIK)
    again.forget_card(UID, OTHER_NIK)
    assert again.card_known(UID, NIK)
    again.forget_card(UID, NIK)
    again.forget_card(UID, NIK)
    assert not again.card_known(UID, NIK)


def test_the_table_holds_neither_uid_nor_nik_nor_an_unkeyed_hash(opener: Opener, tmp_path: Path) -> None:
    cache = opener()
    cache.remember_card(UID, NIK)
    cache.close()
    [(token, day)] = rows(tmp_path / "data")
    assert len(token) == 32 and 20_000 < day < 60_000
    assert token != hashlib.sha256(UID + NIK.encode()).digest()
    secrets = (UID, UID.hex().encode(), UID.hex().upper().encode(), NIK.encode(), NIK[:8].encode())
    for secret in secrets:
        assert secret not in token
        assert secret not in everything(tmp_path)


def test_another_terminal_has_another_token_for_the_same_card(opener: Opener, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        cache = opener(folder=folder)
        cache.remember_card(UID, NIK)
        cache.close()
    assert rows(tmp_path / "one")[0][0] != rows(tmp_path / "two")[0][0]


@pytest.mark.parametrize("uid", ["", "08A1B2C3"])
def test_a_uid_that_names_no_card_is_refused(opener: Opener, tmp_path: Path, uid: str) -> None:
    cache = opener()
    with pytest.raises(ValueError, match="names no card"):
        cache.remember_card(bytes.fromhex(uid), NIK)
    assert not cache.card_known(bytes.fromhex(uid), NIK)
    cache.forget_card(bytes.fromhex(uid), NIK)
    cache.close()
    assert rows(tmp_path / "data") == []


@given(st.binary(max_size=12))
def test_which_uids_name_a_card(uid: bytes) -> None:
    assert names_a_card(uid) == (len(uid) > 0 and not (len(uid) == 4 and uid[:1] == b"\x08"))
