"""Pages and submissions on a real disk: what is kept, what is wiped, what is refused."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from offline_cache.api import Cache, CacheError
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.offline_cache.conftest import NIK, QUICK, Opener, apply, everything
from tests.offline_cache.office import Office
from wire import manifest


def parts(folder: Path) -> list[Path]:
    return list((folder / "data" / "parts").iterdir())


def test_kept_page_is_sealed_and_replaced_and_private(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"PLAINTEXT" * 100, "image/jpeg")
    first = parts(tmp_path)
    cache.keep_page(draft, "kk", 1, b"PLAINTEXT" * 200, "image/jpeg")
    assert len(parts(tmp_path)) == 1 and parts(tmp_path) != first
    assert parts(tmp_path)[0].read_bytes().startswith(b"age-encryption.org/v1\n")
    assert b"PLAINTEXT" not in everything(tmp_path)
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or path.suffix in (".db-shm", ".db-wal", ".db")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_dropped_page_is_gone_and_does_not_go(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"x", "image/jpeg")
    cache.keep_page(draft, "police", 1, b"y", "image/jpeg")
    for _ in range(2):
        cache.drop_page(draft, "police", 1)
        assert len(parts(tmp_path)) == 1
    done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
    assert done.parts == 2  # the form and one page
    cache.drop_page(draft, "kk", 1)
    assert len(parts(tmp_path)) == 2


def test_abandoned_draft_leaves_nothing_and_takes_nothing(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"x", "image/jpeg")
    cache.abandon(draft)
    assert parts(tmp_path) == []
    with pytest.raises(CacheError):
        cache.keep_page(draft, "kk", 1, b"x", "image/jpeg")
    assert parts(tmp_path) == []


def test_open_wipes_drafts_orphans_and_temporary_files_and_keeps_the_queue(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache, pages=2)
    cache.keep_page(cache.begin_draft(), "kk", 1, b"x", "image/jpeg")
    (tmp_path / "data" / "parts" / ".tmp-0123").write_bytes(b"half")
    (tmp_path / "data" / "parts" / ("0" * 64)).write_bytes(b"orphan")
    assert len(parts(tmp_path)) == 6
    cache.close()
    again = opener()
    assert len(parts(tmp_path)) == 3
    assert again.queue().queued == 1 and again.lookup(number, NIK).result == "found"


def test_submitted_draft_answers_the_same_again_and_is_not_abandoned(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"x", "image/jpeg")
    done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
    assert cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}) == done
    cache.abandon(draft)
    assert len(parts(tmp_path)) == 2 == done.parts
    assert done.bytes == sum(path.stat().st_size for path in parts(tmp_path))


def test_l4_pages_kept_at_once_are_all_there(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: cache.keep_page(draft, "kk", n, b"page %d" % n, "image/jpeg"), range(19)))
    assert cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}).parts == 20
    with pytest.raises(CacheError):
        cache.keep_page(draft, "kk", 19, b"more", "image/jpeg")


def test_twentieth_page_is_refused_and_nothing_is_lost(cache: Cache) -> None:
    draft = cache.begin_draft()
    for page in range(19):
        cache.keep_page(draft, "kk", page, b"x", "image/jpeg")
    with pytest.raises(CacheError):
        cache.keep_page(draft, "kk", 50, b"x", "image/jpeg")
    assert cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}).parts == 20


def test_sequences_have_no_gap_and_manifests_hang_together(cache: Cache, office: Office) -> None:
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: apply(cache), range(8)))
    assert sorted(int(number.split("-")[1]) for number in numbers) == list(range(1, 9))
    cache.start_sync(tuple, lambda: None)
    while cache.queue().queued:
        pass
    chain = sorted((manifest.unproved(body)[1].seq, body) for body in office.manifests.values())
    before = ""
    for _, body in chain:
        assert manifest.unproved(body)[1].prev == before
        before = manifest.digest(body)


def test_number_is_shown_until_it_is_settled_also_after_a_restart(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    assert cache.last_shown() is None
    number = apply(cache)
    cache.close()
    cache = opener()
    shown = cache.last_shown()
    assert shown is not None and shown[0] == number and 0 <= shown[1] < 20
    cache.settle(number)
    assert cache.last_shown() is None


def test_l14_full_disk_is_refused_and_the_draft_stays(opener: Opener, office: Office, tmp_path: Path) -> None:
    cache = opener()
    cache.enrol(office.code())
    apply(cache)
    cache.close()
    cache = opener(CacheSettings(disk_reserve=1 << 60))
    assert cache.queue().full
    draft = cache.begin_draft()
    with pytest.raises(CacheError, match="disk_full"):
        cache.keep_page(draft, "kk", 1, b"x", "image/jpeg")
    with pytest.raises(CacheError, match="disk_full"):
        cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
    assert cache.queue().queued == 1 and len(parts(tmp_path)) == 2


def test_l10_what_is_no_application_gets_no_number(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"x", "image/jpeg")
    for service, language, nik in (
        ("no service!", "id", NIK),
        ("KTP-HILANG", "??", NIK),
        ("KTP-HILANG", "id", "1" * 99),
    ):
        with pytest.raises(CacheError):
            cache.submit(draft, service, 1, language, {"nik": nik})
    assert len(parts(tmp_path)) == 1, "the sealed form of a refused call was left"
    assert cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}).seq == 1


def test_before_enrolment_nothing_is_taken(opener: Opener) -> None:
    cache = opener()
    assert cache.identity() is None and cache.queue().last_seq == 0
    assert cache.line().reason == "not_enrolled"
    with pytest.raises(CacheError, match="not_enrolled"):
        cache.keep_page(cache.begin_draft(), "kk", 1, b"x", "image/jpeg")


def test_d5_second_process_is_turned_away(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="another process"):
        open_cache(tmp_path / "data", version="test", settings=QUICK)
    status = subprocess.run(
        [sys.executable, "-m", "offline_cache", "status", "--data", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert status.returncode == 1 and "another process" in status.stderr


def test_status_command_says_what_waits(cache: Cache, tmp_path: Path) -> None:
    apply(cache)
    cache.close()
    words = [sys.executable, "-m", "offline_cache", "status", "--json", "--data", str(tmp_path / "data")]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert '"queued": 1' in found and '"code": "KMT"' in found and NIK not in found
