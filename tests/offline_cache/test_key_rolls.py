"""Keys that change under a terminal with a queue, at the real gateway: the office's, and its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway import enrol as enrolling
from gateway import key_rolls
from gateway.rooms import Office
from gateway.tables import Submission, Terminal
from offline_cache.api import Cache, CacheError
from offline_cache.cache import open_cache
from offline_cache.keys import public
from tests.gateway.rig import Gateway, opened
from tests.offline_cache.conftest import NIK, QUICK, apply, sync, until
from tests.offline_cache.office import Office as ToyOffice
from tests.offline_cache.office import Say
from wire import canon, manifest, office_keys
from wire.change import State
from wire.enrol import EnrolCode, SealKey
from wire.heartbeat import HeartbeatAnswer
from wire.office_keys import OfficeKeys


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One for the module."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway") / "office").start()
    yield gateway
    gateway.stop()


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    """Closed at the end."""
    cache = open_cache(tmp_path / "data", version="test", settings=QUICK)
    yield cache
    cache.close()


def manifests(gateway: Gateway) -> dict[str, manifest.Manifest]:
    """Those of the office, by number."""
    found = [manifest.unproved(path.read_bytes())[1] for path in gateway.data.rglob("manifest.json")]
    return {each.number: each for each in found}


def revoked(gateway: Gateway, code: str) -> None:
    with opened(gateway.data) as office:
        enrolling.revoke(office, code)


def test_office_key_is_followed_at_once_and_a_draft_keeps_the_one_it_began_with(gateway: Gateway, cache: Cache) -> None:
    cache.enrol(gateway.code("AAA"))
    sync(cache)
    until(lambda: cache.line().online)
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8one", "image/jpeg")
    with opened(gateway.data) as office:
        old = office.keys.sealing.office[0].key.id
        new = key_rolls.roll(office, time.time() + 1).key.id
    cache.sync_now()

    def follows() -> bool:
        number = apply(cache)
        until(lambda: cache.queue().queued == 0)
        return manifests(gateway)[number].office_key == new

    until(follows)
    cache.keep_page(draft, "kk", 2, b"\xff\xd8two", "image/jpeg")
    number = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}).number
    until(lambda: cache.queue().queued == 0)
    assert manifests(gateway)[number].office_key == old, "one key an application"
    with opened(gateway.data) as office:
        counted = {each["id"]: each.get("sealed") for each in key_rolls.listing(office)}
    assert counted[old] and counted[new]


def test_new_key_of_the_terminal_takes_the_queue_along(gateway: Gateway, cache: Cache, tmp_path: Path) -> None:
    before = cache.enrol(gateway.code("BBB"))
    first, second = apply(cache), apply(cache)
    other = gateway.code("CCC")
    with pytest.raises(CacheError, match="another terminal"):
        cache.enrol(other)
    elsewhere = open_cache(tmp_path / "elsewhere", version="test", settings=QUICK)
    assert elsewhere.enrol(other).code == "CCC", "the code was left unused"
    elsewhere.close()
    code = gateway.code("BBB")
    assert cache.enrol(code) == before and cache.enrol(code) == before
    third = apply(cache)
    assert [number[:6] for number in (first, second, third)] == ["BBB-1-", "BBB-2-", "BBB-3-"]
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    there = manifests(gateway)
    assert [there[number].seq for number in (first, second, third)] == [1, 2, 3]
    chain = {manifest.digest(path.read_bytes()) for path in gateway.data.rglob("manifest.json")}
    assert there[third].prev in chain and there[first].prev == ""
    assert cache.queue().quarantined == 0 and cache.line().online
    until(lambda: (t := cache.lookup(first, NIK).trail) is not None and t.state == State.RECEIVED)


def test_code_of_another_office_is_refused_while_something_waits(gateway: Gateway, cache: Cache) -> None:
    cache.enrol(gateway.code("DDD"))
    apply(cache)
    code = EnrolCode.from_text(gateway.code("DDD"))
    other = code.model_copy(update={"gateway_key": public(Ed25519PrivateKey.generate())})
    with pytest.raises(CacheError, match="still wait"):
        cache.enrol(other.text())
    sync(cache)
    until(lambda: cache.queue().queued == 0)


def test_revoked_takes_and_sends_nothing_until_a_new_code(gateway: Gateway, cache: Cache) -> None:
    code = gateway.code("EEE")
    cache.enrol(code)
    waiting = apply(cache)
    revoked(gateway, "EEE")
    sync(cache)
    until(lambda: (me := cache.identity()) is not None and me.revoked)
    assert cache.line().reason == "refused" and cache.queue().queued == 1
    assert waiting not in manifests(gateway)
    with pytest.raises(CacheError, match="revoked"):
        apply(cache)
    with pytest.raises(CacheError, match="new code"):
        cache.enrol(code)
    assert not cache.enrol(gateway.code("EEE")).revoked
    until(lambda: cache.queue().queued == 0)
    assert waiting in manifests(gateway) and apply(cache).startswith("EEE-2-")


def test_l12_is_not_blinded_by_a_key_roll_with_a_queue(gateway: Gateway, tmp_path: Path) -> None:
    """What is announced and not received does not count as held: after a restore it would not be asked for."""
    cache = open_cache(tmp_path / "data", version="test", settings=replace(QUICK, daily_bytes=1))
    cache.enrol(gateway.code("FFF"))
    number = apply(cache)
    sync(cache)
    with opened(gateway.data) as office:
        until(lambda: _announced(office, number))
        cache.enrol(gateway.code("FFF"))
        assert _have_seq(office, "FFF") == 0
        cache.close()
        cache = open_cache(tmp_path / "data", version="test", settings=QUICK)
        sync(cache)
        until(lambda: cache.queue().queued == 0)
        assert _have_seq(office, "FFF") == 1
    cache.close()


def _announced(office: Office, number: str) -> bool:
    with office.database.read() as session:
        return session.scalar(select(Submission.id).where(Submission.number == number)) is not None


def _have_seq(office: Office, code: str) -> int | None:
    with office.database.read() as session:
        return session.scalar(select(Terminal.have_seq).where(Terminal.code == code))


def test_sealing_keys_that_the_office_did_not_sign_are_not_taken(cache: Cache) -> None:
    toy = ToyOffice()
    cache.enrol(toy.code())
    strange = SealKey(id="x", recipient=str(pyrage.x25519.Identity.generate().to_public()), since="2099-01-01")
    told = OfficeKeys(office_keys=(strange,), escrow_key=strange)
    forged = canon.sign(told.plain(), Ed25519PrivateKey.generate(), "r1", office_keys.CONTEXT)
    asked: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        if path == "/v1/heartbeat":
            answer = HeartbeatAnswer(server_time=toy.now(), have_seq=0, cursor=0, keys=told.version(), next_s=300)
            return Say(200, answer.canonical())
        if path == "/v1/keys":
            asked.append(method)
            return Say(200, forged)
        return None

    toy.trick = trick
    sync(cache)
    until(lambda: len(asked) > 1)
    number = apply(cache)
    until(lambda: number in toy.numbers())  # and the queue is not held up by it
    assert {manifest.unproved(body)[1].office_key for body in toy.manifests.values()} == {"o1"}
    toy.close()
