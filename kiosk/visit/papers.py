"""Papers that are not here: required ones come later once the resident says so, optional ones are left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kiosk.status import Step
from kiosk.visit.state import Slot, Visit


def can_skip(visit: Visit) -> bool:
    """True while the paper to be scanned now may be said to be missing: not while one of its pages is replaced."""
    slot = visit.target()
    if visit.step is not Step.SCAN or visit.judged or visit.capturing or visit.sealing or slot is None:
        return False
    return visit.redo is None or visit.kept_page(slot) is None


def not_here(visit: Visit) -> Visit:
    """ "I do not have this paper": an optional one is left out at once, a required one asked about."""
    slot = visit.target()
    if not can_skip(visit) or visit.asking_missing or slot is None:
        return visit
    visit = replace(visit, complaint="")
    if any(paper.id == slot.paper and paper.need == "optional" for paper in visit.papers()):
        return _without(visit, slot)
    return replace(visit, asking_missing=slot.paper)


def send_without(visit: Visit, yes: bool) -> Visit:
    """The answer to "send without this paper?"."""
    slot = visit.target()
    if not visit.asking_missing or slot is None:
        return visit
    visit = replace(visit, asking_missing="")
    return _without(visit, slot) if yes else visit


def redo(visit: Visit, paper: str, page: int) -> Visit:
    """From the review: scan this side again, or one of a paper that was said to be missing."""
    slot = next((s for s in visit.slots() if (s.paper, s.page) == (paper, page)), None)
    return replace(visit, step=Step.SCAN, redo=slot, complaint="") if slot else visit


def here(visit: Visit, paper: str, page: int) -> Visit:
    """The visit once a page of the paper was sealed: it is not missing, and that page goes with the rest."""
    return replace(
        visit,
        missing=tuple(each for each in visit.missing if each != paper),
        skipped=tuple(each for each in visit.skipped if each != paper),
        dropped=tuple(each for each in visit.dropped if each != (paper, page)),
    )


def fitted(visit: Visit) -> Visit:
    """The visit without what answers that changed no longer ask for: pages of other papers are not sent."""
    wanted = {paper.id for paper in visit.papers()}
    visit = _drop(visit, {page.paper for page in visit.kept} - wanted)
    return replace(
        visit,
        missing=tuple(paper for paper in visit.missing if paper in wanted),
        skipped=tuple(paper for paper in visit.skipped if paper in wanted),
    )


def _without(visit: Visit, slot: Slot) -> Visit:
    """Go on without the paper of ``slot``; half a paper is none."""
    optional = {paper.id for paper in visit.papers() if paper.need == "optional"}
    gone = {*visit.missing, *visit.skipped, slot.paper}
    order = tuple(paper.id for paper in visit.papers() if paper.id in gone)
    visit = replace(
        _drop(visit, {slot.paper}),
        missing=tuple(paper for paper in order if paper not in optional),
        skipped=tuple(paper for paper in order if paper in optional),
        redo=None,
    )
    return visit if visit.target() else replace(visit, step=Step.REVIEW)


def _drop(visit: Visit, papers: Collection[str]) -> Visit:
    gone = tuple((page.paper, page.page) for page in visit.kept if page.paper in papers)
    kept = tuple(page for page in visit.kept if page.paper not in papers)
    return replace(visit, kept=kept, dropped=(*visit.dropped, *gone))
