"""The office's answer in words for residents: each state, the road to the document, and what is to be done."""

from __future__ import annotations

from kivy.lang import global_idmap

from kiosk.status import TrailView
from screens.naming import paper_name
from wire.change import REASONS, State
from wire.words import N_

# State: mark, title, what it means, next step, the second line of it.
WORDS: dict[str, tuple[str, str, str, str, str]] = {
    "queued": (
        "later", N_("Waiting for the line"), N_("It is stored here and goes out by itself."),
        N_("You need not do anything now."), N_("Look again tomorrow."),
    ),
    State.RECEIVED: (
        "ok", N_("The office has it"), N_("All papers arrived."),
        N_("You need not do anything now."), N_("Look again in a few days."),
    ),
    State.IN_REVIEW: (
        "now", N_("Being checked"), N_("An officer is looking at your papers."),
        N_("You need not do anything now."), N_("Look again in a few days."),
    ),
    State.NEEDS_CORRECTION: (
        "warn", N_("Needs correction"), N_("The office needs something else from you."),
        "", N_("Ask the officer when something is unclear."),
    ),
    State.REJECTED: (
        "bad", N_("Not accepted"), N_("The office could not accept it."),
        "", N_("Ask the officer what you can do."),
    ),
    State.APPROVED: (
        "ok", N_("Approved"), N_("The office makes your document."),
        N_("You need not do anything now."), N_("Look again in a few days."),
    ),
    State.READY: (
        "ok", N_("Ready to collect"), N_("Your document is ready."),
        N_("Collect it at the office."), N_("Bring this number."),
    ),
    State.ISSUED: ("ok", N_("Collected"), N_("You have your document."), N_("All is done."), ""),
    State.WITHDRAWN: ("bad", N_("Withdrawn"), N_("This application was taken back."), N_("You can apply again."), ""),
}  # fmt: skip
WAITS = ("queued", State.RECEIVED, State.IN_REVIEW)
"""States in which an application that lacks papers waits for them, also for those that this terminal cannot name."""
LINES = 3
"""So many lines of what to do; more are counted."""
TINTS = {"ok": "ok", "warn": "warn", "bad": "bad", "now": "primary", "later": "accent"}
# The road: how far each state is on it (0 sent, 1 received, 2 checked, 3 ready), and what stands at that place.
ROAD = (N_("Sent to the office"), N_("Received by the office"), N_("Checked by an officer"), N_("Ready to collect"))
REACHED = {
    "queued": 0, State.RECEIVED: 1, State.IN_REVIEW: 2, State.NEEDS_CORRECTION: 2, State.REJECTED: 2,
    State.WITHDRAWN: 2, State.APPROVED: 2, State.READY: 3, State.ISSUED: 3,
}  # fmt: skip


def steps(trail: TrailView, *, brief: bool = False) -> list[str]:
    """What the resident is to do, a line each: the office's reasons, then what never came.

    ``brief``: of several reasons, only what is wrong.
    """
    say = global_idmap["tr"].say
    lines: list[str] = []
    refused = trail.reasons if trail.state in (State.NEEDS_CORRECTION, State.REJECTED) else ()
    for code, paper in refused:
        text = say(REASONS.get(code, REASONS["office_visit"]))
        if brief and len(refused) > 1:
            text = text.split(". ")[0].rstrip(".") + "."
        name = say(paper_name(trail.service, paper, short=True)) if paper else ""
        lines.append(f"{name}: {text}" if name else text)
    told = {paper for _, paper in refused}
    for paper in trail.todo:
        if paper not in told:
            lines.append(say(N_("{paper} is not here yet"), paper=say(paper_name(trail.service, paper, short=True))))
    if len(lines) > LINES:
        return [*lines[: LINES - 1], say(N_("And {count} more"), count=len(lines) - LINES + 1)]
    return lines
