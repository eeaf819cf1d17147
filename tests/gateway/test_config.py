"""gateway.toml: every key of the example holds, a wrong one is named with its file, and nothing secret is repeated."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import config
from gateway.settings import DatabaseSettings, Quota, Settings, StoreSettings
from tests.gateway.rig import ROOT

SECRET = "sandi-rahasia-9911"


def written(folder: Path, text: str) -> Path:
    file = folder / "gateway.toml"
    file.write_text(text)
    return file


def test_the_example_says_what_holds_without_it(tmp_path: Path) -> None:
    example = ROOT / "deploy" / "config" / "gateway.toml.example"
    assert config.load(tmp_path, example) == config.load(tmp_path) == Settings(tmp_path)
    keys = {(table, key) for table, keys in tomllib.loads(example.read_text()).items() for key in keys}
    known = config.File.model_fields
    assert keys == {(table, key) for table in known for key in type(known[table].default).model_fields}


def test_everything_set_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("x\n")
    (tmp_path / "keys.toml").write_text("")
    file = written(
        tmp_path,
        '[database]\nurl = "postgresql://adm@db.example:5432/adm"\npassword_file = "password"\nconnections = 4\n'
        '[store]\nurl = "s3://adm-parts/district/3279"\nendpoint = "https://s3.example:9000/"\nregion = "id-1"\n'
        f'credentials = "{tmp_path / "keys.toml"}"\n'
        "[serve]\nworkers = 3\n[limits]\nannouncements_an_hour = 1\nopen_mib = 2\nheartbeats_a_minute = 0\n",
    )
    read = config.load(tmp_path / "data", file)
    assert read.database == DatabaseSettings("postgresql://adm@db.example:5432/adm", tmp_path / "password", 4)
    assert read.store == StoreSettings(
        "adm-parts", "district/3279", "https://s3.example:9000", "id-1", tmp_path / "keys.toml"
    )
    assert (read.workers, read.quota) == (3, Quota(1, 2 * 1024 * 1024, 0))


def test_the_usual_file_stands_beside_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("[limits]\nopen_mib = 7\n")
    assert config.load(tmp_path / "gateway").quota.open_bytes == 7 * 1024 * 1024
    assert config.load(tmp_path / "other") == Settings(tmp_path / "other")


def test_a_credential_of_the_service_manager_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, '[database]\nurl = "postgresql://a@/b"\npassword_file = "credential:database"\n')
    with pytest.raises(config.ConfigError, match=r"gateway\.toml: database\.password_file: systemd handed over no"):
        config.load(tmp_path, file)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "database").write_text("x")
    assert config.load(tmp_path, file).database.password == tmp_path / "database"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'[database]\nurl = "postgresql://adm:{SECRET}@db/adm"', "database.url: holds a password"),
        (f'[database]\nurl = "postgresql://adm@db/adm?password={SECRET}"', "database.url: holds a password"),
        (f'[database]\nurl = "postgresql://adm@db/adm?sslpassword={SECRET}"', "database.url: holds a password"),
        (f'[database]\nurl = "mysql://adm:{SECRET}@db/adm"', "database.url: is written postgresql://"),
        ('[database]\nurl = "postgresql://adm@db"', "database.url: names no database"),
        ('[database]\nurl = "postgresql://adm@db:x/adm"', "database.url: is no address"),
        ('[database]\npassword_file = "x"', "database: password_file without url"),
        ('[database]\nurl = "postgresql://a@/b"\npassword_file = "gone"', "database.password_file: there is no such"),
        (f'[database]\npassword = "{SECRET}"', "database.password: Extra inputs"),
        (f'[store]\nurl = "https://{SECRET}"', "store.url: is written s3://bucket/prefix"),
        ('[store]\nurl = "s3://bucket/../up"', "store.url: has a prefix"),
        ('[store]\nregion = "id"', "store: region without url"),
        (f'[store]\nurl = "s3://adm"\nendpoint = "http://x:{SECRET}@s3"', "store.endpoint: holds a name or password"),
        ("[serve]\nworkers = 0", "serve.workers: Input should be greater"),
        ("[serve]\nworkers = 2", "serve.workers: more than one needs database.url"),
        ('[serve]\nworkers = "2"', "serve.workers: Input should be a valid integer"),
        ("[limits]\nopen_mib = -1", "limits.open_mib: Input should be greater"),
        ("[limit]\nopen_mib = 1", "limit: Extra inputs"),
        (f'database = "{SECRET}"', "database: Input should be"),
        (f"[database]\nurl = {SECRET}", "not TOML (line 2, column 7)"),
    ],
)
def test_what_is_wrong_is_named_and_never_repeated(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(config.ConfigError) as caught:
        config.load(tmp_path, file)
    assert str(caught.value).startswith(f"{file}: {told}")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None or SECRET not in str(caught.value.__cause__)


_keys = st.sampled_from(
    ["url", "password_file", "connections", "endpoint", "region", "credentials", "workers", "open_mib"]
)
_values = st.one_of(
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.sampled_from(
        ["s3://", "s3://b", "postgresql://", "postgresql://[::1", "postgresql://h:99999/x", "http://[", "//"]
    ),
    st.text(max_size=8).map(lambda tail: f"s3://bucket/{tail}"),
    st.text(max_size=8).map(lambda tail: f"postgresql://{tail}/x?{tail}"),
)


@given(
    st.dictionaries(
        st.sampled_from(["database", "store", "serve", "limits", "other"]),
        st.dictionaries(_keys, _values, max_size=4),
        max_size=4,
    )
)
def test_any_tables_are_settings_or_a_named_fault(tables: dict[str, object]) -> None:
    file = Path("gateway.toml")
    try:
        read = config.settings(Path("data"), file, tables)
    except config.ConfigError as error:
        assert str(error).startswith("gateway.toml: ")
        return
    assert read.workers == 1 or read.database.url
    assert not read.store.bucket.startswith(("/", "."))
    assert ".." not in read.store.prefix.split("/")


@given(st.binary(max_size=200))
def test_any_bytes_are_settings_or_a_named_fault(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(data)
    try:
        config.load(Path("data"), file)
    except config.ConfigError as error:
        assert str(error).startswith(f"{file}: ")
