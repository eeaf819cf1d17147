"""A key roll with a queue: what earlier keys of the same terminal signed still goes, counts and comes back."""

from __future__ import annotations

from offline_cache.api import Cache
from tests.offline_cache.conftest import Opener, apply, sync, until
from tests.offline_cache.office import Office, raw
from wire import manifest


def seqs(office: Office) -> list[int]:
    return sorted(manifest.unproved(office.manifests[one])[1].seq for one in office.receipts)


def test_what_the_old_key_signed_arrives_after_the_roll(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    numbers = [apply(cache) for _ in range(2)]
    office.next_seq = 1  # the office holds nothing of it yet
    cache.enrol(office.roll())
    numbers.append(apply(cache))
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert sorted(office.numbers()) == sorted(numbers) and seqs(office) == [1, 2, 3]
    assert len({raw(key) for _, key in office.terminals.values()}) == 2
    cache.close()
    cache = opener()
    assert cache.queue().queued == 0, "the receipts are kept"


def test_l12_restored_office_gets_what_was_sent_before_the_roll_again(cache: Cache, office: Office) -> None:
    office.next_s = 5
    numbers = [apply(cache) for _ in range(3)]
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    cache.enrol(office.roll())
    numbers.append(apply(cache))
    until(lambda: cache.queue().queued == 0)
    office.forget(above=1)
    until(lambda: sorted(office.numbers()) == sorted(numbers), 15)
    until(lambda: cache.queue().queued == 0)
    assert seqs(office) == [1, 2, 3, 4]
