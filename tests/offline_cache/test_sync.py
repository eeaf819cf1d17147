"""The queue on its way: parts, offsets, order, receipts, over real HTTP. Ids of sync-notes §2."""

from __future__ import annotations

from pathlib import Path

import pytest

from offline_cache.api import Cache
from tests.offline_cache.conftest import NIK, apply, received, sync, until
from tests.offline_cache.office import Office, Reset, Say
from wire import canon, manifest


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
    cache.keep_page(draft, "kk", 1, b"\xff\xd8" + b"x" * 2_500_000, "image/jpeg")
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
