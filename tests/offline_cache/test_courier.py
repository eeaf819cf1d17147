"""The queue leaves on a stick and comes back as receipts: what stands on the stick, and what of it is believed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from offline_cache import courier as out
from offline_cache.api import Cache
from tests.offline_cache.conftest import QUICK, Opener, apply
from tests.offline_cache.office import Office
from tests.offline_cache.stick import answer, index_of, opened
from wire import courier, manifest


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "sticks" / "sdb1"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def here(opener: Opener, office: Office, stick: Path) -> Cache:
    """An enrolled cache beside the stick; its line is dead."""
    cache = opener(dataclasses.replace(QUICK, sticks=stick.parent))
    cache.enrol(office.code())
    return cache


def export(cache: Cache) -> list[float]:
    told: list[float] = []
    cache.export_to_stick(told.append)
    return told


def volumes(stick: Path) -> list[Path]:
    return sorted((stick / courier.FOLDER).glob("*.adm"))


def test_all_that_waits_leaves_and_comes_back_as_received(here: Cache, office: Office, stick: Path) -> None:
    numbers = [apply(here, pages=2) for _ in range(3)]
    before = here.queue()
    told: list[float] = []
    done = here.export_to_stick(told.append)
    assert (done.submissions, done.left, done.broken, len(done.volumes)) == (3, 0, 0, 1)
    assert told == sorted(told) and told[-1] == 1 and len(told) > 10
    (volume,) = volumes(stick)
    assert done.volumes == (volume.name,) and done.bytes == volume.stat().st_size
    assert here.queue() == dataclasses.replace(before, disk_free=here.queue().disk_free), "no state moved"
    index = index_of(volume, office)
    assert [
        manifest.unproved(opened(volume)[f"{one.submission_id}.json"])[1].number for one in index.packets
    ] == numbers
    answer(volume, office)
    found = here.stick()
    assert found is not None and (found.path, found.receipts) == (stick, 1)
    assert here.take_from_stick() == out.Taken(3, 0, ())
    assert (here.queue().queued, list((stick / courier.FOLDER).iterdir())) == (0, [])
    assert here.take_from_stick() == out.Taken(0, 0, ())
    assert {office.open_form(one).number for one in office.receipts} == {*numbers}
