"""The office's keys over the years: rolled while the gateway serves, honoured, retired; nothing is ever refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from gateway import key_rolls, keys
from gateway.__main__ import main
from gateway.store import Place
from tests.gateway.rig import Gateway, Officer, Terminal, opened
from wire import canon
from wire.office_keys import HONOURED_DAYS, OfficeKeys, prove

YEARS_S = HONOURED_DAYS * 86400


def office_keys(terminal: Terminal) -> OfficeKeys:
    assert terminal.answer is not None
    got = terminal.http.get(f"{terminal.gateway.url}/v1/keys", headers=terminal.headers(), timeout=20)
    assert got.status_code == 200, got.text
    return prove(got.content, Ed25519PublicKey.from_public_bytes(canon.unb64(terminal.answer.receipt_key)))


def follow(terminal: Terminal) -> None:
    """What a terminal does with new keys."""
    assert terminal.answer is not None
    told = office_keys(terminal)
    terminal.answer = terminal.answer.model_copy(
        update={"office_keys": told.office_keys, "escrow_key": told.escrow_key}
    )


def test_roll_is_told_without_a_restart_and_both_keys_open(
    gateway: Gateway, new_terminal: Callable[[], Terminal]
) -> None:
    terminal = new_terminal()
    assert terminal.answer is not None
    before = terminal.beat().keys
    mine = OfficeKeys(office_keys=terminal.answer.office_keys, escrow_key=terminal.answer.escrow_key)
    assert before == mine.version(), "a terminal that just enrolled asks for nothing"
    old = terminal.packet()
    with opened(gateway.data) as office:
        rolled = key_rolls.roll(office, time.time() + 1)
    told = office_keys(terminal)
    assert terminal.beat().keys == told.version() != before
    assert told.office_keys[0] == rolled.key and told.office_keys[1:] == mine.office_keys
    assert new_terminal().answer.office_keys == told.office_keys  # pyright: ignore[reportOptionalMemberAccess]  # just enrolled
    follow(terminal)
    new = terminal.packet()
    terminal.send(old)
    terminal.send(new)
    officer = Officer(gateway)
    officer.sign_in()
    with opened(gateway.data) as office:
        for packet in (old, new):
            place = Place(terminal.id, packet.id)
            for sha256 in packet.parts:
                sealed = office.store.read(place, sha256)
                assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(k) for k in office.keys.office.split()])
            page = officer.get(f"/applications/{packet.number}/application.json")
            assert page.status_code == 200 and "SITI CONTOH" in page.text
        listed = {each["id"]: each for each in key_rolls.listing(office)}
    assert listed[rolled.key.id]["sealed"] == 1 and listed[mine.office_keys[0].id]["replaced"] == rolled.key.since


def test_what_is_sealed_to_a_key_that_is_not_here_is_kept_and_held(
    gateway: Gateway, new_terminal: Callable[[], Terminal]
) -> None:
    terminal = new_terminal()
    strange = terminal.packet(office_key="age-0123456789abcdef")
    assert terminal.prove(terminal.send(strange)).number == strange.number, "never refused"
    officer = Officer(gateway)
    officer.sign_in()
    assert "Disegel dengan kunci tak dikenal" in officer.get("/").text
    with opened(gateway.data) as office:
        assert {"kind": "unknown", "id": "age-0123456789abcdef", "sealed": 1} in key_rolls.listing(office)


def test_retire_waits_two_years_and_for_the_store(gateway: Gateway, new_terminal: Callable[[], Terminal]) -> None:
    terminal = new_terminal()
    packet = terminal.packet()
    with opened(gateway.data) as office:
        key = office.keys.sealing.office[0].key.id
        with pytest.raises(ValueError, match="roll first"):
            key_rolls.retire(office, key)
        since = time.time() + 10
        key_rolls.roll(office, since)
        with pytest.raises(ValueError, match="honoured until"):
            key_rolls.retire(office, key, since + YEARS_S - 86400)
        assert terminal.put(packet).status_code == 201
        with pytest.raises(ValueError, match=r"^[1-9]\d* submissions"):
            key_rolls.retire(office, key, since + YEARS_S + 86400)
        with pytest.raises(ValueError, match="no key"):
            key_rolls.retire(office, "age-none")
        assert office.keys.opens(key)
        unused = key_rolls.roll(office, since + 10)
        newest = key_rolls.roll(office, since + 20)
        gone = key_rolls.retire(office, unused.key.id, since + YEARS_S + 86400)
        assert not gone.file.exists() and not office.keys.opens(unused.key.id)
        assert office.keys.sealing.office[0].key.id == newest.key.id
    told = office_keys(terminal)
    assert unused.key.id not in {each.id for each in told.office_keys}, "the gateway that serves follows"


def test_escrow_is_replaced_by_a_public_half_alone(gateway: Gateway, terminal: Terminal, tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "secret").write_text(f"{identity}\n")
    (tmp_path / "new.pub").write_text(f"# escrow of 2026\n{identity.to_public()}\n")
    (tmp_path / "none.pub").write_text("age1nonsense\n")
    with opened(gateway.data) as office:
        (tmp_path / "own.pub").write_text(office.keys.sealing.office[0].key.recipient)
        for name, why in (("secret", "private half|private key"), ("own.pub", "office itself")):
            with pytest.raises(ValueError, match=why):
                key_rolls.escrow(office, tmp_path / name)
        with pytest.raises(keys.KeyFileError, match="no X25519 recipient"):
            key_rolls.escrow(office, tmp_path / "none.pub")
        assert key_rolls.escrow(office, tmp_path / "new.pub") == office_keys(terminal).escrow_key.id
    follow(terminal)
    packet = terminal.packet()
    terminal.send(packet)
    sealed = next(iter(packet.parts.values()))
    assert pyrage.decrypt(sealed, [identity])


def test_the_commands_say_it_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path / "office")]

    def said(*words: str) -> list[dict[str, object]]:
        assert main(["keys", *words, "--json", *data]) == 0
        found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["keys"]
        return found

    first = said("list")
    assert [each["kind"] for each in first] == ["office", "escrow"] and first[1]["private_half_here"] is True
    rolled = said("roll")[0]
    listed = said("list")
    assert [each["id"] for each in listed[:2]] == [rolled["id"], first[0]["id"]]
    assert listed[1]["replaced"] == rolled["since"] and "AGE-SECRET" not in str(listed)
    assert main(["keys", "retire", str(first[0]["id"]), *data]) == 1
    assert "honoured until" in capsys.readouterr().err
    (tmp_path / "e.pub").write_text(str(pyrage.x25519.Identity.generate().to_public()))
    assert said("escrow", str(tmp_path / "e.pub"))[0]["kind"] == "escrow"
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "office" / "keys").iterdir())


def test_a_broken_key_file_leaves_the_keys_as_they_were(tmp_path: Path) -> None:
    held = keys.load(tmp_path / "keys")
    version = held.sealing.version
    (tmp_path / "keys" / "office-2.age").write_text("nothing")
    assert held.sealing.version == version, "a gateway that serves goes on"
    with pytest.raises(keys.KeyFileError, match=r"office-2\.age"):
        keys.load(tmp_path / "keys")
    (tmp_path / "keys" / "office-2.age").write_bytes(keys.new_identity(time.time() + 5))
    assert held.sealing.version != version


def test_dates_of_keys_outlive_a_copy_that_is_put_back(tmp_path: Path) -> None:
    held = keys.load(tmp_path / "keys")
    version, told = held.sealing.version, held.sealing.told
    for path in (tmp_path / "keys").iterdir():
        path.write_bytes(path.read_bytes())
    again = keys.load(tmp_path / "keys")
    assert (again.sealing.version, again.sealing.told) == (version, told)


@given(st.text(max_size=200))
def test_no_noise_is_an_age_file(noise: str) -> None:
    for read in (keys.identity_text, keys.recipient_text):
        try:
            read(noise, "file")
        except keys.KeyFileError:
            continue
