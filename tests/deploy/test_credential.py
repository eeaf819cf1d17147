"""The secret of a terminal's key file, by the real systemd-creds, from the installer to a station that reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.install import InstallError, credential
from offline_cache import guard
from offline_cache.cache import open_cache

ROOT = Path(__file__).resolve().parents[2]
CREDS = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("systemd-creds"), reason="systemd-creds seals to the host key for root alone"
)
SYSTEMD = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")


def handed(folder: Path, to: Path) -> Path:
    """What systemd puts into the unit's credentials, by its own tool."""
    to.mkdir()
    words = ["systemd-creds", f"--name={credential.NAME}", "decrypt", str(folder / "station.cred")]
    subprocess.run([*words, str(to / credential.NAME)], check=True, capture_output=True)
    shutil.copy(folder / "sealed-to", to / credential.SEALED_TO)
    return to


def test_both_ends_name_the_credentials_alike() -> None:
    assert (credential.NAME, credential.SEALED_TO) == (guard.SECRET, guard.SEALED_TO)


@CREDS
def test_a_station_seals_its_keys_with_what_the_installer_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, data = tmp_path / "adm-keys", tmp_path / "data"
    open_cache(data, version="test").close()
    kind = credential.ensure(folder, data / "keys.json")
    assert kind in ("host", "tpm")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "station.cred": 0o600,
        "sealed-to": 0o600,
    }
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed(folder, tmp_path / "run")))
    cache = open_cache(data, version="test")
    assert cache.protection().value == kind and b'"sealed":' in (data / "keys.json").read_bytes()
    cache.close()
    before = (folder / "station.cred").read_bytes()
    assert credential.ensure(folder, data / "keys.json") == kind, "installing again changes nothing"
    assert (folder / "station.cred").read_bytes() == before
    secret = (tmp_path / "run" / credential.NAME).read_bytes()
    assert len(secret) == 32 and secret not in before


@CREDS
def test_no_new_secret_over_a_key_file_that_only_the_old_one_opens(tmp_path: Path) -> None:
    folder, file = tmp_path / "adm-keys", tmp_path / "keys.json"
    credential.ensure(folder, file)
    file.write_text('{"nonce":"","salt":"","sealed":"x","v":2}')
    (folder / "station.cred").write_bytes(b"of another machine")
    with pytest.raises(InstallError, match="cannot open"):
        credential.ensure(folder, file)
    assert (folder / "station.cred").read_bytes() == b"of another machine"
    file.unlink()
    assert credential.ensure(folder, file) in ("host", "tpm"), "nothing needs the broken one"


def test_without_systemd_creds_there_is_no_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert credential.ensure(tmp_path / "adm-keys", tmp_path / "keys.json") == ""
    assert not (tmp_path / "adm-keys").exists()
    (tmp_path / "keys.json").write_text('{"sealed":"x"}')
    with pytest.raises(InstallError, match="no systemd-creds"):
        credential.ensure(tmp_path / "adm-keys", tmp_path / "keys.json")


@pytest.mark.parametrize("refused", ["encrypt", "decrypt"])
def test_a_tool_that_refuses_leaves_no_half_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    tool = tmp_path / "bin" / "systemd-creds"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nfor word; do [ "$word" = {refused} ] && exit 1; done\ncat\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/bin:/usr/bin")
    assert credential.ensure(tmp_path / "adm-keys", tmp_path / "keys.json") == ""
    assert not [path for path in (tmp_path / "adm-keys").iterdir() if path.name != "station.cred.new"]


def test_a_tpm_is_told_only_when_that_way_of_sealing_was_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in for the tool, which can refuse."""
    tool = tmp_path / "bin" / "systemd-creds"
    tool.parent.mkdir()
    tool.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/calls\n'
        'case "$1 $2" in has-tpm2*) exit 0 ;; esac\n'
        f'case "$*" in *host+tpm2*) [ ! -e {tmp_path}/broken ] || exit 1 ;; *decrypt*) exec cat "$3" ;; esac\n'
        "exec cat\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/bin:/usr/bin")
    assert credential.ensure(tmp_path / "one", tmp_path / "keys.json") == "tpm"
    assert "--with-key=host+tpm2 --tpm2-pcrs=23 --name=adm-keys encrypt - -" in (tmp_path / "calls").read_text()
    (tmp_path / "broken").touch()
    assert credential.ensure(tmp_path / "two", tmp_path / "keys.json") == "host"


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """An emulated TPM 2.0 for systemd-creds; called, another one takes its place."""
    folder = Path(tempfile.mkdtemp(prefix="adm-"))
    tool = folder / "bin" / "systemd-creds"
    tool.parent.mkdir()
    # It asks firmware and kernel whether there is a TPM, and an emulator is known to neither; all else is its own.
    tool.write_text(f'#!/bin/sh\n[ "$1" = has-tpm2 ] && exit 0\nexec {shutil.which("systemd-creds")} "$@"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        for each in running:
            each.kill()
            each.wait()
        state = folder / str(len(running))
        state.mkdir()
        words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--flags", "not-need-init,startup-clear"]
        words += ["--server", f"type=unixio,path={state}/t", "--ctrl", f"type=unixio,path={state}/t.ctrl"]
        running.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        end = time.monotonic() + 10
        while not (state / "t.ctrl").exists() or not (state / "t").exists():
            assert time.monotonic() < end, "the emulator did not start"
            time.sleep(0.02)
        monkeypatch.setenv("SYSTEMD_TPM2_DEVICE", f"swtpm:path={state}/t")

    start()
    yield start
    for each in running:
        each.kill()
        each.wait()
    shutil.rmtree(folder)


@CREDS
@pytest.mark.skipif(not shutil.which("swtpm"), reason="no TPM emulator (Debian's swtpm) on this machine")
def test_sealed_to_a_tpm_it_opens_with_that_one_alone(tmp_path: Path, emulator: Callable[[], None]) -> None:
    folder, file = tmp_path / "adm-keys", tmp_path / "keys.json"
    assert credential.ensure(folder, file) == "tpm"
    assert len((handed(folder, tmp_path / "run") / credential.NAME).read_bytes()) == 32
    file.write_text('{"nonce":"","salt":"","sealed":"x","v":2}')
    emulator()
    with pytest.raises(InstallError, match="cannot open"):
        credential.ensure(folder, file)
    with pytest.raises(subprocess.CalledProcessError):
        handed(folder, tmp_path / "run2")


@SYSTEMD
def test_systemd_finds_nothing_wrong_with_the_drop_in(tmp_path: Path) -> None:
    unit = tmp_path / "adm-station.service"
    text = (ROOT / "deploy" / "systemd" / unit.name).read_text()
    unit.write_text(re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", text, flags=re.M))
    folder = tmp_path / f"{unit.name}.d"
    folder.mkdir()
    (folder / credential.DROP_IN.name).write_text(credential.drop_in())
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}

    def complaints() -> list[str]:
        said = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, env=environment
        )
        return [line for line in said.stderr.splitlines() if unit.name in line or "Credential" in line]

    assert complaints() == []
    (folder / credential.DROP_IN.name).write_text(credential.drop_in().replace("adm-keys:", ":", 1))
    assert complaints(), "the drop-in is read at all"
