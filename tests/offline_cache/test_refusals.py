"""The office says no: kept, listed, out of the way, and tried again when it was mended. Ids of sync-notes §2."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from offline_cache.api import Cache, CacheError
from tests.offline_cache.conftest import NIK, Opener, apply, received, sync, until
from tests.offline_cache.office import JSON, Office, Reset, Say, no
from wire.problem import Code


@pytest.mark.parametrize("code", [Code.CONFLICT, Code.TOO_LARGE, Code.MALFORMED])
def test_l6_s3_refused_one_is_kept_listed_and_blocks_nobody(opener: Opener, office: Office, code: Code) -> None:
    cache = opener()
    cache.enrol(office.code())
    first = apply(cache)
    poison: list[str] = []
    mended = False

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT":
            poison.append(path)
            if path == poison[0] and not mended:
                return no(code)
        return None

    office.trick = trick
    sync(cache)
    until(lambda: cache.queue().quarantined == 1)
    others = [apply(cache) for _ in range(5)]
    until(lambda: cache.queue().queued == 0)
    assert sorted(office.numbers()) == sorted(others)
    assert cache.lookup(first, NIK).result == "found"
    mended = True
    cache.close()
    cache = opener()
    assert cache.queue().quarantined == 1
    assert cache.release_quarantined() == 1
    sync(cache)
    until(lambda: received(cache, office, first))


def poisoned(say: Callable[[], Say]) -> Callable[[str, str], Say | None]:
    """Answers so to the first submission that is announced, each time, and to no other."""
    poison: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT":
            poison.append(path)
            if path == poison[0]:
                return say()
        return None

    return trick


def test_s3_one_that_always_breaks_the_office_blocks_nobody(cache: Cache, office: Office) -> None:
    first = apply(cache)
    others = [apply(cache) for _ in range(10)]
    office.trick = poisoned(lambda: no(Code.BROKEN))
    sync(cache)
    until(lambda: cache.queue().queued == 1)
    assert sorted(office.numbers()) == sorted(others)
    office.trick = lambda method, path: None
    until(lambda: received(cache, office, first))


def test_l6_unknown_terminal_waits_and_loses_nothing(cache: Cache, office: Office) -> None:
    number = apply(cache)
    office.trick = lambda method, path: no(Code.UNAUTHENTICATED) if path != "/v1/time" else None
    sync(cache)
    until(lambda: cache.line().reason == "refused")
    time.sleep(0.3)
    assert (cache.queue().queued, cache.queue().quarantined) == (1, 0)
    office.trick = lambda method, path: None
    until(lambda: received(cache, office, number))
    until(lambda: cache.line().online)


def test_damaged_part_is_kept_and_shown_not_sent(cache: Cache, office: Office, tmp_path: Path) -> None:
    apply(cache)
    for path in (tmp_path / "data" / "parts").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    sync(cache)
    until(lambda: cache.queue().quarantined == 1)
    assert office.receipts == {}
    assert apply(cache)
    until(lambda: len(office.receipts) == 1)


def test_revoked_terminal_sends_nothing_and_takes_nothing_also_after_a_restart(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    apply(cache)
    office.trick = lambda method, path: no(Code.REVOKED)
    sync(cache)
    until(lambda: (me := cache.identity()) is not None and me.revoked)
    until(lambda: cache.line().reason == "refused")
    with pytest.raises(CacheError, match="revoked"):
        apply(cache)
    cache.close()
    office.trick = lambda method, path: None
    cache = opener()
    calls = len(office.calls)
    sync(cache)
    time.sleep(0.5)
    assert len(office.calls) == calls and cache.queue().queued == 1


def test_busy_office_is_given_the_time_it_asks_for(cache: Cache, office: Office) -> None:
    number = apply(cache)
    asked: list[float] = []

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT":
            asked.append(time.monotonic())
            if len(asked) == 1:
                return no(Code.FULL, retry_after=1)
        return None

    office.trick = trick
    sync(cache)
    until(lambda: received(cache, office, number))
    assert asked[1] - asked[0] >= 1


def test_an_office_with_enough_announcements_still_gets_their_parts(cache: Cache, office: Office) -> None:
    first, others = apply(cache), [apply(cache) for _ in range(3)]
    known: set[str] = set()

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT" and path not in known:
            if len(known) > len(office.numbers()):  # one is announced and not here
                return no(Code.BUSY, retry_after=1)
            known.add(path)
        return None

    office.trick = trick
    sync(cache)
    until(lambda: received(cache, office, first), 5)
    until(lambda: cache.queue().queued == 0, 20)
    assert sorted(office.numbers()) == sorted([first, *others])


POISON = {
    "reset": lambda: reset(),
    "html": lambda: Say(500, b"<h1>Oops</h1>", "text/html"),
    "413": lambda: Say(413, b"<h1>Request entity too large</h1>", "text/html"),
    "422": lambda: Say(422, b"{}", JSON),
}


def reset() -> Say:
    raise Reset


@pytest.mark.parametrize("kind", list(POISON))
def test_s3_one_that_always_breaks_the_line_blocks_nobody(cache: Cache, office: Office, kind: str) -> None:
    """A proxy that chokes on one submission looks like a line that is down: the others go between its tries."""
    first = apply(cache)
    others = [apply(cache) for _ in range(8)]
    office.trick = poisoned(POISON[kind])
    sync(cache)
    until(lambda: cache.queue().queued == 1)
    assert sorted(office.numbers()) == sorted(others)
    office.trick = lambda method, path: None
    until(lambda: received(cache, office, first))
