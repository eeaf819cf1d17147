"""After the receipt: the restored office, the purge, the feed. Tests are named by the ids of sync-notes §2."""

from __future__ import annotations

from pathlib import Path

import pytest

from offline_cache.api import Cache, CacheError
from offline_cache.settings import CacheSettings
from tests.offline_cache.conftest import NIK, Opener, apply, received, sync, until
from tests.offline_cache.office import Office
from wire import tag
from wire.change import Change, Reason
from wire.number import Number


def test_l12_office_restored_from_a_backup_gets_everything_again_once(cache: Cache, office: Office) -> None:
    office.next_s = 5
    numbers = [apply(cache) for _ in range(3)]
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    office.forget(above=1)
    until(lambda: sorted(office.numbers()) == sorted(numbers), 15)
    until(lambda: cache.queue().queued == 0)


def test_t3_t4_purge_leaves_no_file_and_a_failed_unlink_is_finished_later(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number))
    cache.close()
    parts = tmp_path / "data" / "parts"
    names = [path.name for path in parts.iterdir()]
    assert names, "nothing may go before its time"
    # A folder in a part's place cannot be unlinked, not even by root.
    (parts / names[0]).unlink()
    (parts / names[0]).mkdir()
    settings = CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1, purge_days=0)
    cache = opener(settings)
    sync(cache)
    until(lambda: [path.name for path in parts.iterdir()] == names[:1])
    cache.close()
    (parts / names[0]).rmdir()
    cache = opener(settings)
    sync(cache)
    until(lambda: cache.line().online)
    assert list(parts.iterdir()) == []
    assert cache.lookup(number, NIK).trail is not None, "the tombstone stays"


def test_disk_pressure_removes_what_the_office_has_before_new_work_is_refused(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number))
    cache.close()
    cache = opener(CacheSettings(disk_reserve=1 << 60))
    with pytest.raises(CacheError, match="disk_full"):
        apply(cache)
    assert list((tmp_path / "data" / "parts").iterdir()) == []


def change(cursor: int, number: str, tag: str, state: str, *reasons: tuple[str, str]) -> Change:
    return Change(
        cursor=cursor,
        submission_id=f"foreign-{number}",
        number=number,
        service="KTP-HILANG",
        tag=tag,
        state=state,
        reasons=tuple(Reason(code=code, paper=paper) for code, paper in reasons),
        at="2026-11-24T01:02:03+00:00",
    )


def test_t1_t2_feed_moves_own_and_foreign_applications_page_by_page(cache: Cache, office: Office) -> None:
    number, foreign = apply(cache), str(Number("ABC", 7))
    mine = tag.make(number, NIK, office.status_key)
    other = tag.make(foreign, NIK, office.status_key)
    office.changes = [
        change(1, number, mine, "received"),
        change(2, "what is this", "é" * 43, "no-such-state"),
        change(3, number, mine, "in_review"),
        change(4, foreign, other, "ready"),
        change(5, number, mine, "needs_correction", ("cut_off", "kk")),
        change(6, str(Number("ABC", 8)), tag.make(str(Number("ABC", 8)), NIK, office.status_key), "from the future"),
    ]
    moved: list[int] = []
    cache.start_sync(tuple, lambda: moved.append(1))
    until(lambda: (t := cache.lookup(foreign, NIK).trail) is not None and t.state == "ready")
    until(lambda: (t := cache.lookup(number, NIK).trail) is not None and t.state == "needs_correction")
    trail = cache.lookup(number, NIK).trail
    assert trail is not None and trail.reasons == (("cut_off", "kk"),) and trail.here
    until(lambda: cache.lookup(str(Number("ABC", 8)), NIK).result == "found")
    future = cache.lookup(str(Number("ABC", 8)), NIK).trail
    assert future is not None and future.state == "in_review" and not future.here
    assert moved
