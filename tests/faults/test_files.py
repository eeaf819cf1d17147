"""Each fault that is to be handled by now has its file, and the table tells a miss."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.faults.__main__ import Table, main, scenarios

BY_NOW = (1, 2, 3, 4, 5, 7, 9, 12, 16, 20, 22, 26)
SCENARIO = "tests/faults/test_04_paper_out_before_the_job.py::test_it"


def report(
    outcome: Literal["passed", "failed"], *cases: dict[str, object], when: Literal["setup", "call", "teardown"] = "call"
) -> pytest.TestReport:
    """What pytest says of a scenario."""
    properties: list[tuple[str, object]] = [
        ("case", {"known": 0.5, "screen": 0.1, "back": None, **case}) for case in cases
    ]
    return pytest.TestReport(SCENARIO, ("", None, ""), {}, outcome, "why it broke", when, user_properties=properties)


def test_every_fault_has_one_file_named_after_it() -> None:
    assert tuple(scenarios()) == BY_NOW


def test_a_word_that_is_no_fault_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["6"]) == 2
    assert "no such fault: 6" in capsys.readouterr().out


def test_a_row_a_case_and_one_for_what_broke_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    table.pytest_runtest_logreport(report("passed", {"name": "idle", "whole": True}))
    assert table.handled == {4: True}
    table.pytest_runtest_logreport(report("failed", {"name": "idle", "whole": True}, {"name": "late", "whole": False}))
    table.pytest_runtest_logreport(report("failed", when="setup"))
    table.pytest_runtest_logreport(report("passed", when="teardown"))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[-1] for row in rows] == ["handled", "handled", "MISSED", "MISSED"]
    assert rows[0][:3] == ["4", "paper", "out"] and rows[0][-6:-1] == ["0.50", "s", "0.10", "s", "-"]
    assert table.handled == {4: False} and len(table.why) == 2
