"""Adding papers to an application that is at the office: from the result of "Cek status", only what it lacks."""

from __future__ import annotations

from dataclasses import replace

from kiosk.status import Step
from kiosk.visit.effects import Abandon, Effect
from kiosk.visit.state import Visit
from offline_cache.api import Trail
from wire.change import State
from wire.service import catalogue

_OPEN = {State.RECEIVED, State.IN_REVIEW, State.NEEDS_CORRECTION, "queued"}


def todo(trail: Trail) -> tuple[str, ...]:
    """Papers that can be added now: those that never came and those refused, as far as the service knows them."""
    service = catalogue().get(trail.service)
    if service is None or not trail.first or trail.state not in _OPEN:
        return ()
    refused = {paper for _, paper in trail.reasons} if trail.state == State.NEEDS_CORRECTION else set[str]()
    return tuple(paper.id for paper in service.papers if paper.id in {*trail.missing, *refused})


def missing(trail: Trail) -> tuple[str, ...]:
    """Papers that the application lacks, without those that the district no longer asks for."""
    service = catalogue().get(trail.service)
    dropped = {paper.id for paper in service.dropped} if service else set[str]()
    return tuple(paper for paper in trail.missing if paper not in dropped)


def unknown(visit: Visit) -> tuple[str, ...]:
    """Papers that the application lacks and this terminal cannot name: they go on being missing."""
    known = {paper.id for paper in visit.chosen.papers} if visit.chosen else set[str]()
    return tuple(paper for paper in missing(visit.trail) if paper not in known) if visit.trail else ()


def begin(visit: Visit) -> Visit:
    """Scan what is to be added. The NIK just typed stays until the visit ends: the submission is sealed with it."""
    trail = visit.trail
    papers = todo(trail) if trail is not None else ()
    if visit.step is not Step.STATUS_RESULT or trail is None or not papers:
        return visit
    visit = replace(
        visit,
        service=trail.service,
        completes=(trail.first, trail.number),
        todo=papers,
        missing=(),
        skipped=(),
        complaint="",
    )
    return replace(visit, step=Step.SCAN if visit.target() else Step.REVIEW)


def undo(visit: Visit) -> tuple[Visit, tuple[Effect, ...]]:
    """The visit before any number was looked up: no NIK, no answer, and no page of a completion."""
    answers = tuple(pair for pair in visit.answers if pair[0] != "nik")
    before = replace(visit, step=Step.STATUS_NUMBER, answers=answers, lookup="", trail=None)
    if not visit.completes:
        return before, ()
    before = replace(before, service="", completes=None, todo=(), kept=(), dropped=(), missing=(), skipped=())
    return replace(before, parcel=None, generation=visit.generation + 1), (Abandon(visit.draft),)
