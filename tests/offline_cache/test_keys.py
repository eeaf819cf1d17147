"""The key file: sealed where systemd hands a secret over, opened by nothing else, kept to what is needed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from offline_cache import keys
from offline_cache.api import CacheError
from offline_cache.folder import load_keys
from offline_cache.guard import SEALED_TO, SECRET, Secret
from offline_cache.keys import Keys
from tests.offline_cache.conftest import QUICK, Opener, apply, received, sync, until
from tests.offline_cache.office import Office
from wire import canon, manifest
from wire.guard import Protection
from wire.office_keys import CONTEXT, OfficeKeys, prove

Credential = Path


@pytest.fixture
def credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Credential:
    """What systemd hands to a unit, as it stands in the unit's folder."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / SECRET).write_bytes(bytes(range(32)))
    (folder / SEALED_TO).write_text("host\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_without_a_credential_it_is_a_file_and_says_so(opener: Opener, tmp_path: Path) -> None:
    cache = opener()
    file = tmp_path / "data" / keys.FILE
    assert cache.protection() == Protection.FILE and json.loads(file.read_text())["v"] == 1
    assert file.stat().st_mode & 0o777 == 0o600


def test_with_a_credential_nothing_of_the_keys_is_on_the_disk(
    opener: Opener, office: Office, credential: Credential, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    raw = (tmp_path / "data" / keys.FILE).read_bytes()
    opened = Keys.load(tmp_path / "data")
    assert cache.protection() == Protection.HOST and json.loads(raw)["v"] == 2
    for secret in (opened.database, opened.database.hex().encode(), canon.b64(opened.database).encode()):
        assert secret not in raw
    assert b"signing" not in raw and b"database" not in raw
    apply(cache)
    cache.close()
    assert opener().queue().queued == 1


def test_old_file_is_sealed_at_the_next_start_and_the_queue_is_there(
    opener: Opener, office: Office, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cache = opener()
    cache.enrol(office.code())
    apply(cache)
    cache.close()
    credential: Credential = request.getfixturevalue("credential")
    (credential / SEALED_TO).write_text("tpm")
    before = (tmp_path / "data" / keys.FILE).read_bytes()
    with_secret = opener()
    assert with_secret.protection() == Protection.TPM and with_secret.queue().queued == 1
    after = (tmp_path / "data" / keys.FILE).read_bytes()
    assert json.loads(before)["v"] == 1 and json.loads(after)["v"] == 2
    assert with_secret.identity() == cache.identity()


@pytest.mark.parametrize("change", ["gone", "another", "short"])
def test_wrong_or_missing_credential_deletes_nothing_and_says_what_to_do(
    opener: Opener, office: Office, credential: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache)
    cache.close()
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    if change == "gone":
        monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    else:
        (credential / SECRET).write_bytes(b"\1" * (32 if change == "another" else 31))
    said = {"gone": "adm-keys is not here", "another": "another machine", "short": "not 32 bytes"}[change]
    with pytest.raises(CacheError, match=said) as refused:
        opener()
    assert refused.value.code == "cache_broken"
    assert {path: path.read_bytes() for path in before} == before
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credential))
    (credential / SECRET).write_bytes(bytes(range(32)))
    again = opener()
    sync(again)
    until(lambda: received(again, office, number))


def test_heartbeat_tells_what_guards_the_keys(opener: Opener, office: Office, credential: Credential) -> None:
    cache = opener()
    cache.enrol(office.code())
    sync(cache)
    until(lambda: office.beats)
    assert office.beats[0].protection == "host"


SECRET_OF_TESTS = Secret(bytes(range(32)), Protection.HOST)
PLAIN = keys.KeyFile(database=canon.b64(b"d" * 32)).canonical()


@given(st.binary(max_size=300))
def test_no_noise_is_a_key_file(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / keys.FILE).write_bytes(noise)
    with pytest.raises(CacheError, match="cache_broken"):
        load_keys(folder)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_of_a_sealed_file_is_believed(where: int, change: int) -> None:
    raw = bytearray(keys.seal(PLAIN, SECRET_OF_TESTS))
    raw[where % len(raw)] ^= change
    try:
        found = keys.unseal(bytes(raw), SECRET_OF_TESTS)
    except (canon.CanonError, CacheError):
        return
    # What base64 has no use for (the last digit's spare bits) may differ; what is opened may not.
    assert found == PLAIN


@given(st.dictionaries(st.sampled_from(["v", "salt", "nonce", "sealed", "x"]), st.text(max_size=40) | st.integers()))
def test_no_other_object_is_a_sealed_file(value: dict[str, object]) -> None:
    with pytest.raises((canon.CanonError, CacheError)):
        keys.unseal(json.dumps(value).encode(), SECRET_OF_TESTS)


@given(st.binary(max_size=200))
def test_no_noise_is_the_offices_keys(noise: bytes) -> None:
    office = Ed25519PrivateKey.generate()
    with pytest.raises(ValueError):
        prove(noise, office.public_key())


def test_keys_that_another_signed_or_for_another_purpose_are_not_the_offices() -> None:
    ours, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    told: dict[str, object] = {
        "v": 1,
        "office_keys": [{"id": "a", "recipient": "age1qqqq", "since": "2026"}],
        "escrow_key": {"id": "e", "recipient": "age1qqqq", "since": "2026"},
    }
    good = canon.sign(told, ours, "r", CONTEXT)
    assert prove(good, ours.public_key()).version() == OfficeKeys.take(told).version()
    for envelope in (canon.sign(told, other, "r", CONTEXT), canon.sign(told, ours, "r", "adm enrol v1")):
        with pytest.raises(canon.SignatureError):
            prove(envelope, ours.public_key())
    wrongs: list[dict[str, object]] = [
        {"office_keys": []},
        {"escrow_key": None},
        {"v": 2},
        {"office_keys": [{"id": "a"}]},
    ]
    for wrong in wrongs:
        with pytest.raises(canon.CanonError):
            prove(canon.sign(told | wrong, ours, "r", CONTEXT), ours.public_key())


def test_a_new_key_goes_on_with_sequence_and_chain_and_the_old_one_goes(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    first = apply(cache)
    old = dict(_signing(tmp_path))
    cache.enrol(office.roll())
    second = apply(cache)
    assert (first[:6], second[:6]) == ("KMT-1-", "KMT-2-")
    assert len(_signing(tmp_path)) == 2, "what the old key signed still has to go"
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    bodies = sorted(office.manifests.values(), key=lambda body: json.loads(body)["payload"]["seq"])
    assert json.loads(bodies[1])["payload"]["prev"] == manifest.digest(bodies[0]), (
        "the chain does not break at a new key"
    )
    assert sorted(office.numbers()) == sorted([first, second])
    cache.close()
    cache = opener(replace(QUICK, purge_days=0))
    sync(cache)
    until(lambda: not list((tmp_path / "data" / "parts").iterdir()))
    cache.close()
    again = opener()
    assert old.keys().isdisjoint(_signing(tmp_path)), "nothing needs the old private key"
    assert _proving(tmp_path) == old.keys(), "its public half proves what is left of it"
    assert again.identity() is not None


def _signing(tmp_path: Path) -> dict[str, str]:
    return json.loads((tmp_path / "data" / keys.FILE).read_text())["signing"]


def _proving(tmp_path: Path) -> set[str]:
    return set(json.loads((tmp_path / "data" / keys.FILE).read_text())["proving"])
