"""The documents that are made from data say what the data says; links lead somewhere, lines that are typed find us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wire import events, faults

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.mark.parametrize(("name", "made"), [("events", events.document), ("faults", faults.document)])
def test_made_documents_are_fresh(name: str, made: object) -> None:
    assert callable(made)
    fresh = f"run `./adm python -m wire.{name} > docs/{name}.md`"
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == made(), fresh


def anchors(text: str) -> set[str]:
    """The names that a forge gives to the headings."""
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize(
    "document", [*sorted(DOCS.glob("*.md")), *sorted(DOCS.parent.glob("*.md"))], ids=lambda it: it.name
)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", text)):
        if "://" in target:
            continue
        file = document.parent / target if target else document
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), f"{target}#{anchor}"


def test_a_line_that_starts_a_module_says_where_it_is() -> None:
    """With -P Python does not look where one stands."""
    for document in DOCS.glob("*.md"):
        lines = document.read_text(encoding="utf-8").splitlines()
        for at, line in enumerate(lines):
            if "python -P -m" in line:
                assert "PYTHONPATH=/opt/adm/app" in " ".join(lines[at - 3 : at + 1]), f"{document.name}:{at + 1}"
