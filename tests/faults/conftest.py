"""One terminal for all fault scenarios; each begins at the idle screen with everything in order.

They take minutes: a plain ``pytest`` leaves them out, ``./adm faults`` plays them, and so does pytest for the files
that it is asked for by name.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from deploy.demo.hand import Hand
from tests.end_to_end.rig import hand_of
from tests.faults.stage import Stage, Stopwatch

HERE = Path(__file__).resolve().parent
SCENARIO = re.compile(r"test_\d\d_")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the scenarios out unless this folder, or a file in it, was asked for."""
    if any(HERE.name in argument for argument in config.args):
        return
    left_out = [item for item in items if item.path.parent == HERE and SCENARIO.match(item.path.name)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every part, running, with the settings as shipped."""
    with Stage(tmp_path_factory.mktemp("faults")) as stage:
        yield stage


@pytest.fixture
def stage(shared_stage: Stage) -> Stage:
    """The terminal; a test equips it before anything else."""
    return shared_stage


@pytest.fixture
def hand(stage: Stage) -> Hand:
    """The hand at the window."""
    return hand_of(stage)


@pytest.fixture
def watch(stage: Stage, hand: Hand, request: pytest.FixtureRequest) -> Stopwatch:
    """The stopwatch; its cases go to the table."""
    return Stopwatch(stage, hand, lambda case: request.node.user_properties.append(("case", case)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """A case that is still open when its test ends is whole when the test is."""
    watch = getattr(item, "funcargs", {}).get("watch")
    whole = False
    try:
        yield
        whole = True
    finally:
        if watch is not None:
            watch.over(whole=whole)
