"""The papers of an application as a list: here, missing, asked for again, or not brought because they are optional."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.office import words
from gateway.office.dossier import Sheet, paper_order
from wire import service
from wire.service import Answers
from wire.words import N_, translator

_LANGUAGE = words.LANGUAGE


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper. ``first``: its first page, counted from 1; 0 when there is none. ``why``: that an answer adds it.

    ``missing``: it is still to come. ``optional``: it may be left out. ``later``: it came with a completion.
    """

    id: str
    name: str
    short: str
    pages: int = 0
    first: int = 0
    missing: bool = False
    optional: bool = False
    later: bool = False
    why: str = ""

    @property
    def there(self) -> bool:
        """True when it is here and nothing of it is asked for again."""
        return self.pages > 0 and not self.missing

    @property
    def wanted(self) -> bool:
        """True when the application needs it."""
        return self.missing or not self.optional or self.pages > 0

    @property
    def word(self) -> str:
        """What to say about it where it is not simply here."""
        if self.there:
            return ""
        if self.pages:
            return words.say(N_("Asked for again, not here yet"))
        return words.say(N_("Missing")) if self.wanted else words.say(N_("Not brought; optional"))


def names(service_code: str) -> dict[str, str]:
    """The papers of a service by id, in Indonesian; empty for a service that is not known here."""
    say = translator(_LANGUAGE, "wire")
    known = service.catalogue().get(service_code)
    return {paper.id: say(paper.name) for paper in (*known.papers, *known.dropped)} if known else {}


def short_names(service_code: str) -> dict[str, str]:
    """The short names of a service's papers, for narrow places."""
    say = translator(_LANGUAGE, "wire")
    known = service.catalogue().get(service_code)
    return {paper.id: say(paper.short) for paper in (*known.papers, *known.dropped)} if known else {}


def listed(
    service_code: str,
    papers: Sequence[str],
    missing: Sequence[str],
    later: Iterable[str] = (),
    answers: Answers | None = None,
) -> list[PaperView]:
    """The papers in the service's order. ``papers``: one id a page. ``later``: those that a completion brought.

    With ``answers`` (they are sealed: only an opened application has them) also what was not brought; without, what
    came and what is missing.
    """
    known = service.catalogue().get(service_code)
    needed = {paper.id: paper for paper in known.needed(answers)} if known and answers is not None else {}
    order = paper_order(service_code, (*papers, *missing))
    full, short, added = names(service_code), short_names(service_code), set(later)
    say = translator(_LANGUAGE, "wire")
    optional = {paper.id for paper in known.papers if paper.need == "optional"} if known else set[str]()
    return [
        PaperView(
            id=paper,
            name=full.get(paper, paper or "?"),
            short=short.get(paper, paper or "?"),
            pages=papers.count(paper),
            first=papers.index(paper) + 1 if paper in papers else 0,
            missing=paper in missing,
            optional=paper in optional,
            later=paper in added,
            why=say(known.because(needed[paper], answers)) if known and answers is not None and paper in needed else "",
        )
        for paper in order
        if paper in papers or paper in missing or paper in needed
    ]


def of_sheets(
    service_code: str, sheets: Sequence[Sheet], missing: Sequence[str], answers: Answers | None = None
) -> list[PaperView]:
    """The papers of a dossier's pages."""
    later = {sheet.paper for sheet in sheets if sheet.later}
    return listed(service_code, [sheet.paper for sheet in sheets], missing, later, answers)
