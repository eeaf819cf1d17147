"""An office whose signing key is gone, or another's: nothing is promised under a key that no terminal believes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway import backup
from gateway.__main__ import main
from gateway.restore import restore
from gateway.settings import Settings
from tests.gateway.rig import Gateway, Terminal


def test_an_office_without_its_signing_key_says_so_and_makes_no_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = Gateway(tmp_path / "office").start()
    try:
        terminal = Terminal(gateway).enrol(gateway.code())
        terminal.prove(terminal.send(terminal.packet(pages=1)))
    finally:
        gateway.stop()
    backup.backup(Settings(gateway.data), tmp_path / "b", keys=False)
    data = tmp_path / "again"
    restore(tmp_path / "b", Settings(data))
    capsys.readouterr()
    assert main(["verify", "--data", str(data)]) == 1
    assert "receipt.key" in capsys.readouterr().err
    assert not list(data.glob("keys/*"))
    Gateway(tmp_path / "other").start().stop()
    shutil.copytree(tmp_path / "other" / "keys", data / "keys", dirs_exist_ok=True)
    assert main(["serve", "--data", str(data), "--port", "0"]) == 1
    assert "receipt.key" in capsys.readouterr().err
    shutil.rmtree(data / "keys")
    shutil.copytree(gateway.data / "keys", data / "keys")
    assert main(["verify", "--data", str(data)]) == 0
