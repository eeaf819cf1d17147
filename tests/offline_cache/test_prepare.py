"""What is done while the resident looks: a page sealed, an application packed; and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from offline_cache.api import Cache, CacheError, Completes
from tests.offline_cache.conftest import NIK, Opener, apply, everything, sync, until
from tests.offline_cache.office import Office

FORM = {"nik": NIK, "name": "SITI CONTOH"}
PAGE = b"\xff\xd8" + b"PLAINTEXT" * 400


def parts(folder: Path) -> set[str]:
    return {path.name for path in (folder / "data" / "parts").iterdir()}


def draft_of(cache: Cache, pages: int = 1) -> str:
    draft = cache.begin_draft()
    for page in range(pages):
        cache.keep_page(draft, "kk", page + 1, PAGE + bytes([page]), "image/jpeg")
    return draft


def prepare(cache: Cache, draft: str, **other: str) -> None:
    cache.prepare(draft, "KTP-HILANG", 1, "id", {**FORM, **other})


def submit(cache: Cache, draft: str) -> tuple[str, int]:
    done = cache.submit(draft, "KTP-HILANG", 1, "id", FORM)
    return done.submission_id, done.seq


def test_what_was_prepared_is_what_goes(cache: Cache, office: Office, tmp_path: Path) -> None:
    draft = draft_of(cache, pages=2)
    prepare(cache, draft)
    before = parts(tmp_path)
    assert len(before) == 3 and cache.queue().queued == 0 and cache.queue().last_seq == 0
    prepare(cache, draft)
    assert parts(tmp_path) == before  # once is enough
    sent, seq = submit(cache, draft)
    assert (parts(tmp_path), seq) == (before, 1)
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    form = office.open_form(sent)
    assert (form.nik, form.fields, office.open_pages(sent)) == (
        NIK,
        {"name": "SITI CONTOH"},
        [PAGE + b"\0", PAGE + b"\1"],
    )


def test_what_was_changed_since_goes_as_it_is_now(cache: Cache, office: Office, tmp_path: Path) -> None:
    draft = draft_of(cache)
    prepare(cache, draft, name="SITI SALAH")
    first = parts(tmp_path)
    prepare(cache, draft)  # the form was corrected
    assert len(parts(tmp_path)) == 2 and parts(tmp_path) != first
    cache.keep_page(draft, "kk", 1, PAGE + b"again", "image/jpeg")  # and a page taken anew
    sent, _ = submit(cache, draft)
    assert len(parts(tmp_path)) == 2
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert office.open_form(sent).fields == {"name": "SITI CONTOH"} and office.open_pages(sent) == [PAGE + b"again"]


def test_a_page_that_was_dropped_since_does_not_go(cache: Cache, office: Office, tmp_path: Path) -> None:
    draft = draft_of(cache, pages=2)
    prepare(cache, draft)
    cache.drop_page(draft, "kk", 2)
    sent, _ = submit(cache, draft)
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert office.open_pages(sent) == [PAGE + b"\0"]


def test_another_that_was_sent_first_takes_the_number(cache: Cache, office: Office, tmp_path: Path) -> None:
    draft = draft_of(cache)
    prepare(cache, draft)
    apply(cache)
    late = draft_of(cache)
    prepare(cache, draft)
    with_number_two, seq = submit(cache, late)
    assert seq == 2 and submit(cache, draft)[1] == 3
    assert len(parts(tmp_path)) == 6  # three forms, three pages: nothing that was prepared in vain
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert len(office.receipts) == 3 and with_number_two in office.receipts


def test_who_walks_away_leaves_nothing(cache: Cache, opener: Opener, tmp_path: Path) -> None:
    draft = draft_of(cache)
    prepare(cache, draft)
    cache.seal_ahead(draft, PAGE)
    cache.abandon(draft)
    assert parts(tmp_path) == set()
    prepare(cache, draft)  # too late
    assert parts(tmp_path) == set()
    again = draft_of(cache)
    prepare(cache, again)
    assert len(parts(tmp_path)) == 2
    cache.close()  # and a crash leaves no more than the start sweeps
    assert opener().queue().queued == 0 and parts(tmp_path) == set()


def test_what_does_not_fit_is_told_and_leaves_nothing(cache: Cache, tmp_path: Path) -> None:
    draft = cache.begin_draft()
    with pytest.raises(CacheError, match="cache_broken"):
        cache.prepare(draft, "KTP-HILANG", 1, "id", {"nik": NIK}, completes=Completes("0" * 36, "KMT-1-B"))
    with pytest.raises(CacheError, match="cache_broken"):
        cache.prepare(draft, "no such service", 1, "id", FORM)
    assert parts(tmp_path) == set()


def test_a_page_sealed_ahead_is_that_page(cache: Cache, office: Office, tmp_path: Path) -> None:
    draft, other = cache.begin_draft(), cache.begin_draft()
    first, second = PAGE + b"first", PAGE + b"second"
    cache.seal_ahead(draft, first)
    assert parts(tmp_path) == set() and b"PLAINTEXT" not in everything(tmp_path)
    cache.keep_page(draft, "kk", 1, second, "image/jpeg")  # the picture was taken anew
    cache.seal_ahead(draft, first)
    cache.keep_page(other, "kk", 1, first, "image/jpeg")
    cache.seal_ahead(draft, first)
    cache.keep_page(draft, "kk", 2, first, "image/jpeg")
    sent, _ = submit(cache, draft)
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert office.open_pages(sent) == [second, first]
