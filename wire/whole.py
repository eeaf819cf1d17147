"""What must hold between a service's questions, papers and fields; single values are the schema's business."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from wire.explain import near

if TYPE_CHECKING:
    from wire.marked import Place
    from wire.service import Asked, FormField, Paper, Question

MOST_PAGES = 19
"""Pages of one application: ``wire.manifest.MAX_PARTS``, the form being one of them."""
_TAKEN = ("nik", "number")
_LENGTHS = {"date": 8, "kk": 16}

Wrong = tuple["Place", str]
"""Where, from the top of the service, and what."""


def ways(questions: Sequence[Question]) -> Iterator[dict[str, str]]:
    """Every way through the questions: one dictionary of answers each."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    for choice in itertools.product(*(question.answers for question in questions)):
        answers: dict[str, str] = {}
        for question, answer in zip(questions, choice, strict=True):
            if question.applies(answers):
                answers[question.id] = answer.id
        if (case := tuple(answers.items())) not in seen:
            seen.add(case)
            yield answers


def wrongs(
    questions: Mapping[int, Question], papers: Mapping[int, Paper], fields: Mapping[int, FormField], *, all_there: bool
) -> Iterator[Wrong]:
    """Everything that does not fit together. Keys: positions in the file.

    ``all_there`` is False when some could not be read: then nothing is said that may come from their absence.
    """
    yield from _twice("questions", {place: question.id for place, question in questions.items()})
    yield from _twice("papers", {place: paper.id for place, paper in papers.items()})
    yield from _twice("fields", {place: field.id for place, field in fields.items()})
    for place, question in questions.items():
        yield from _twice(("questions", place, "answers"), {n: a.id for n, a in enumerate(question.answers)})
    for place, field in fields.items():
        yield from _field(place, field)
    yield from _conditions(questions, papers, fields, all_there=all_there)
    if all_there and len({question.id for question in questions.values()}) == len(questions):
        yield from _cases(questions, papers, fields)


def _twice(what: str | Place, ids: Mapping[int, str]) -> Iterator[Wrong]:
    seen: set[str] = set()
    start: Place = (what,) if isinstance(what, str) else what
    for place, id_ in ids.items():
        if id_ in seen:
            yield (*start, place, "id"), f"the id {id_} stands twice"
        seen.add(id_)


def _field(place: int, field: FormField) -> Iterator[Wrong]:
    here: Place = ("fields", place)
    if field.id in _TAKEN:
        yield (*here, "id"), f"{field.id} is taken: the terminal asks for it itself"
    if field.min > field.max:
        yield (*here, "max"), "max is less than min"
    length = _LENGTHS.get(field.kind)
    if length and (field.min, field.max) != (length, length):
        yield (*here, "kind"), f"a {field.kind} has {length} digits: min and max must say so"
    if (field.kind == "choice") != bool(field.options):
        yield here, "a choice field, and no other, has options"
    yield from _twice((*here, "options"), {n: option.id for n, option in enumerate(field.options)})


def _conditions(
    questions: Mapping[int, Question], papers: Mapping[int, Paper], fields: Mapping[int, FormField], *, all_there: bool
) -> Iterator[Wrong]:
    known = {question.id: {answer.id for answer in question.answers} for question in questions.values()}
    parts: list[tuple[str, int, Asked]] = [
        *(("questions", place, question) for place, question in questions.items()),
        *(("papers", place, paper) for place, paper in papers.items()),
        *(("fields", place, field) for place, field in fields.items()),
    ]
    before: set[str] = set()
    for what, place, asked in parts:
        for question, allowed in asked.when.items():
            here: Place = (what, place, "when", question)
            if question not in known:
                if all_there:
                    yield here, f"there is no question {question}{near(question, known)}"
                continue
            if what == "questions" and question not in before:
                yield here, f"the question {question} comes later; ask it first"
            if not allowed:
                yield here, "no answer is named"
            for n, answer in enumerate(allowed):
                if answer not in known[question]:
                    yield (*here, n), f"{question} has no answer {answer}{near(answer, known[question])}"
        if what == "questions":
            before.add(questions[place].id)
    for place, paper in papers.items():
        if all_there and paper.one_of and paper.one_of not in known:
            yield ("papers", place, "one_of"), f"there is no question {paper.one_of}{near(paper.one_of, known)}"


def _cases(
    questions: Mapping[int, Question], papers: Mapping[int, Paper], fields: Mapping[int, FormField]
) -> Iterator[Wrong]:
    cases = list(ways(tuple(questions.values())))
    for what, parts in (("questions", questions), ("papers", papers), ("fields", fields)):
        for place, part in parts.items():
            if part.when and not any(part.applies(case) for case in cases):
                yield (what, place, "when"), "no way through the questions leads here"
    groups: dict[str, int] = {}
    for place, paper in papers.items():
        if paper.one_of:
            groups.setdefault(paper.one_of, place)
    for group, place in groups.items():
        split: dict[str, None] = {}
        for case in cases:
            if group in case and sum(p.one_of == group and p.applies(case) for p in papers.values()) != 1:
                split[case[group]] = None
        for answer in split:
            yield ("papers", place, "one_of"), f"{group}: the answer {answer} does not lead to exactly one paper"
    most = max(cases, key=lambda case: _pages(papers, case), default=None)
    if most is not None and _pages(papers, most) > MOST_PAGES:
        yield ("papers",), f"{_pages(papers, most)} pages{_said(most)}; an application holds {MOST_PAGES}"
    for case in cases:
        if not any(paper.applies(case) and paper.need == "required" for paper in papers.values()):
            yield ("papers",), f"no paper is required{_said(case)}"
            break


def _pages(papers: Mapping[int, Paper], case: Mapping[str, str]) -> int:
    return sum(paper.pages for paper in papers.values() if paper.applies(case))


def _said(case: Mapping[str, str]) -> str:
    return f" with the answers {', '.join(f'{q}: {a}' for q, a in case.items())}" if case else ""
