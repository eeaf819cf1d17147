"""The documents that are made from data say what the data says."""

from __future__ import annotations

from pathlib import Path

import pytest

from wire import events, faults

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.mark.parametrize(("name", "made"), [("events", events.document), ("faults", faults.document)])
def test_made_documents_are_fresh(name: str, made: object) -> None:
    assert callable(made)
    fresh = f"run `./adm python -m wire.{name} > docs/{name}.md`"
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == made(), fresh
