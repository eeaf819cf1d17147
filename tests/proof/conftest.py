"""The fixtures of the terminal's tests, and a gateway with one enrolled terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.rig import Gateway, Terminal
from tests.offline_cache.conftest import cache as cache
from tests.offline_cache.conftest import office as office
from tests.offline_cache.conftest import opener as opener


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A running gateway."""
    made = Gateway(tmp_path_factory.mktemp("gateway") / "data").start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def terminal(gateway: Gateway) -> Terminal:
    """An enrolled terminal that speaks by hand."""
    return Terminal(gateway).enrol(gateway.code())
