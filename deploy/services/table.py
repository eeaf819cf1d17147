"""All services as a table: what a resident is asked and brings, and which rule says so."""

from __future__ import annotations

from collections.abc import Sequence

from wire import service
from wire.service import Service

_HEAD = ("code", "questions", "ways", "papers", "pages", "fields", "date", "source")


def lines() -> list[str]:
    """The table of this process's catalogue."""
    return aligned([_HEAD, *(_row(known) for known in service.catalogue().values())])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of words in columns; the last column is as long as it is."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(word.ljust(width) for word, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]


def _row(known: Service) -> tuple[str, ...]:
    cases = [known.needed(case) for case in known.cases()]
    required = [sum(paper.need == "required" for paper in papers) for papers in cases]
    pages = [sum(paper.pages for paper in papers) for papers in cases]
    off = " (off)" if known.off else ""
    return (
        known.code + off,
        str(len(known.questions)),
        str(len(cases)),
        _span(min(required), max(len(papers) for papers in cases)),
        _span(min(pages), max(pages)),
        str(len(known.fields)),
        known.source_date,
        known.source + (f"; {known.sla.source} ({known.sla.date})" if known.sla else ""),
    )


def _span(least: int, most: int) -> str:
    return str(least) if least == most else f"{least}-{most}"
