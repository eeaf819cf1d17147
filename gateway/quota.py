"""What one terminal may ask for (settings.Quota), counted in the database so that it holds over all workers.

Rates are kept as one number a terminal, the time until which what it asked for is paid: each request moves it on by
its share, and may stand at most one whole span ahead of the clock. Nothing is lost by a refusal: the terminal comes
again after the seconds that it is told, one share later, also after the office was restored and it sends everything
again. Requests a second are the proxy's.
"""

from __future__ import annotations

import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.problems import Refusal
from gateway.settings import Quota
from gateway.tables import Part, Submission, Terminal
from wire.problem import Code

_HOUR_MS, _MINUTE_MS = 3_600_000, 60_000
_RETRY_OPEN_S = 60
FREE = Quota(0, 0, 0)


def announce(session: Session, quota: Quota, submission: Submission, coming: int) -> None:
    """Count a new submission of ``coming`` bytes. Raises Refusal (BUSY)."""
    terminal = session.get_one(Terminal, submission.terminal_id)
    # One submission is always let in, however large.
    if quota.open_bytes and terminal.open_bytes and terminal.open_bytes + coming > quota.open_bytes:
        raise Refusal(Code.BUSY, "too much is announced and not sent yet", retry_after=_RETRY_OPEN_S)
    terminal.announced_ms = _paid(terminal.announced_ms, quota.announcements, _HOUR_MS)
    terminal.open_bytes += coming


def arrive(session: Session, submission: Submission) -> None:
    """A submission is on its way no longer: its bytes are here, or it was withdrawn."""
    bytes_ = session.scalar(select(func.sum(Part.bytes)).where(Part.submission_id == submission.id)) or 0
    terminal = session.get_one(Terminal, submission.terminal_id)
    # A new disk was forgiven what the old one had announced (enrol): that may still come.
    terminal.open_bytes = max(0, terminal.open_bytes - int(bytes_))


def beat(terminal: Terminal, quota: Quota) -> None:
    """Count a heartbeat. Raises Refusal (BUSY)."""
    terminal.beats_ms = _paid(terminal.beats_ms, quota.beats, _MINUTE_MS)


def _paid(until_ms: int, most: int, span_ms: int) -> int:
    """Until when is paid after one more of ``most`` a span. Raises Refusal (BUSY)."""
    if not most:
        return until_ms
    now_ms = time.time_ns() // 1_000_000
    # Nobody is let further ahead than a span: the clock was set back since, and that must not shut a terminal out.
    after = (until_ms if now_ms < until_ms <= now_ms + span_ms else now_ms) + -(-span_ms // most)
    wait_ms = after - now_ms - span_ms
    if wait_ms > 0:
        raise Refusal(Code.BUSY, f"more than {most} in {span_ms // 1000} s", retry_after=-(-wait_ms // 1000))
    return after
