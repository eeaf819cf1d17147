"""One bench for the whole folder; each test begins at the idle screen with everything in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.bench import Bench
from deploy.demo.hand import Hand
from tests.end_to_end.rig import bring_home, hand_of

# Looks for a returning line twice a second; everything else as shipped.
QUICK_LINE = "[cache]\nprobe_cap_s = 1.0\nretry_cap_s = 2.0\n"


@pytest.fixture(scope="session")
def shared_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Every part, running."""
    with Bench(tmp_path_factory.mktemp("bench"), settings=QUICK_LINE) as bench:
        bench.add_officer()
        yield bench


@pytest.fixture
def bench(shared_bench: Bench) -> Bench:
    """The bench, at the idle screen, with everything in order."""
    bring_home(shared_bench, hand_of(shared_bench))
    return shared_bench


@pytest.fixture
def hand(bench: Bench) -> Hand:
    """The hand at the window."""
    return hand_of(bench)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of the test."""
    return tmp_path
