"""A district's file: what its office does otherwise than the national base. docs/services.md explains every key.

It may switch a service off, add, drop or reword papers, ask a question in other words, make a paper optional or
required, and state a finishing time. Its words stand in the file, in every language that the terminal offers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, cast

from pydantic import Field, ValidationError

from wire import marked, service
from wire.explain import DAY, explained, near
from wire.marked import Flaw, Marked, Place, listed, mapping
from wire.service import MOST_PAPERS, Asked, Data, Id, Paper, Service, ServiceError, Sla, Text
from wire.whole import Wrong
from wire.wording import wrong
from wire.words import Local, named

Words = dict[str, dict[str, str]]
"""Msgid to language to text."""
_LANGUAGES = {"id", "en"}


class Said(Data):
    """The district's own words in both languages."""

    id: Text
    en: Text


class Reworded(Data):
    """Other words for a paper; what is left out stays."""

    name: Said | None = None
    short: Said | None = None
    where: Said | None = None


class Added(Asked):
    """One more paper. ``after``: id of the paper before it, "" = last. The other keys: see ``wire.service.Paper``."""

    id: Id
    after: str = ""
    name: Said
    short: Said
    where: Said
    need: Literal["required", "optional"]
    pages: int = Field(ge=1, le=8)
    shape: Literal["a4", "f4", "card", "any"]
    original: bool = True


class Promise(Data):
    """What the office promises, and where it says so."""

    text: Said
    source: Text
    date: str = Field(pattern=DAY)


class Change(Data):
    """What is otherwise in one service. ``need``, ``papers``: by paper; ``ask``: by question."""

    off: bool = False
    drop: tuple[str, ...] = ()
    need: dict[str, Literal["required", "optional"]] = Field(default_factory=dict)
    papers: dict[str, Reworded] = Field(default_factory=dict)
    ask: dict[str, Said] = Field(default_factory=dict)
    add: tuple[Added, ...] = ()
    sla: Promise | None = None


class District(Data):
    """The file. ``source``, ``source_date``: the rule that its changes rest on."""

    schema_version: int = Field(ge=1, le=1)
    district: Text
    source: Text
    source_date: str = Field(pattern=DAY)
    services: dict[str, Change]


def load(path: Path) -> tuple[dict[str, Service], Local]:
    """The whole catalogue as the file changes it, and the file's words. Raises ServiceError."""
    made, words, flaws = check(marked.read(path), service.base())
    if flaws:
        raise ServiceError(flaws)
    return made, words


def check(file: Marked, base: Mapping[str, Service]) -> tuple[dict[str, Service], Words, list[Flaw]]:
    """The catalogue, the words and every flaw; with flaws, catalogue and words are not for use."""
    flaws = list(file.flaws)
    if not (flaws and file.data is None):
        flaws += [file.flaw(place, text) for place, text in _wording(file.data, ())]
        try:
            District.model_validate(file.data)
        except ValidationError as error:
            flaws += explained(error, file, District)
    made, words = dict(base), Words()
    for code, change in _changes(file):
        here: Place = ("services", code)
        if code not in base:
            flaws.append(file.flaw(here, f"there is no service {code}{near(code, base)}", key=True))
            continue
        unknown = [file.flaw((*here, *place), text) for place, text in _unknown(base[code], change)]
        flaws += unknown
        if not unknown:
            made[code], own, wrongs = _changed(base[code], change)
            words |= own
            flaws += [file.flaw(here, text, key=True) for text in wrongs]
    return made, words, sorted(set(flaws))


def _wording(data: object, place: Place) -> Iterator[Wrong]:
    for n, one in enumerate(listed(data)):
        yield from _wording(one, (*place, n))
    entry = mapping(data)
    kind = "ask" if "ask" in place[-2:] else str(place[-1]) if place else ""
    for key, one in entry.items():
        if isinstance(one, str) and entry.keys() <= _LANGUAGES and (text := wrong(one, kind)):
            yield (*place, key), text
        yield from _wording(one, (*place, key))


def _changes(file: Marked) -> Iterator[tuple[str, Change]]:
    """Those services' changes that can be read."""
    for code, one in mapping(mapping(file.data).get("services")).items():
        try:
            yield code, Change.model_validate(one)
        except ValidationError:
            continue


def _unknown(of: Service, change: Change) -> Iterator[Wrong]:
    """What the change names and the service does not have."""
    papers = [paper.id for paper in of.papers]
    left = [id_ for id_ in papers if id_ not in change.drop]
    for n, id_ in enumerate(change.drop):
        if id_ not in papers:
            yield ("drop", n), f"there is no paper {id_}{near(id_, papers)}"
        elif id_ in change.drop[:n]:
            yield ("drop", n), f"{id_} is dropped twice"
    for key, named_ in (("need", change.need), ("papers", change.papers)):
        for id_ in named_:
            if id_ not in left:
                why = "is dropped in this file" if id_ in papers else f"is no paper here{near(id_, left)}"
                yield (key, id_), f"{id_} {why}"
    questions = [question.id for question in of.questions]
    for id_ in change.ask:
        if id_ not in questions:
            yield ("ask", id_), f"there is no question {id_}{near(id_, questions)}"
    for n, added in enumerate(change.add):
        if added.id in papers:
            yield ("add", n, "id"), f"the paper {added.id} is there already; reword it under papers"
        if added.after and added.after not in left:
            yield ("add", n, "after"), f"there is no paper {added.after}{near(added.after, left)}"
        left.append(added.id)


def _changed(of: Service, change: Change) -> tuple[Service, Words, list[str]]:
    """The service, the words for it, and what does not fit together any more."""
    words = Words()

    def own(said: Said, *place: str) -> str:
        msgid = named(".".join((of.code, *place)), said.en)
        words[msgid] = {"id": said.id, "en": said.en}
        return msgid

    papers: list[Paper] = []
    for paper in of.papers:
        if paper.id in change.drop:
            continue
        said = change.papers.get(paper.id, Reworded())
        fresh = {key: own(text, paper.id, key) for key in ("name", "short", "where") if (text := getattr(said, key))}
        papers.append(paper.model_copy(update=fresh | {"need": change.need.get(paper.id, paper.need)}))
    for added in change.add:
        texts = {key: own(cast(Said, getattr(added, key)), added.id, key) for key in ("name", "short", "where")}
        rest = added.model_dump(exclude={"after", *texts})
        place = next((n for n, paper in enumerate(papers, 1) if paper.id == added.after), len(papers))
        papers.insert(place, Paper.model_validate(rest | texts))
    questions = tuple(
        question.model_copy(update={"ask": own(change.ask[question.id], question.id, "ask")})
        if question.id in change.ask
        else question
        for question in of.questions
    )
    promise = change.sla
    sla = Sla(text=own(promise.text, "sla"), source=promise.source, date=promise.date) if promise else None
    made = of.model_copy(
        update={
            "papers": tuple(papers),
            "questions": questions,
            "sla": sla,
            "off": change.off,
            "dropped": tuple(paper for paper in of.papers if paper.id in change.drop),
        }
    )
    wrongs = [f"{'.'.join(map(str, place))}: {text}" for place, text in made.wrongs()]
    if len(papers) > MOST_PAPERS:
        wrongs.append(f"{len(papers)} papers; {MOST_PAPERS} at most")
    return made, words, wrongs
