from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.screens.driver import Driver


@pytest.fixture(scope="session")
def the_window() -> Iterator[Driver]:
    """One window for all tests: a second set of views would cost seconds."""
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def window(the_window: Driver) -> Driver:
    the_window.app.asking = False
    the_window.said.clear()
    return the_window
