"""An office, and caches on real disks that are closed at the end."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offline_cache.api import Cache
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.offline_cache.office import Office

NIK = "3279012304850007"
QUICK = CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1)
Opener = Callable[..., Cache]


@pytest.fixture
def office() -> Iterator[Office]:
    """A running office."""
    office = Office()
    yield office
    office.close()


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    """Opens the cache of ``tmp_path``/data; whatever is still open at the end is closed."""
    opened: list[Cache] = []

    def open_it(settings: CacheSettings = QUICK, folder: str = "data") -> Cache:
        opened.append(open_cache(tmp_path / folder, version="test", settings=settings))
        return opened[-1]

    yield open_it
    for cache in opened:
        cache.close()


@pytest.fixture
def cache(opener: Opener, office: Office) -> Cache:
    """An enrolled cache, its sync engine not started."""
    cache = opener()
    cache.enrol(office.code())
    return cache


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


def apply(cache: Cache, pages: int = 1, size: int = 3000, name: str = "SITI CONTOH") -> str:
    """A whole application; its number."""
    draft = cache.begin_draft()
    for page in range(pages):
        cache.keep_page(draft, "kk", page + 1, b"\xff\xd8" + bytes([page]) * size, "image/jpeg")
    return cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK, "name": name}).number


def received(cache: Cache, office: Office, number: str) -> bool:
    """The office has it, and we know."""
    return number in office.numbers() and cache.queue().queued == 0


def sync(cache: Cache) -> None:
    """Start the engine with no devices."""
    cache.start_sync(tuple, lambda: None)


def until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait for it."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def everything(folder: Path) -> bytes:
    """Every byte of every file below."""
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
