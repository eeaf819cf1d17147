"""Heartbeats that share a transaction: each its own answer, and none spoils another's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import auth, changes
from gateway.problems import Refusal
from gateway.rooms import Office
from gateway.settings import Settings
from gateway.tables import Terminal
from tests.benchmarks.office import people
from wire import token
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.problem import Code


def beat(queued: int = 0) -> Heartbeat:
    return Heartbeat(
        version="1", wall="", boot_id="b", uptime_s=1, queued=queued, quarantined=0, last_seq=0, disk_free=1, cursor=0
    )


def test_one_that_is_refused_keeps_nothing_and_stops_no_other(tmp_path: Path) -> None:
    four = people(tmp_path, 4, 4)
    office = Office.open(Settings(tmp_path))
    ring = auth.Ring()
    claims = [ring.remember(auth.authenticate(office, f"Bearer {token.make(one.id, one.key)}")) for one in four]
    with office.database.write() as session:
        session.get_one(Terminal, four[1].id).revoked_at = 1
        session.get_one(Terminal, four[2].id).public_key = claims[3].key
    told = [changes.Told(claim, beat(7)) for claim in claims]
    said = changes.beat(office, [*told, changes.Told(claims[0], beat(8))])
    assert [each.code if isinstance(each, Refusal) else None for each in said] == [
        None,
        Code.REVOKED,
        Code.UNAUTHENTICATED,
        None,
        None,
    ]
    assert isinstance(said[0], HeartbeatAnswer) and said[0].places
    with office.database.read() as session:
        queued = [session.get_one(Terminal, one.id).queued for one in four]
    assert queued == [8, 0, 0, 7]
    office.database.close()


def test_the_ring_proves_only_by_a_key_it_has_seen_and_only_what_that_key_signed(tmp_path: Path) -> None:
    one, other = people(tmp_path, 2, 2)
    office = Office.open(Settings(tmp_path))
    ring = auth.Ring()
    mine = f"Bearer {token.make(one.id, one.key)}"
    assert ring.prove(mine) is None
    claim = ring.remember(auth.authenticate(office, mine))
    assert ring.prove(mine) == claim
    old = token.make(one.id, one.key, now=1e9)
    for wrong in (None, "", "Bearer", mine.replace("Bearer", "Basic"), f"Bearer {token.make(one.id, other.key)}"):
        assert ring.prove(wrong) is None
    for wrong in (mine[:-3], mine + "A", mine.replace(".", "", 1), f"Bearer {old}", "Bearer a.b.c", "Bearer ü.ü.ü"):
        assert ring.prove(wrong) is None
    office.database.close()


@pytest.mark.parametrize("extra", [{"crit": ["b64"], "b64": False}, {"alg": "EdDSA"}, {"alg": "none"}])
def test_a_token_with_another_algorithm_or_an_extension_is_none(extra: dict[str, object]) -> None:
    from wire import canon

    key = Ed25519PrivateKey.generate()
    head = canon.b64(canon.canonical({"alg": "Ed25519", "kid": "t", **extra}))
    body = token.make("t", key).split(".")[1]
    made = f"{head}.{body}.{canon.b64(key.sign(f'{head}.{body}'.encode()))}"
    with pytest.raises(token.TokenError):
        token.prove(made, key.public_key())


def test_many_at_once_are_each_answered(tmp_path: Path) -> None:
    import asyncio

    from gateway.beats import Beats

    many = people(tmp_path, 100, 100)
    office = Office.open(Settings(tmp_path))
    ring = auth.Ring()
    with ThreadPoolExecutor(1) as pool:
        tokens = [f"Bearer {token.make(one.id, one.key)}" for one in many]
        claims = list(pool.map(lambda word: ring.remember(auth.authenticate(office, word)), tokens))

    async def all_at_once() -> list[HeartbeatAnswer | BaseException]:
        beats = Beats(office)
        asked = [beats.take(changes.Told(claim, beat(n))) for n, claim in enumerate(claims)]
        return list(await asyncio.gather(*asked, return_exceptions=True))

    assert all(isinstance(each, HeartbeatAnswer) for each in asyncio.run(all_at_once()))
    with office.database.read() as session:
        assert [session.get_one(Terminal, one.id).queued for one in many] == list(range(100))
    office.database.close()
