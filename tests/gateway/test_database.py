"""The database, the keys and the description of the interface, looked at from outside."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway import config
from gateway.database import Database
from gateway.tables import Base
from tests.gateway.backends import REFUSED, sql
from tests.gateway.rig import ROOT, Gateway, Packet, Terminal, run


def test_the_migrations_make_what_the_tables_say(gateway: Gateway) -> None:
    database = Database(config.load(gateway.data))
    with database.read() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []
    database.close()


@pytest.mark.parametrize("table", ["events", "audit"])
@pytest.mark.parametrize("act", ["UPDATE {} SET at = 1", "DELETE FROM {}"])
def test_history_is_append_only(gateway: Gateway, terminal: Terminal, table: str, act: str) -> None:
    packet: Packet = terminal.packet(pages=1)
    terminal.send(packet)
    with pytest.raises(REFUSED, match="append-only"):
        sql(gateway.data, act.format(table))


def test_the_keys_are_for_the_owner_alone(gateway: Gateway) -> None:
    for path in (gateway.data / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(gateway.data.stat().st_mode) == 0o700


def test_the_gateway_runs_without_the_escrow_secret(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data").start()
    (tmp_path / "data" / "keys" / "escrow.age").unlink()  # carried off the machine, as it should be
    gateway.stop()
    gateway.start()
    terminal = Terminal(gateway).enrol(gateway.code())
    terminal.send(terminal.packet(pages=1))
    assert not (tmp_path / "data" / "keys" / "escrow.age").exists()
    gateway.stop()


def test_two_gateways_never_share_a_data_directory(gateway: Gateway) -> None:
    with pytest.raises(AssertionError, match="another gateway serves"):
        run("gateway", "serve", "--data", str(gateway.data), "--port", "0")


def test_the_description_of_the_interface_is_not_stale() -> None:
    assert (ROOT / "docs" / "openapi.json").read_text() == run("gateway", "openapi")
