"""Each fault that is to be handled by now has its file, and the table finds it."""

from __future__ import annotations

from tests.faults.__main__ import scenarios

BY_NOW = (1, 2, 3, 4, 5, 7, 9, 12, 16, 20, 22, 26)


def test_every_fault_has_one_file_named_after_it() -> None:
    assert tuple(scenarios()) == BY_NOW
