"""Virtual devices as processes, and drivers with short waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from drivers.virtual.twin import Twin


def until(condition: Callable[[], object], limit: float = 8.0) -> None:
    """Wait for a condition, failing after ``limit`` seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.01)


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A folder with a short name: a Unix socket's path may have 107 bytes."""
    with TemporaryDirectory(prefix="adm-") as folder:
        yield Path(folder)


@pytest.fixture
def paper(sockets: Path) -> Iterator[Twin]:
    """A virtual receipt printer."""
    with Twin("printer", sockets) as twin:
        yield twin
