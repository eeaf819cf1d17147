"""An application: all submissions that carry one number. The first one made it; the others complete it.

The rules that both the database's rows and a folder of manifests follow are pure: what joins, and what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.tables import Event, Submission
from wire.change import State
from wire.manifest import Manifest, unproved


@dataclass(frozen=True, slots=True)
class Claim:
    """What a submission says about the application that it belongs to."""

    id: str
    corrects: str | None
    number: str
    service: str
    tag: str

    @classmethod
    def of_row(cls, row: Submission) -> Self:
        """Of a row of the database."""
        return cls(row.id, row.corrects, row.number, row.service, row.tag)

    @classmethod
    def of_manifest(cls, manifest: Manifest) -> Self:
        """Of a manifest."""
        return cls(manifest.submission_id, manifest.corrects, manifest.number, manifest.service, manifest.tag)


def misfit(first: Claim, completion: Claim) -> str:
    """Why ``completion`` does not belong to the application that ``first`` made, or ""; nothing personal."""
    if completion.corrects != first.id:
        return "it completes another submission"
    if first.corrects is not None:
        return "what it completes is a completion itself"
    if first.number != completion.number:
        return "the submission that it completes has another number"
    if first.service != completion.service:
        return "the submission that it completes is of another service"
    if first.tag != completion.tag:
        return "its second fact is not that of the submission that it completes"
    return ""


@dataclass(frozen=True, slots=True)
class Lack:
    """What an application lacks. ``asked``: papers that the office sent back and that did not come again yet."""

    missing: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()

    def came(self, papers: Iterable[str], missing: Sequence[str]) -> Lack:
        """After a completion with pages of ``papers``, which says that ``missing`` is still to come.

        It may not know of another completion made elsewhere: its word counts for what was missing or asked for alone.
        """
        here = frozenset(papers)
        still = (*self.missing, *(paper for paper in missing if paper in self.asked))
        return Lack(tuple(dict.fromkeys(paper for paper in still if paper not in here)), self.asked - here)

    def sent_back(self, papers: Iterable[str]) -> Lack:
        """After a decision that names papers."""
        return Lack(self.missing, frozenset(paper for paper in papers if paper))


def pages_of(row: Submission) -> tuple[tuple[str, int], ...]:
    """Paper and number of a submission's pages. Its manifest was accepted: it can be read."""
    return tuple((part.paper, part.n) for part in unproved(row.manifest)[1].parts if part.role == "page")


def first_of(session: Session, row: Submission) -> Submission | None:
    """The submission that a completion names (itself for a first one), or None while that is on its way."""
    return row if row.corrects is None else session.get(Submission, row.corrects)


def is_stray(session: Session, row: Submission) -> bool:
    """True for a completion that does not belong to what it names."""
    first = first_of(session, row)
    return first is not None and first is not row and bool(misfit(Claim.of_row(first), Claim.of_row(row)))


def members(session: Session, row: Submission) -> list[Submission]:
    """The received submissions of one application, the first one first, then in order of arrival.

    A completion that does not belong to what it names stands alone.
    """
    first_id = row.corrects or row.id
    first = first_of(session, row)
    if is_stray(session, row):
        return [row]
    # With the first still on its way, the completions that agree with this one are together.
    stands = Claim.of_row(first) if first is not None else Claim(first_id, None, row.number, row.service, row.tag)
    others = session.scalars(
        select(Submission)
        .where(Submission.corrects == first_id, Submission.received_at.is_not(None), Submission.id != first_id)
        .order_by(Submission.server_seq)
    )
    joined = [other for other in others if not misfit(stands, Claim.of_row(other))]
    return [first, *joined] if first is not None and first.received_at is not None else joined


def lacking(session: Session, joined: Sequence[Submission], event: Event | None = None) -> tuple[str, ...]:
    """What the application of ``joined`` lacks after its events, and after ``event``, which is not written yet."""
    by_id = {row.id: row for row in joined}
    first = next((row for row in joined if row.corrects is None), None)
    events = list(session.scalars(select(Event).where(Event.submission_id.in_(by_id)).order_by(Event.no)))
    lack = Lack(tuple(first.missing)) if first is not None else None
    for each in [*events, event] if event is not None else events:
        row = by_id[each.submission_id]
        if each.state == State.RECEIVED:
            if row.corrects is None:
                continue
            # Without the first one, what the earliest completion says is all that is known.
            lack = (
                Lack(tuple(row.missing))
                if lack is None
                else lack.came((paper for paper, _ in pages_of(row)), row.missing)
            )
        elif each.officer_id is not None and each.state != State.IN_REVIEW:
            lack = (lack or Lack()).sent_back(reason["paper"] for reason in each.reasons)
    return lack.missing if lack is not None else ()


def lead_of(session: Session, number: str) -> Submission | None:
    """The submission that stands for a number: the first one, or the earliest received while that is on its way."""
    rows = session.scalars(
        select(Submission)
        .where(Submission.number == number, Submission.received_at.is_not(None))
        .order_by(Submission.corrects.is_not(None), Submission.server_seq)
        .limit(1)
    )
    return rows.first()


def of_number(session: Session, number: str) -> tuple[list[Submission], list[Submission]]:
    """The submissions of a number: those that make the application, and those that do not belong to it."""
    lead = lead_of(session, number)
    if lead is None:
        return [], []
    joined = members(session, lead)
    known = {row.id for row in joined}
    rows = session.scalars(
        select(Submission)
        .where(Submission.number == number, Submission.received_at.is_not(None))
        .order_by(Submission.server_seq)
    )
    return joined, [row for row in rows if row.id not in known]
