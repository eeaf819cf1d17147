"""What a visit holds beside an application: the page of a list, the slip of papers, the staff's PIN and their test."""

from __future__ import annotations

from dataclasses import dataclass, field

Rows = tuple[tuple[str, str, str], ...]
"""Results of a test: (msgid, figures or a msgid, "ok", "bad" or "")."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A test of a device. ``asked``: its number. ``state``: running, asking, passed, failed; the rest as TrialView.

    ``since``: when it began (monotonic seconds).
    """

    role: str
    asked: int
    since: float
    state: str = "running"
    hint: str = ""
    ask: str = ""
    results: Rows = ()
    image: bytes = field(default=b"", repr=False)
    progress: float = 0.0
    left_s: int = 0


@dataclass(frozen=True, slots=True)
class Errand:
    """``page``: of a list, from 0; the list shows it modulo its pages. ``slip``: as in VisitView.

    ``slips``: print jobs of the slip begun in this visit; ``slip_since``: the newest one (monotonic seconds). ``pin``:
    the digits typed so far, gone once asked about. ``tests``: tests begun in this visit.
    """

    page: int = 0
    slip: str = ""
    slips: int = 0
    slip_since: float = 0.0
    pin: str = field(default="", repr=False)
    trial: Trial | None = None
    tests: int = 0
