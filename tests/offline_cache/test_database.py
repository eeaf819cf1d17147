"""The index file: encrypted, durable, brought up by Alembic, and never made anew over a broken one (L7)."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import offline_cache.migrations as migrations
from offline_cache.api import Cache, CacheError
from offline_cache.database import FILE, Database, _engine
from offline_cache.tables import metadata
from tests.offline_cache.conftest import NIK, Opener, apply, everything
from tests.offline_cache.office import Office

KEY = secrets.token_bytes(32)


def test_migrations_lead_to_the_tables_and_head_is_named(tmp_path: Path) -> None:
    database = Database.open(tmp_path, KEY)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


@pytest.mark.parametrize("before", ["0001", "0002"])
def test_an_index_from_before_is_brought_up_and_keeps_what_it_had(tmp_path: Path, before: str) -> None:
    earlier = Database(_engine(tmp_path / FILE, KEY))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with earlier.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, before)
        connection.exec_driver_sql("INSERT INTO identities VALUES (1, 't', 'u', x'00', 2, '', 0)")
        connection.exec_driver_sql(
            "INSERT INTO submissions VALUES ('id', 'd', 1, 'KMT-1-X', 1, 'S', 't', x'00', 'm', 'queued', '', NULL,"
            " NULL, 1, 'b', 1, 0)"
        )
        connection.exec_driver_sql("INSERT INTO feed VALUES ('id', 1, 'KMT-1-X', 'S', 't', 'received', '[]', 'at')")
    earlier.close()
    database = Database.open(tmp_path, KEY)
    with database.read() as connection:
        row = connection.exec_driver_sql("SELECT number, corrects, missing FROM submissions").one()
        assert tuple(row) == ("KMT-1-X", None, "[]")
        assert tuple(connection.exec_driver_sql("SELECT state, first, missing FROM feed").one()) == (
            "received",
            "",
            "[]",
        )
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()
    assert (tmp_path / f"index.db.before-{before}").exists()


def test_every_commit_is_synced_in_wal_mode(tmp_path: Path) -> None:
    database = Database.open(tmp_path, KEY)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_failed_block_is_rolled_back(tmp_path: Path) -> None:
    database = Database.open(tmp_path, KEY)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO facts VALUES ('x', 1)")
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM facts").scalar() == 0
    database.close()


def test_wrong_key_and_damage_are_said_and_nothing_is_touched(tmp_path: Path) -> None:
    Database.open(tmp_path, KEY).close()
    whole = (tmp_path / "index.db").read_bytes()
    with pytest.raises(CacheError, match="cache_broken"):
        Database.open(tmp_path, bytes(32))
    assert (tmp_path / "index.db").read_bytes() == whole
    (tmp_path / "index.db").write_bytes(b"\0" * len(whole))
    with pytest.raises(CacheError, match="cache_broken"):
        Database.open(tmp_path, KEY)


def test_l7_schema_of_another_version_is_copied_first_and_not_wiped(tmp_path: Path) -> None:
    database = Database.open(tmp_path, KEY)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("INSERT INTO facts VALUES ('x', 1)")
    database.close()
    with pytest.raises(CacheError, match="cache_broken"):
        Database.open(tmp_path, KEY)
    copy = tmp_path / "index.db.before-9999"
    assert copy.read_bytes() == (tmp_path / "index.db").read_bytes()


def test_key_file_that_is_gone_or_broken_is_not_replaced(opener: Opener, office: Office, tmp_path: Path) -> None:
    cache = opener()
    cache.enrol(office.code())
    apply(cache)
    cache.close()
    keys = tmp_path / "data" / "keys.json"
    assert keys.stat().st_mode & 0o777 == 0o600
    whole = keys.read_bytes()
    for damage in (b"", b"{}", whole[:40]):
        keys.write_bytes(damage)
        with pytest.raises(CacheError, match="cache_broken"):
            opener()
        assert keys.read_bytes() == damage
    keys.unlink()
    with pytest.raises(CacheError, match="key file is not"):
        opener()
    keys.write_bytes(whole)
    assert opener().queue().queued == 1


def test_index_says_nothing_about_the_person(cache: Cache, tmp_path: Path) -> None:
    number = apply(cache, name="SITI CONTOH")
    disk = everything(tmp_path)
    for word in (NIK, "SITI", "CONTOH", number, "KTP-HILANG", "SQLite format"):
        assert word.encode() not in disk


def test_index_opened_with_its_key_says_nothing_about_the_person_either(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    from offline_cache.keys import Keys

    cache = opener()
    cache.enrol(office.code())
    apply(cache, name="SITI CONTOH")
    cache.close()
    database = Database.open(tmp_path / "data", Keys.load(tmp_path / "data").database)
    with database.read() as connection:
        for table in metadata.tables:
            said = repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert NIK not in said and "SITI" not in said
    database.close()
