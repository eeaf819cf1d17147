"""Rows of sync-notes §2 that the terminal's own tests lack. At full size: tests.proof.rows."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from offline_cache.api import Cache, CacheError
from offline_cache.tables import Delivery
from tests.offline_cache.conftest import NIK, Opener, apply, received, sync, until
from tests.offline_cache.office import Office, Reset, Say
from tests.proof import rows
from tests.proof.look import look
from tests.proof.recording import ROOT


@pytest.fixture
def cheap() -> Iterator[None]:
    """Tags that cost little."""
    with rows.cheap_tags():
        yield


def test_l4_fifty_pages_kept_as_fast_as_the_disk_allows_are_all_at_the_office(cache: Cache, office: Office) -> None:
    drafts = [cache.begin_draft() for _ in range(3)]
    wanted = {n: b"\xff\xd8 page %d" % n for n in range(50)}

    def keep(page: int) -> None:
        cache.keep_page(drafts[page % 3], "kk", page, wanted[page], "image/jpeg")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, wanted))
    done = [cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}) for draft in drafts]
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    arrived = [page for one in done for page in office.open_pages(one.submission_id)]
    assert sorted(arrived) == sorted(wanted.values())


@pytest.mark.slow
def test_l8_every_press_is_a_receipt_and_one_record_over_a_line_that_is_cut(tmp_path: Path) -> None:
    assert rows.cut_at_random(30, tmp_path, 20261124) == []


@pytest.mark.slow
def test_l9_nothing_is_in_clear_after_a_kill_at_any_call_of_seal(tmp_path: Path) -> None:
    wrong, places = rows.killed_while_sealing(23, tmp_path)
    assert wrong == [] and places > 15


def test_l13_pages_equal_in_size_and_in_their_first_64_kib_are_not_taken_for_each_other(
    cache: Cache, office: Office
) -> None:
    begin = b"\xff\xd8" + b"x" * 70_000
    draft = cache.begin_draft()
    for page, end in ((1, b"ONE"), (2, b"TWO")):
        cache.keep_page(draft, "kk", page, begin + end, "image/jpeg")
    done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
    cuts: list[str] = []

    def cut(method: str, path: str) -> Say | None:
        if method == "PATCH" and len(cuts) < 3:  # each page is resumed
            cuts.append(path)
            raise Reset
        return None

    office.after = cut
    sync(cache)
    until(lambda: received(cache, office, done.number))
    assert office.open_pages(done.submission_id) == [begin + b"ONE", begin + b"TWO"]


@pytest.mark.slow
def test_l14_a_disk_that_is_full_at_any_of_20_levels_keeps_whole_ones_or_says_so() -> None:
    with rows.small_disk(4 << 20) as disk:
        if disk is None:
            pytest.skip("this user may not mount a small disk; the next test limits the files instead")
        wrong, refused = rows.full_at_every_level(disk)
    assert wrong == [] and 0 < refused < rows.LEVELS


def test_l14_a_file_that_may_not_grow_is_refused_and_nothing_is_half(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    done, before = [apply(cache)], resource.getrlimit(resource.RLIMIT_FSIZE)
    for level in range(0, 200_000, 10_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (level, before[1]))
        try:
            done.append(apply(cache, size=15_000))
        except CacheError as error:
            assert error.code in ("disk_full", "cache_broken")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert cache.queue().queued == len(done)
    cache.close()
    opener().close()
    assert look(tmp_path / "data").faults() == []


def test_d4_the_id_is_made_before_the_first_write(cache: Cache, tmp_path: Path) -> None:
    files = sorted(tmp_path.rglob("*"))
    first, second = cache.begin_draft(), cache.begin_draft()
    assert first != second and sorted(tmp_path.rglob("*")) == files
    done = cache.submit(first, "KTP-HILANG", 1, "id", {"nik": NIK})
    assert cache.submit(first, "KTP-HILANG", 1, "id", {"nik": NIK}) == done
    with pytest.raises(CacheError):
        cache.submit("no draft of ours", "KTP-HILANG", 1, "id", {"nik": NIK})


def test_s2_there_is_no_sending_on_the_disk(cache: Cache, opener: Opener, office: Office, tmp_path: Path) -> None:
    assert {state.value for state in Delivery} == {"queued", "quarantined", "received", "purging", "purged"}
    apply(cache, size=200_000)
    copies: list[Path] = []

    def trick(method: str, path: str) -> Say | None:
        if method in ("PUT", "PATCH") and len(copies) < 6:
            copies.append(tmp_path / f"at-{len(copies)}")
            shutil.copytree(tmp_path / "data", copies[-1], ignore=shutil.ignore_patterns("*-shm"))
        return None

    office.trick = trick
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert len(copies) >= 3
    for copy in copies:
        again = opener(folder=copy.name)
        assert again.queue().queued == 1
        again.close()
        assert {row.state for row in look(copy).rows.values()} == {"queued"}


@pytest.mark.usefixtures("cheap")
def test_s4_one_made_at_any_point_of_a_running_cycle_is_sent(cache: Cache, office: Office) -> None:
    made: list[str] = [apply(cache, size=90_000)]

    def trick(method: str, path: str) -> Say | None:
        if len(made) < 15:
            made.append(apply(cache, size=10))
        return None

    office.trick = office.after = trick
    sync(cache)
    until(lambda: len(made) == 15 and cache.queue().queued == 0, 20)
    assert sorted(office.numbers()) == sorted(made)


@pytest.mark.slow
def test_s6_all_that_wait_go_in_one_cycle(tmp_path: Path) -> None:
    assert rows.one_cycle(40, tmp_path) == []


def test_s7_the_end_of_a_visit_never_touches_the_queue(cache: Cache, office: Office, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8first", "image/jpeg")
    done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
    kept = sorted(path.name for path in (tmp_path / "data" / "parts").iterdir())
    other = cache.begin_draft()
    cache.keep_page(other, "kk", 1, b"\xff\xd8second", "image/jpeg")
    for ended in (draft, other, draft):  # the visit is reset, and the next one's too
        cache.abandon(ended)
        cache.drop_page(ended, "kk", 1)
    cache.settle(done.number)
    assert sorted(path.name for path in (tmp_path / "data" / "parts").iterdir()) == kept
    sync(cache)
    until(lambda: received(cache, office, done.number))
    assert office.open_pages(done.submission_id) == [b"\xff\xd8first"]


_PRESS = """
import os, signal, sys
from pathlib import Path
from offline_cache import outbox
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
cache = open_cache(Path(sys.argv[1]), version="test", settings=CacheSettings(disk_reserve=1))
submit = outbox.Outbox.submit
def then_die(*words):
    submit(*words)
    os.kill(os.getpid(), signal.SIGKILL)  # it is committed, and nobody was told
outbox.Outbox.submit = then_die
draft = cache.begin_draft()
cache.keep_page(draft, "kk", 1, b"page", "image/jpeg")
cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": "3279012304850007"})
"""


def test_t8_a_press_that_was_committed_and_never_answered_is_shown_after_the_restart(
    opener: Opener, office: Office, tmp_path: Path
) -> None:
    cache = opener()
    cache.enrol(office.code())
    before = apply(cache)
    cache.close()
    died = subprocess.run([sys.executable, "-c", _PRESS, str(tmp_path / "data")], cwd=ROOT, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    cache = opener()
    shown = cache.last_shown()
    assert shown is not None and shown[0] != before and cache.queue().last_seq == 2
    sync(cache)
    until(lambda: received(cache, office, shown[0]))
