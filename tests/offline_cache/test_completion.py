"""Papers that come later: how a completion is sealed and queued, and what "Cek status" then says."""

from __future__ import annotations

import pytest

from offline_cache.api import Cache, CacheError, Completes, Submitted, Trail
from tests.offline_cache.conftest import NIK, QUICK, Opener, received, sync, until
from tests.offline_cache.office import Office, no
from wire import manifest, tag
from wire.change import Change, Reason
from wire.number import Number
from wire.problem import Code

FOREIGN = "018f0000-0000-7000-8000-000000000001"


def send(cache: Cache, *papers: str, missing: tuple[str, ...] = (), completes: Completes | None = None) -> Submitted:
    draft = cache.begin_draft()
    for paper in papers:
        cache.keep_page(draft, paper, 1, b"\xff\xd8" + paper.encode(), "image/jpeg")
    form = {"nik": NIK, "name": "SITI CONTOH"}
    answers = {"reason": "lost"}
    return cache.submit(draft, "KTP-HILANG", 1, "id", form, answers=answers, missing=missing, completes=completes)


def trail(cache: Cache, number: str) -> Trail:
    found = cache.lookup(number, NIK).trail
    assert found is not None
    return found


def row(
    office: Office,
    cursor: int,
    number: str,
    submission: str,
    state: str,
    *,
    first: str = "",
    missing: tuple[str, ...] = (),
    reasons: tuple[Reason, ...] = (),
) -> Change:
    second_fact = tag.make(number, NIK, office.status_key)
    return Change(
        cursor=cursor,
        submission_id=submission,
        number=number,
        service="KTP-HILANG",
        tag=second_fact,
        state=state,
        reasons=reasons,
        first=first,
        missing=missing,
        at="2026-11-24T01:02:03+00:00",
    )


def hear(cache: Cache, office: Office, *rows: Change) -> None:
    """The office says this from now on, and the terminal has heard it."""
    office.changes = [*office.changes, *rows]

    def heard() -> bool:
        cache.sync_now()
        return bool(office.beats) and office.beats[-1].cursor == rows[-1].cursor

    until(heard)


def test_the_manifest_names_what_is_missing_and_the_sealed_form_holds_the_answers(cache: Cache, office: Office) -> None:
    done = send(cache, "kk", missing=("police",))
    assert trail(cache, done.number).missing == ("police",)
    sync(cache)
    until(lambda: received(cache, office, done.number))
    read = manifest.unproved(office.manifests[done.submission_id])[1]
    assert (read.missing, read.corrects) == (("police",), None)
    form = office.open_form(done.submission_id)
    assert (form.answers, form.fields) == ({"reason": "lost"}, {"name": "SITI CONTOH"})


def test_a_completion_has_its_own_place_in_the_chain_and_the_first_ones_number_and_tag(
    cache: Cache, office: Office
) -> None:
    first = send(cache, "kk", missing=("police", "photo"))
    draft = cache.begin_draft()
    cache.keep_page(draft, "police", 1, b"\xff\xd8x", "image/jpeg")
    completes = Completes(first.submission_id, first.number)
    words = (draft, "KTP-HILANG", 1, "id", {"nik": NIK, "name": "X"})
    done = cache.submit(*words, answers={"a": "b"}, missing=("photo",), completes=completes)
    assert cache.submit(*words) == done, "a second call with the same draft returns the first answer"
    assert (done.number, done.seq) == (first.number, 2) and done.submission_id != first.submission_id
    assert cache.last_shown() is not None
    cache.settle(first.number)
    assert cache.last_shown() is None
    after = send(cache, "kk")
    assert after.number == str(Number("KMT", 3)), "the completion's sequence is used up"
    sync(cache)
    until(lambda: len(office.numbers()) == 3 and not cache.queue().queued)
    bodies = [office.manifests[one.submission_id] for one in (first, done, after)]
    reads = [manifest.unproved(body)[1] for body in bodies]
    assert [read.seq for read in reads] == [1, 2, 3]
    assert [read.prev for read in reads] == ["", *map(manifest.digest, bodies[:2])]
    assert reads[1].corrects == first.submission_id and reads[1].tag == reads[0].tag
    assert reads[1].missing == ("photo",)
    form = office.open_form(done.submission_id)
    assert (form.nik, form.fields, form.answers) == (NIK, {}, {})


@pytest.mark.parametrize(
    ("papers", "first", "number"),
    [((), FOREIGN, "ok"), (("kk",), "no id", "ok"), (("kk",), FOREIGN, "nonsense"), (("kk",), FOREIGN, "kmt17c")],
)
def test_what_completes_nothing_is_refused_and_the_draft_stays(
    cache: Cache, papers: tuple[str, ...], first: str, number: str
) -> None:
    number = str(Number("ABC", 7)) if number == "ok" else number
    with pytest.raises(CacheError, match="cache_broken"):
        send(cache, *papers, completes=Completes(first, number))
    assert cache.queue().queued == 0
    assert send(cache, "kk").seq == 1


def test_both_still_here_the_completion_speaks(cache: Cache, opener: Opener) -> None:
    first = send(cache, "kk", missing=("police", "photo"))
    send(cache, "photo", missing=("police",), completes=Completes(first.submission_id, first.number))
    found = trail(cache, first.number)
    assert (found.state, found.missing, found.first) == ("queued", ("police",), first.submission_id)
    send(cache, "police", completes=Completes(found.first, first.number))
    cache.close()
    found = trail(opener(), first.number)
    assert (found.state, found.missing, found.first, found.here) == ("queued", (), first.submission_id, True)


def test_what_was_brought_is_not_asked_for_again_by_an_older_word_of_the_office(cache: Cache, office: Office) -> None:
    first = send(cache, "kk", missing=("police",))
    sync(cache)
    until(lambda: received(cache, office, first.number))
    hear(cache, office, row(office, 1, first.number, first.submission_id, "received", missing=("police",)))
    assert (trail(cache, first.number).state, trail(cache, first.number).missing) == ("received", ("police",))
    office.trick = lambda method, path: no(Code.BUSY, retry_after=0) if "/submissions/" in path else None
    done = send(cache, "police", completes=Completes(first.submission_id, first.number))
    asked = (Reason(code="cut_off", paper="kk"),)
    hear(
        cache,
        office,
        row(office, 2, first.number, first.submission_id, "needs_correction", missing=("police",), reasons=asked),
    )
    found = trail(cache, first.number)
    assert (found.state, found.missing, found.reasons) == ("queued", (), ())
    office.trick = lambda method, path: None
    until(lambda: cache.queue().queued == 0)
    found = trail(cache, first.number)
    assert (found.state, found.missing) == ("received", ()), "the receipt is here, the feed's row is not"
    hear(cache, office, row(office, 3, first.number, done.submission_id, "received", first=first.submission_id))
    hear(cache, office, row(office, 4, first.number, first.submission_id, "needs_correction", reasons=asked))
    found = trail(cache, first.number)
    assert (found.state, found.reasons, found.first) == ("needs_correction", (("cut_off", "kk"),), first.submission_id)
    hear(cache, office, row(office, 5, first.number, done.submission_id, "approved", first=first.submission_id))
    assert trail(cache, first.number).state == "approved"


def test_a_completion_that_a_later_one_overtook_is_not_asked_for_again(cache: Cache, office: Office) -> None:
    first = send(cache, "f102", missing=("kk", "police", "photo"))
    to = Completes(first.submission_id, first.number)
    send(cache, "kk", missing=("police", "photo"), completes=to)  # still on its way
    later = send(cache, "police", missing=("photo",), completes=to)
    lacking = ("kk", "photo")  # as the office knows it
    office.trick = lambda method, path: no(Code.BUSY, retry_after=0) if "/submissions/" in path else None
    sync(cache)
    hear(
        cache,
        office,
        row(office, 1, first.number, first.submission_id, "received", missing=("kk", "police", "photo")),
        row(office, 2, first.number, later.submission_id, "received", first=first.submission_id, missing=lacking),
    )
    assert trail(cache, first.number).missing == ("photo",)


def test_an_application_of_another_terminal_is_completed_here(cache: Cache, office: Office) -> None:
    number = str(Number("ABC", 7))
    assert cache.lookup(number, NIK).result == "missing", "queued at a terminal without a line: nobody knows it here"
    sync(cache)
    hear(cache, office, row(office, 1, number, FOREIGN, "received", missing=("kk", "photo")))
    found = trail(cache, number)
    assert (found.first, found.missing, found.here) == (FOREIGN, ("kk", "photo"), False)
    other = "018f0000-0000-7000-8000-000000000002"
    hear(cache, office, row(office, 2, number, other, "received", first=FOREIGN, missing=("kk",)))
    found = trail(cache, number)
    assert (found.first, found.missing) == (FOREIGN, ("kk",))
    done = send(cache, "kk", completes=Completes(found.first, number))
    assert (done.number, done.seq) == (number, 1)
    found = trail(cache, number)
    assert (found.first, found.missing, found.here) == (FOREIGN, (), True)
    until(lambda: received(cache, office, number))


def test_a_completion_that_the_office_refused_hides_nothing_that_it_says(cache: Cache, office: Office) -> None:
    number = str(Number("ABC", 7))
    sync(cache)
    hear(cache, office, row(office, 1, number, FOREIGN, "rejected"))
    office.trick = lambda method, path: no(Code.CONFLICT) if "/submissions/" in path else None
    send(cache, "kk", completes=Completes(FOREIGN, number))
    until(lambda: cache.queue().quarantined == 1)
    assert trail(cache, number).state == "rejected"


def test_what_claims_a_number_with_another_second_fact_opens_nothing(cache: Cache, office: Office) -> None:
    number = str(Number("ABC", 7))
    sync(cache)
    stray = row(office, 2, number, FOREIGN.replace("1", "2"), "issued", first=FOREIGN)
    stray = stray.model_copy(update={"tag": tag.make(number, "another", office.status_key)})
    hear(cache, office, row(office, 1, number, FOREIGN, "in_review"), stray)
    assert trail(cache, number).state == "in_review"
    other = cache.lookup(number, "another").trail
    assert other is not None and other.state == "issued"
    assert cache.lookup(number, "a third").result == "wrong"


def test_an_office_that_starts_over_ranks_above_what_it_said_before(cache: Cache, office: Office) -> None:
    number, later = str(Number("ABC", 7)), FOREIGN.replace("1", "2")
    sync(cache)
    rows = (
        row(office, 5, number, FOREIGN, "received", missing=("kk",)),
        row(office, 9, number, later, "received", first=FOREIGN),
    )
    hear(cache, office, *rows)
    assert trail(cache, number).missing == ()
    # Restored from a backup: the completion never came, and the numbering goes on from an earlier event.
    office.changes = [rows[0], row(office, 6, number, FOREIGN, "needs_correction", missing=("kk",))]
    with office.lock:
        office.rewind = True
    cache.sync_now()
    until(lambda: trail(cache, number).state == "needs_correction")
    assert trail(cache, number).missing == ("kk",)


def test_the_queue_tells_since_when_it_waits(opener: Opener, office: Office) -> None:
    cache = opener(QUICK)
    cache.enrol(office.code())
    assert cache.queue().oldest == ""
    send(cache, "kk")
    oldest = cache.queue().oldest
    assert oldest.endswith("+00:00")
    send(cache, "kk")
    assert cache.queue().oldest == oldest
    sync(cache)
    until(lambda: cache.queue().oldest == "")
