"""Services as data: which papers, which questions, which fields, which forms; read from ``wire/services/*.yaml``.

A district's file (``wire.district``) may add, drop or reword papers and state a finishing time; the base may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from wire import marked, whole, words
from wire.explain import CODE, DAY, ID, OURS, explained
from wire.marked import Flaw, Marked, Place, listed, mapping, spelled
from wire.wording import wrong

FOLDER = Path(__file__).resolve().parent / "services"

FieldKind = Literal["text", "kk", "phone", "date", "digits", "choice"]
Group = Literal["kk", "ktp", "kia", "move", "act", "data"]
GROUPS: tuple[Group, ...] = ("kk", "ktp", "kia", "move", "act", "data")
"""In the order of the services screen."""
Answers = Mapping[str, str]
"""Question id to answer id."""
Text = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(pattern=ID)]


MOST_QUESTIONS, MOST_PAPERS = 6, 16


class ServiceError(ValueError):
    """A service file is wrong; the message says every flaw, a line each: file, line, column, place and fault."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__("\n".join(map(str, flaws)))
        self.flaws = tuple(flaws)


class Data(BaseModel):
    """A part of a file: its keys and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(Data):
    """Something that depends on answers. ``when``: question id to the answers it stands for; all must hold."""

    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def applies(self, answers: Answers) -> bool:
        """True when every condition holds; an answer that is not there yet holds nothing."""
        return all(answers.get(question) in allowed for question, allowed in self.when.items())


class Answer(Data):
    """One answer. ``label``: msgid of its button. ``because``: msgid of the pill on a paper that it adds, or ""."""

    id: Id
    label: Text
    because: str = ""


class Question(Asked):
    """One question before the list of papers is known. ``ask``: msgid."""

    id: Id
    ask: Text
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

    id: Id
    name: Text
    short: Text
    where: Text
    need: Literal["required", "optional"]
    one_of: str = ""
    pages: int = Field(ge=1, le=8)
    shape: Literal["a4", "f4", "card", "any"]
    original: bool = True


class Option(Data):
    """One choice of a field. ``label``: msgid."""

    id: Id
    label: Text


class FormField(Asked):
    """One question of the form. ``label``, ``help``: msgids. ``min``, ``max``: characters (dates: DDMMYYYY).

    ``options``: of a "choice" field alone; its answer is the option's id.
    """

    id: Id
    kind: FieldKind
    label: Text
    help: Text
    min: int = Field(default=1, ge=1)
    max: int = Field(default=32, le=120)
    options: tuple[Option, ...] = Field(default=(), max_length=12)


class Sla(Data):
    """What the district promises, and where it says so. ``text``: msgid or the district's words."""

    text: Text
    source: Text
    date: str = Field(pattern=DAY)


class Service(Data):
    """A civil-registry service (domain.md §1.4). ``name``, ``hint``, ``output``: msgids; ``source``: its rule.

    ``official``: check box of the form ("I.C.1"), or "". ``forms``: codes of the forms to fill in. The district's file
    alone gives ``sla``, ``off`` (not offered here; older applications keep their name) and ``dropped``: papers that are
    not asked any more, for the names of older pages.
    """

    code: str = Field(pattern=CODE)
    schema_version: int = Field(ge=1)
    name: Text
    hint: Text
    output: Text
    group: Group
    official: str = ""
    forms: tuple[str, ...] = ()
    source: Text
    source_date: str = Field(pattern=DAY)
    questions: tuple[Question, ...] = Field(default=(), max_length=MOST_QUESTIONS)
    papers: tuple[Paper, ...] = Field(min_length=1, max_length=MOST_PAPERS)
    fields: tuple[FormField, ...] = Field(max_length=12)
    sla: Sla | None = None
    off: bool = False
    dropped: tuple[Paper, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if wrongs := list(self.wrongs()):
            text = "; ".join(f"{spelled(place)}: {what}" for place, what in wrongs)
            raise PydanticCustomError(OURS, "{text}", {"text": text})
        return self

    def wrongs(self) -> Iterator[whole.Wrong]:
        """What does not fit together; nothing for a service that was made."""
        questions, papers = dict(enumerate(self.questions)), dict(enumerate(self.papers))
        return whole.wrongs(questions, papers, dict(enumerate(self.fields)), all_there=True)

    def paper(self, paper: str) -> Paper:
        """The paper of that id, also a dropped one. Raises KeyError."""
        return {p.id: p for p in (*self.dropped, *self.papers)}[paper]

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
        return whole.ways(self.questions)


_DISTRICTS = ("sla", "off", "dropped")
"""Keys of a service that stand in no file of the base."""


def check(file: Marked) -> tuple[Service | None, list[Flaw]]:
    """A file of the national base: its service, or every flaw."""
    if file.flaws and file.data is None:
        return None, file.flaws
    flaws = list(file.flaws)
    data = mapping(file.data)
    flaws += [
        file.flaw((key,), "a district's file says this, the national base does not", key=True)
        for key in _DISTRICTS
        if key in data
    ]
    flaws += [file.flaw(place, text) for place, text in _wording(data, ())]
    try:
        service = Service.model_validate(file.data)
    except ValidationError as error:
        service = None
        flaws += explained(error, file, Service)
        flaws += [file.flaw(place, text) for place, text in _parts(data)]
    return (None, sorted(set(flaws))) if flaws else (service, [])


_TEXTS = {"name", "hint", "output", "ask", "label", "because", "short", "where", "help"}


def _wording(data: object, place: Place) -> Iterator[whole.Wrong]:
    for n, one in enumerate(listed(data)):
        yield from _wording(one, (*place, n))
    for key, one in mapping(data).items():
        if isinstance(one, str) and key in _TEXTS and (text := wrong(one)):
            yield (*place, key), text
        yield from _wording(one, (*place, key))


def _parts(data: dict[str, object]) -> Iterator[whole.Wrong]:
    """What does not fit together among those parts that can be read."""
    questions, all_questions = _readable(data.get("questions"), Question)
    papers, all_papers = _readable(data.get("papers"), Paper)
    fields, all_fields = _readable(data.get("fields"), FormField)
    if len(questions) > MOST_QUESTIONS:
        return iter(())
    there = all_questions and all_papers and all_fields
    return whole.wrongs(questions, papers, fields, all_there=there)


Part = TypeVar("Part", bound=Data)


def _readable(data: object, model: type[Part]) -> tuple[dict[int, Part], bool]:
    found: dict[int, Part] = {}
    for place, one in enumerate(listed(data)):
        try:
            found[place] = model.model_validate(one)
        except ValidationError:
            continue
    return found, data is None or (isinstance(data, list) and len(found) == len(listed(cast(object, data))))


def load(path: Path) -> Service:
    """Read one file of the national base. Raises ServiceError."""
    service, flaws = check(marked.read(path))
    if service is None:
        raise ServiceError(flaws)
    return service


@cache
def base() -> dict[str, Service]:
    """The national base by code: by group, then in the order of the file names."""
    services = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    services.sort(key=lambda service: GROUPS.index(service.group))
    return {service.code: service for service in services}


class _Chosen:
    """The catalogue of this process: the base, or the base as a district's file changes it; read at the first use."""

    path: Path | None = None
    services: dict[str, Service] | None = None
    words: words.Local = MappingProxyType({})


def use(path: Path | None, *, later: bool = False) -> None:
    """Let ``catalogue()`` of this process follow the district's file; None: the base alone. Raises ServiceError.

    ``later``: the file is read at the first use, as the window does it.
    """
    _Chosen.path, _Chosen.services, _Chosen.words = path, None, MappingProxyType({})
    words.consult(_local if path is not None else None)
    if not later:
        catalogue()


def _local() -> words.Local:
    catalogue()
    return _Chosen.words


def catalogue() -> dict[str, Service]:
    """All services by code, in the order of the services screen; also those that the district switched off."""
    if _Chosen.services is None:
        if _Chosen.path is None:
            _Chosen.services = base()
        else:
            from wire import district  # stands on this module

            _Chosen.services, _Chosen.words = district.load(_Chosen.path)
    return _Chosen.services


def offered() -> tuple[str, ...]:
    """Codes of the services that a resident may choose here."""
    return tuple(code for code, service in catalogue().items() if not service.off)
