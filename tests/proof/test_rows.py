"""Every row of sync-notes §2 has a test with its id, and docs/proofs.md names it."""

from __future__ import annotations

import re

from tests.proof.table import DOCUMENT, ROOT, ROWS, found


def test_every_row_has_a_test() -> None:
    assert [row for row, tests in found().items() if not tests] == []


def test_the_rows_are_those_of_the_fault_list() -> None:
    notes = ROOT.parent / "shared" / "sync-notes.md"
    if notes.is_file():
        assert set(re.findall(r"^\| ([LDST]\d+) \|", notes.read_text(encoding="utf-8"), re.M)) == set(ROWS)


def test_the_document_names_a_test_that_is_there_for_every_row() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for row, tests in found().items():
        assert any(f"`{test}` | {where} |" in text for test, where in tests), (
            f"{row}: run ./adm python -m tests.proof.table"
        )
    named = set(re.findall(r"`(test_[a-z0-9_]+)` \|", text))
    gone = named - {test for tests in found().values() for test, _ in tests}
    assert not gone, f"./adm python -m tests.proof.table: {gone}"
