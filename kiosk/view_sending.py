"""What the window draws of how sending stands: the facts of the cache in, ``SendingView`` out."""

from __future__ import annotations

from kiosk.hands import Facts
from kiosk.staff import office
from kiosk.staff.porter import Job, Sending
from kiosk.status import Step
from kiosk.status_staff import CourierView, SendingView
from kiosk.visit.state import Visit
from offline_cache.api import SendState
from wire import faults
from wire.guard import Protection
from wire.words import N_

PAGE = 5
"""Refused applications on a page."""
_BROKEN = N_("The queue cannot be read.")
_PULLED = N_("The stick was pulled out too early. Plug it in again.")
_FAILED = N_("It did not work. Please try again.")
_ONLINE = N_("The line works.")
_NO_LINE = N_("No line to the office")
_GUARDS = {
    Protection.TPM: N_("Security chip (TPM)"),
    Protection.HOST: N_("This machine's own key"),
    Protection.FILE: N_("Only a file"),
}
_PROBLEMS = {
    "conflict": N_("Its sequence is taken."),
    "malformed": N_("The office cannot read it."),
    "part-damaged": N_("A page is damaged here."),
    "part-lost": N_("A page is missing here."),
    "too-large": N_("It is too large."),
    "unknown-part": N_("An unknown page is asked for."),
}
_REFUSED = N_("The office refused it.")


def sending_view(visit: Visit, facts: Facts, sending: Sending) -> SendingView:
    """How sending stands, most urgent first."""
    send = sending.send or SendState()
    state, why, at = _state(facts, send)
    going = send.progress if state == "sending" else None
    guarded = sending.protection in {each.value for each in Protection}
    pages = max(1, -(-len(sending.refused) // PAGE))
    page = visit.errand.page % pages
    listed = sending.refused[page * PAGE : (page + 1) * PAGE] if visit.step is Step.STAFF_REFUSED else ()
    return SendingView(
        state=state,
        why=why,
        at=at,
        number=going.number if going else "",
        sent=going.sent if going else 0,
        total=going.total if going else 0,
        rate=going.rate if going else 0.0,
        left_s=_left(going.sent, going.total, going.rate) if going else 0,
        line=_line(facts),
        sent_today=send.sent_today,
        budget=send.budget,
        full=facts.queue is not None and facts.queue.full,
        protection=_GUARDS[Protection(sending.protection)] if guarded else "",
        refused=tuple((number, _problem(problem)) for number, problem in listed),
        page=page,
        pages=pages,
        courier=_courier(sending),
    )


def queue_fault(facts: Facts) -> str:
    """Msgid why the queue cannot be read, or ""."""
    if not facts.known or not (facts.fault or facts.queue is None):
        return ""
    return faults.staff_words(facts.fault) or _BROKEN


def held(facts: Facts, sending: Sending) -> str:
    """Why the queue does not leave though the line may be up: what staff did, or what keeps something back now."""
    reason = sending.send.held if sending.send else ""
    waits = facts.queue is not None and facts.queue.queued > 0
    return reason if reason == "paused" or waits else ""


def _state(facts: Facts, send: SendState) -> tuple[str, str, str]:
    """State, msgid of its reason, and a time that belongs to it."""
    reason = facts.line.reason if facts.line else ""
    if fault := queue_fault(facts):
        return "broken", fault, ""
    if facts.identity is None:
        return "not_enrolled", "", ""
    if facts.identity.revoked:
        return "revoked", "", ""
    if send.held == "paused":
        return "paused", "", send.paused_at
    if facts.line is None or not facts.line.online:
        return "down", office.REASONS.get(reason, _NO_LINE), ""
    queue = facts.queue
    if queue is not None and queue.queued:
        if send.progress is not None:
            return "sending", "", ""
        return (send.held, "", send.until) if send.held in ("quiet", "budget") else ("waiting", "", "")
    return ("refused" if queue is not None and queue.quarantined else "clear"), "", ""


def _line(facts: Facts) -> str:
    if facts.line is None:
        return _NO_LINE
    return _ONLINE if facts.line.online else office.REASONS.get(facts.line.reason, _NO_LINE)


def _left(sent: int, total: int, rate: float) -> int:
    return max(1, round((total - sent) / rate)) if rate >= 1 and total > sent else 0


def _problem(problem: str) -> str:
    return _PROBLEMS.get(problem.rsplit(":", 1)[-1], _REFUSED)


def _courier(sending: Sending) -> CourierView:
    stick, job = sending.stick, sending.job
    view = CourierView(
        stick=stick is not None, free=stick.free if stick else 0, receipts=stick.receipts if stick else 0
    )
    return view if job is None else view.model_copy(update=_job(job))


def _job(job: Job) -> dict[str, object]:
    values: dict[str, object] = {"job": job.act, "state": job.state, "share": job.share}
    if job.state == "failed":
        pulled = job.fault == "stick_missing" and job.share > 0
        values["fault"] = _PULLED if pulled else faults.staff_words(job.fault) or _FAILED
    if (done := job.exported) is not None:
        values |= {
            "submissions": done.submissions,
            "bytes": done.bytes,
            "volumes": len(done.volumes),
            "left": done.left,
            "broken": done.broken,
        }
    if (taken := job.taken) is not None:
        values |= {"received": taken.received, "quarantined": taken.quarantined, "refused": taken.refused}
    return values
