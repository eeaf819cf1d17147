"""The bench's buttons take three minutes on two cores: a plain ``pytest`` leaves them out.

``./adm test tests/deploy/test_bench_page.py`` presses them all.
"""

from __future__ import annotations

import pytest

BUTTONS = "test_button_does_what_it_says"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the buttons out unless their file was asked for."""
    if any("test_bench_page" in argument for argument in config.args):
        return
    left_out = [item for item in items if getattr(item, "originalname", "") == BUTTONS]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
