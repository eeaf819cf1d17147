"""What every test shares: hypothesis without deadlines, since two slow cores are often one busy core.

And what a plain run leaves out, because it has twenty minutes on two cores: each of these runs when its file is named
(``./adm test tests/end_to_end/test_back_timeout.py``), as do the bench's buttons (tests/deploy) and most of the
gateway's second backend (tests/gateway). ``./adm prove`` and ``./adm gallery`` are the long forms of much of it.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("adm", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("adm")

LEFT_OUT = (
    ("test_back_timeout.py", "test_every_step_asks_before_it_ends_and_goes_on_where_it_was"),
    ("test_back_timeout.py", "test_back_leads_to_the_step_before_and_keeps_what_was_typed"),
    ("test_back_timeout.py", "test_cancel_wipes_the_visit[review]"),
    ("test_back_timeout.py", "test_the_time_out_warns_and_then_ends_the_visit[form]"),
    ("test_kill.py", "test_every_promise_holds_under_kill_9"),
    ("test_visit.py", "test_the_answer_of_the_office_comes_back_to_the_terminal"),
    ("test_paper.py", "[paper_out]"),
    ("test_scanner.py", "read_at_the_office[black-200]"),
    ("test_looks.py", "-light]"),
    ("test_looks.py", "[1920x1080-en-contrast-large]"),
    ("test_refusals.py", "breaks_the_line_blocks_nobody[html]"),
    ("test_refusals.py", "breaks_the_line_blocks_nobody[422]"),
    ("test_refusals.py", "breaks_the_line_blocks_nobody[reset]"),
)
"""File, and how the test's name begins or ends there."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a run that names the file plays."""
    left_out = [item for item in items if _long(item) and not any(item.path.name in word for word in config.args)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _long(item: pytest.Item) -> bool:
    return any(
        item.path.name == file and (item.name.startswith(name) or item.name.endswith(name)) for file, name in LEFT_OUT
    )
