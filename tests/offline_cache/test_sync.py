"""The way to the office, over real HTTP. Tests are named by the ids of sync-notes §2."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from offline_cache.api import Cache, CacheError
from offline_cache.settings import CacheSettings
from tests.offline_cache.conftest import NIK, Opener, apply, received, sync, until
from tests.offline_cache.office import JSON, Office, Reset, Say, no
from wire import canon, manifest
from wire.problem import Code

HTML = "text/html"


def forged(office: Office, kind: str) -> Say:
    """A receipt that must not be believed."""
    body = next(iter(office.manifests.values()))
    read = manifest.unproved(body)[1]
    if kind == "signature":
        envelope = office.sign_receipt(read, body)
        envelope = envelope[:-20] + (b"A" if envelope[-20:-19] != b"A" else b"B") + envelope[-19:]
    elif kind == "manifest":
        envelope = office.sign_receipt(read, body, manifest_sha256="0" * 64)
    else:
        envelope = office.sign_receipt(read, body, submission_id="0192f0c4-0000-7000-8000-000000000000")
    return Say(200, canon.canonical({"state": "received", "receipt": canon.b64(envelope)}))


ANSWERS = {
    "reset": lambda: Reset(),
    "200": lambda: Say(200, b"{}"),
    "200 empty": lambda: Say(200),
    "204": lambda: Say(204),
    "302": lambda: Say(302, b"", HTML, {"Location": "http://127.0.0.1:1/login"}),
    "404 html": lambda: Say(404, b"<h1>Not found</h1>", HTML),
    "413 html": lambda: Say(413, b"<h1>Too large</h1>", HTML),
    "500 html": lambda: Say(500, b"oops", HTML),
    "problem of others": lambda: Say(
        409, b'{"type":"about:blank","title":"x","status":409}', "application/problem+json"
    ),
    "portal": lambda: Say(200, b"<html>Log in to Wi-Fi</html>", HTML),
    "json cut": lambda: Say(200, b'{"state":"received","rec', JSON),
    "body cut": lambda: Say(200, b'{"state":"awai', JSON, length=400),
    "no receipt": lambda: Say(200, b'{"state":"received"}', JSON),
    "problem as json": lambda: Say(422, no(Code.MALFORMED).body, JSON),
}


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_l1_what_is_no_receipt_leaves_it_queued(cache: Cache, office: Office, kind: str) -> None:
    number = apply(cache)
    lie = True

    def trick(method: str, path: str) -> Say | None:
        if lie and method in ("PUT", "PATCH"):
            answer = ANSWERS[kind]()
            if isinstance(answer, Reset):
                raise answer
            return answer
        return None

    office.trick = trick
    sync(cache)
    until(lambda: sum(method in ("PUT", "PATCH") for method, _ in office.calls) >= 2)
    assert (cache.queue().queued, cache.queue().quarantined) == (1, 0)
    lie = False
    until(lambda: received(cache, office, number))


@pytest.mark.parametrize("kind", ["signature", "manifest", "submission"])
def test_l1_receipt_that_does_not_hold_leaves_it_queued(cache: Cache, office: Office, kind: str) -> None:
    number = apply(cache)
    lies: list[str] = []

    def after(method: str, path: str) -> Say | None:
        if method == "PUT" and office.receipts and len(lies) < 3:
            lies.append(path)
            assert cache.queue().queued == 1
            return forged(office, kind)
        return None

    office.after = after
    sync(cache)
    until(lambda: received(cache, office, number))
    assert len(lies) == 3


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


def test_s3_one_that_always_breaks_the_office_blocks_nobody(cache: Cache, office: Office) -> None:
    first = apply(cache)
    others = [apply(cache) for _ in range(10)]
    poison: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        if method == "PUT":
            poison.append(path)
            if path == poison[0]:
                return no(Code.BROKEN)
        return None

    office.trick = trick
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


def test_l5_identical_pages_arrive_both(cache: Cache, office: Office) -> None:
    draft = cache.begin_draft()
    for page in (1, 2):
        cache.keep_page(draft, "kk", page, b"same" * 999, "image/jpeg")
    number = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK, "name": "É \u200f\u0301 🙂"}).number
    sync(cache)
    until(lambda: received(cache, office, number))
    (submission_id,) = office.receipts
    assert office.open_pages(submission_id) == [b"same" * 999] * 2
    form = office.open_form(submission_id)
    assert (form.nik, form.number, form.fields["name"]) == (NIK, number, "É \u200f\u0301 🙂")


def test_l2_part_that_vanished_at_the_office_is_sent_again(cache: Cache, office: Office) -> None:
    number = apply(cache, pages=2)
    lost: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        whole = [name for name, part in office.parts.items() if len(part) == office.part_size(name)]
        if method == "PUT" and len(whole) == 3 and not lost:
            lost.append(whole[0])
            office.parts[whole[0]] = bytearray()
        return None

    office.trick = trick
    sync(cache)
    until(lambda: received(cache, office, number))
    assert lost


def test_d2_answer_lost_ten_times_is_one_submission(cache: Cache, office: Office) -> None:
    number = apply(cache)
    lost: list[str] = []

    def after(method: str, path: str) -> Say | None:
        if method == "PUT" and office.receipts and len(lost) < 10:
            lost.append(path)
            raise Reset
        return None

    office.after = after
    sync(cache)
    until(lambda: received(cache, office, number), 20)
    assert len(lost) == 10 and office.numbers() == [number]


def test_d7_withdrawn_at_the_office_is_final(cache: Cache, office: Office) -> None:
    apply(cache)

    def after(method: str, path: str) -> Say | None:
        if method == "PUT":
            body = next(iter(office.manifests.values()))
            read = manifest.unproved(body)[1]
            envelope = office.sign_receipt(read, body, withdrawn=True)
            return Say(200, canon.canonical({"state": "received", "receipt": canon.b64(envelope)}))
        return None

    office.after = after
    sync(cache)
    until(lambda: cache.queue().queued == 0)


@pytest.mark.parametrize("jump", [-2000, 0, 1000])
def test_s9_offset_is_followed_up_and_down(cache: Cache, office: Office, jump: int) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8" + b"x" * 300_000, "image/jpeg")
    number = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}).number
    disk = {path.name: path.read_bytes() for path in Path(str(cache._data)).joinpath("parts").iterdir()}  # pyright: ignore[reportAttributeAccessIssue]  # the folder of the fixture
    jumped: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        name = path.rsplit("/", 1)[-1]
        part = office.parts.get(name)
        if method == "PATCH" and part and len(part) > 60_000 and not jumped:
            jumped.append(name)
            office.parts[name] = bytearray(disk[name][: len(part) + jump])
        return None

    office.trick = trick
    sync(cache)
    until(lambda: received(cache, office, number))
    assert jumped


def test_wrong_hash_is_sent_again_from_the_start(cache: Cache, office: Office) -> None:
    number = apply(cache)
    flipped: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        name = path.rsplit("/", 1)[-1]
        if method == "PATCH" and not flipped:
            flipped.append(name)
            office.parts[name] = bytearray(b"garbage")
        return None

    office.trick = trick
    sync(cache)
    until(lambda: received(cache, office, number))


def test_damaged_part_is_kept_and_shown_not_sent(cache: Cache, office: Office, tmp_path: Path) -> None:
    apply(cache)
    for path in (tmp_path / "data" / "parts").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    sync(cache)
    until(lambda: cache.queue().quarantined == 1)
    assert office.receipts == {}
    assert apply(cache)
    until(lambda: len(office.receipts) == 1)


def test_s6_s4_many_queued_while_it_runs_are_all_sent(cache: Cache, office: Office) -> None:
    sync(cache)
    numbers = [apply(cache, size=10) for _ in range(15)]
    until(lambda: cache.queue().queued == 0)
    assert sorted(office.numbers()) == sorted(numbers)


def test_manifests_go_before_parts(cache: Cache, office: Office) -> None:
    for _ in range(3):
        apply(cache)
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    methods = [method for method, path in office.calls if "/v1/enrol" not in path]
    assert methods[:4] == ["POST", "PUT", "PUT", "PUT"]


def test_s5_office_that_was_away_is_found_again(opener: Opener, office: Office) -> None:
    cache = opener(CacheSettings(retry_cap_s=300, probe_cap_s=0.2, disk_reserve=1))
    cache.enrol(office.code())
    office.trick = lambda method, path: Say(502, b"<h1>Bad gateway</h1>", HTML)
    numbers = [apply(cache) for _ in range(3)]
    sync(cache)
    until(lambda: not cache.line().online and cache.line().reason == "portal")
    time.sleep(1)
    assert not any(method == "PATCH" for method, _ in office.calls)
    office.trick = lambda method, path: None
    until(lambda: cache.queue().queued == 0, 3)
    assert cache.line().online and sorted(office.numbers()) == sorted(numbers)


def test_line_keeps_up_over_a_single_cut(cache: Cache, office: Office) -> None:
    sync(cache)
    until(lambda: cache.line().online)
    seen: list[bool] = []
    cuts: list[str] = []

    def trick(method: str, path: str) -> Say | None:
        seen.append(cache.line().online)
        if method == "PUT" and not cuts:
            cuts.append(path)
            raise Reset
        return None

    office.trick = trick
    number = apply(cache)
    until(lambda: received(cache, office, number))
    assert cuts and all(seen)


def test_gateway_that_is_gone_is_named_so(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    office.close()
    sync(cache)
    until(lambda: cache.line().reason == "no_gateway")


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365 * 50])
def test_t7_clock_that_is_wrong_refuses_nothing(cache: Cache, office: Office, hours: int) -> None:
    office.clock_s = hours * 3600
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number))
    assert cache.line().online


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
