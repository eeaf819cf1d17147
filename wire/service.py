"""Services as data: which papers, which questions, which fields, which forms; read from ``wire/services/*.yaml``.

A district's file (``wire.district``) may add, drop or reword papers and state a finishing time; the base may not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).resolve().parent / "services"

PaperId = str
FieldKind = Literal["text", "kk", "phone", "date", "digits", "choice"]
Group = Literal["kk", "ktp", "kia", "move", "act", "data"]
GROUPS: tuple[Group, ...] = ("kk", "ktp", "kia", "move", "act", "data")
"""In the order of the services screen."""
Answers = Mapping[str, str]
"""Question id to answer id."""
_ID = r"^[a-z][a-z0-9_]{0,31}$"


class ServiceError(ValueError):
    """A service file is wrong; the message names file, place and fault."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(_Data):
    """Something that depends on answers. ``when``: question id to the answers it stands for; all must hold."""

    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def applies(self, answers: Answers) -> bool:
        """True when every condition holds; an answer that is not there yet holds nothing."""
        return all(answers.get(question) in allowed for question, allowed in self.when.items())


class Answer(_Data):
    """One answer. ``label``: msgid of its button. ``because``: msgid of the pill on a paper that it adds, or ""."""

    id: str = Field(pattern=_ID)
    label: str
    because: str = ""


class Question(Asked):
    """One question before the list of papers is known. ``ask``: msgid."""

    id: str = Field(pattern=_ID)
    ask: str
    answers: tuple[Answer, ...] = Field(min_length=2, max_length=4)

    def answer(self, answer: str) -> Answer | None:
        """The answer of that id, or None."""
        return next((each for each in self.answers if each.id == answer), None)


class Paper(Asked):
    """One paper that the resident brings. ``name``, ``short``, ``where``: msgids. ``pages``: sheets' sides to scan.

    ``need``: a required one may be brought later (the application is incomplete until then), an optional one left out.
    ``one_of``: id of the question that picks exactly one of the papers that carry it, or "". ``shape``: what the page
    finder expects ("a4", "f4", "card", "any"). ``original``: the paper itself, never a copy (domain.md §1.3).
    """

    id: str = Field(pattern=_ID)
    name: str
    short: str
    where: str
    need: Literal["required", "optional"]
    one_of: str = ""
    pages: int = Field(ge=1, le=8)
    shape: Literal["a4", "f4", "card", "any"]
    original: bool = True


class Option(_Data):
    """One choice of a field. ``label``: msgid."""

    id: str = Field(pattern=_ID)
    label: str


class FormField(Asked):
    """One question of the form. ``label``, ``help``: msgids. ``min``, ``max``: characters (dates: DDMMYYYY).

    ``options``: of a "choice" field alone; its answer is the option's id.
    """

    id: str = Field(pattern=_ID)
    kind: FieldKind
    label: str
    help: str
    min: int = Field(default=1, ge=1)
    max: int = Field(default=32, le=120)
    options: tuple[Option, ...] = Field(default=(), max_length=12)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice field, and no other, has options")
        return self


class Sla(_Data):
    """What the district promises, and where it says so. ``text``: msgid or the district's words."""

    text: str
    source: str
    date: str


class Service(_Data):
    """A civil-registry service (domain.md §1.4). ``name``, ``hint``, ``output``: msgids; ``source``: its rule.

    ``official``: check box of the form ("I.C.1"), or "". ``forms``: codes of the forms to fill in.
    """

    code: str = Field(pattern=r"^[A-Z0-9-]{3,32}$")
    schema_version: int = Field(ge=1)
    name: str
    hint: str
    output: str
    group: Group
    official: str = ""
    forms: tuple[str, ...] = ()
    source: str
    source_date: str
    questions: tuple[Question, ...] = ()
    papers: tuple[Paper, ...] = Field(min_length=1)
    fields: tuple[FormField, ...]
    sla: Sla | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for what, ids in (
            ("question", [q.id for q in self.questions]),
            ("paper", [p.id for p in self.papers]),
            ("field", [f.id for f in self.fields]),
        ):
            if len(set(ids)) != len(ids):
                raise ValueError(f"a {what} id stands twice")
        known = {q.id: {a.id for a in q.answers} for q in self.questions}
        for each in (*self.questions, *self.papers, *self.fields):
            for question, allowed in each.when.items():
                if question not in known:
                    raise ValueError(f"{each.id}: when: there is no question {question}")
                if strange := [answer for answer in allowed if answer not in known[question]]:
                    raise ValueError(f"{each.id}: when: {question} has no answer {', '.join(strange)}")
        for group in {paper.one_of for paper in self.papers if paper.one_of}:
            if group not in known:
                raise ValueError(f"one_of: there is no question {group}")
            for case in self.cases():
                if group in case and sum(p.one_of == group for p in self.needed(case)) != 1:
                    raise ValueError(f"one_of {group}: answer {case[group]} does not lead to exactly one paper")
        return self

    def paper(self, paper: str) -> Paper:
        """The paper of that id. Raises KeyError."""
        return {p.id: p for p in self.papers}[paper]

    def asked(self, answers: Answers) -> tuple[Question, ...]:
        """The questions that come up with these answers, in order."""
        return tuple(question for question in self.questions if question.applies(answers))

    def answered(self, answers: Answers) -> bool:
        """True when every question that comes up has one of its answers."""
        return all(question.answer(answers.get(question.id, "")) for question in self.asked(answers))

    def needed(self, answers: Answers) -> tuple[Paper, ...]:
        """The papers for these answers, in order; optional ones among them."""
        return tuple(paper for paper in self.papers if paper.applies(answers))

    def fields_for(self, answers: Answers) -> tuple[FormField, ...]:
        """The fields of the form for these answers, in order."""
        return tuple(field for field in self.fields if field.applies(answers))

    def because(self, paper: Paper, answers: Answers) -> str:
        """Msgid of why these answers add the paper, or ""."""
        for question in self.questions:
            if question.id in paper.when:
                answer = question.answer(answers.get(question.id, ""))
                if answer is not None and answer.because:
                    return answer.because
        return ""

    def cases(self) -> Iterator[dict[str, str]]:
        """Every way through the questions: one dictionary of answers each."""
        seen: set[tuple[tuple[str, str], ...]] = set()
        for choice in itertools.product(*(question.answers for question in self.questions)):
            answers: dict[str, str] = {}
            for question, answer in zip(self.questions, choice, strict=True):
                if question.applies(answers):
                    answers[question.id] = answer.id
            if (case := tuple(answers.items())) not in seen:
                seen.add(case)
                yield answers


def load(path: Path) -> Service:
    """Read one file of the national base. Raises ServiceError."""
    try:
        data: object = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(data, dict):
            entry = cast(dict[str, object], data)
            if "source_date" in entry:  # YAML reads a bare date as a date
                entry["source_date"] = str(entry["source_date"])
        return Service.model_validate(data)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ServiceError(f"{path.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ServiceError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


@cache
def catalogue() -> dict[str, Service]:
    """All services by code: by group, then in the order of their file names."""
    services = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    services.sort(key=lambda service: GROUPS.index(service.group))
    return {service.code: service for service in services}
