"""What the visit's effects do to cache and printer, on a lane of their own; what came of it is told as an event."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from drivers.contract import Printer, PrintResult
from kiosk import receipt
from kiosk.lane import Lane
from kiosk.visit import events as visit_events
from kiosk.visit.effects import (
    CheckCard,
    ForgetCard,
    Lookup,
    Prepare,
    PreparePage,
    PrintReceipt,
    RememberCard,
    SealPage,
    Submit,
)
from offline_cache.api import Cache, CacheError, Completes, Identity, LineState, QueueState, TrialRecord
from wire import events, faults
from wire.places import Places
from wire.service import catalogue

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cache says of itself. ``known``: it has been asked. ``fault``: why it cannot be, or "".

    ``shown``: the number that the last station left unsettled and its age in seconds, asked once at the start.
    ``places``: see ``Cache.places``. ``trials``: the newest test of each device.
    """

    known: bool = False
    fault: str = ""
    identity: Identity | None = None
    queue: QueueState | None = None
    line: LineState | None = None
    shown: tuple[str, float] | None = None
    places: tuple[Places, str] | None = None
    pin_set: bool = False
    trials: tuple[TrialRecord, ...] = ()

    @property
    def closed(self) -> tuple[str, ...]:
        """Codes of what keeps the terminal from taking applications, most urgent first."""
        if not self.known:
            return ()
        if self.fault:
            return (self.fault,)
        if self.identity is None:
            return ("not_enrolled",)
        codes = {"revoked"} if self.identity.revoked else set[str]()
        if self.queue is not None and self.queue.full:
            codes.add("disk_full")
        return faults.by_urgency(codes)


Told = (
    Facts
    | visit_events.PageSealed
    | visit_events.SealFailed
    | visit_events.Submitted
    | visit_events.SubmitFailed
    | visit_events.PrintOutcome
    | visit_events.LookupDone
    | visit_events.LookupFailed
    | visit_events.CardAnswered
)


class Hands:
    """``tell`` is called from the lane's and the printer's threads."""

    def __init__(
        self, cache: Cache | None, cache_fault: str, printer: Printer | None, tell: Callable[[Told], None]
    ) -> None:
        self._cache, self._cache_fault, self._printer, self._tell = cache, cache_fault, printer, tell
        self._lane = Lane("hands")
        self._drafts: dict[str, str] = {}  # the visit's name of a draft -> the cache's; the lane's alone
        self._refused = 0  # what the office had refused before the newest application; the lane's alone
        self._looking = threading.Lock()
        self._shown_asked = False  # the lane's alone

    def look(self) -> None:
        """Ask the cache for its facts; a second wish before the first is met is the same wish."""
        if self._looking.acquire(blocking=False):
            self._lane.do(self._look)

    def seal(self, page: SealPage) -> None:
        """Keep a page."""

        def work() -> None:
            cache = self._need()
            if page.nik:
                cache.foresee(page.nik, page.number)
            cache.keep_page(self._draft(page.draft), page.paper, page.page, page.image, page.media_type)
            self._tell(visit_events.PageSealed(time.monotonic(), page.draft, page.paper, page.page))

        self._do(work, lambda fault: visit_events.SealFailed(time.monotonic(), page.draft, fault))

    def prepare(self, ahead: PreparePage | Prepare, language: str) -> None:
        """Do beforehand what can be done; what fails now, the press itself tells."""

        def work() -> None:
            cache = self._need()
            try:
                match ahead:
                    case PreparePage():
                        cache.seal_ahead(self._draft(ahead.draft), ahead.image)
                    case Prepare():
                        _with(cache.prepare, self._draft(ahead.send.draft), ahead.send, language)
            except CacheError as error:
                events.log_error("prepare", error)

        self._lane.do(work)

    def submit(self, send: Submit, language: str) -> None:
        """Queue the application."""

        def work() -> None:
            cache, draft = self._need(), self._draft(send.draft)
            for paper, page in send.dropped:
                cache.drop_page(draft, paper, page)
            self._refused = cache.queue().quarantined
            done = _with(cache.submit, draft, send, language)
            self._tell(visit_events.Submitted(time.monotonic(), send.draft, done.number))
            self.look()

        def failed(fault: str) -> Told:
            self.look()
            return visit_events.SubmitFailed(time.monotonic(), send.draft, fault)

        self._do(work, failed)

    def abandon(self, draft: str) -> None:
        """Remove a draft, after whatever was begun for it."""

        def work() -> None:
            if draft in self._drafts:
                self._need().abandon(self._drafts.pop(draft))

        self._lane.do(work)

    def forget(self, draft: str) -> None:
        """The visit of a draft that was sent is over."""

        def work() -> None:
            self._drafts.pop(draft, None)

        self._lane.do(work)

    def settle(self, number: str) -> None:
        """The resident knows the number, or has the receipt."""
        self._lane.do(lambda: self._need().settle(number))

    def lookup(self, ask: Lookup) -> None:
        """ "Cek status"."""

        def work() -> None:
            answer = self._need().lookup(ask.number, ask.nik)
            self._tell(visit_events.LookupDone(time.monotonic(), ask.visit, ask.asked, answer))

        self._do(work, lambda fault: visit_events.LookupFailed(time.monotonic(), ask.visit, ask.asked, fault))

    def card(self, ask: CheckCard | RememberCard | ForgetCard) -> None:
        """Check, remember or forget a card. Neither UID nor NIK is logged."""

        def told(state: str) -> visit_events.CardAnswered:
            return visit_events.CardAnswered(time.monotonic(), ask.visit, ask.asked, state)

        def work() -> None:
            cache = self._need()
            match ask:
                case CheckCard():
                    self._tell(told("confirmed" if cache.card_known(ask.uid, ask.nik) else "new"))
                case RememberCard():
                    cache.remember_card(ask.uid, ask.nik)
                    events.log("card_remembered")
                    self._tell(told("remembered"))
                case ForgetCard():
                    cache.forget_card(ask.uid, ask.nik)
                    events.log("card_forgotten")
                    self._tell(told("new"))

        self._do(work, lambda _: told(""))

    def print(self, job: PrintReceipt) -> None:
        """Print the receipt; an outcome that changes later is told again."""

        def told(outcome: str, why: tuple[str, ...] = ()) -> visit_events.PrintOutcome:
            events.log("receipt_printed", number=job.number, outcome=outcome, copy=job.copy)
            return visit_events.PrintOutcome(time.monotonic(), job.visit, job.job, outcome, why)

        def work() -> None:
            if self._printer is None:
                self._tell(told("none"))
                return
            cache = self._need()
            identity, queue = cache.identity(), cache.queue()
            data = receipt.data(
                receipt.Facts(
                    number=job.number,
                    service=job.service,
                    pages=job.pages,
                    place=identity.place if identity else None,
                    sent=queue.queued == 0 and queue.quarantined <= self._refused,
                    job=job.job,
                    copy=job.copy,
                    missing=job.missing,
                    completes=job.completes,
                    at=dt.datetime.now().astimezone(),
                )
            )

            def done(result: PrintResult) -> None:
                self._tell(told(result.outcome.value, result.faults))

            self._printer.print(f"{job.number}/{job.job}", data, done)

        self._do(work, lambda _: told("failed"))

    def close(self) -> None:
        """Finish what was begun, within a few seconds."""
        self._lane.close()

    def _do(self, work: Callable[[], None], failed: Callable[[str], Told]) -> None:
        """Run ``work`` on the lane; an error becomes the event that ``failed`` makes of its fault code."""

        def run() -> None:
            try:
                work()
            except CacheError as error:
                events.log_error("hands", error)
                self._tell(failed(error.code))
            except Exception as error:
                events.log_error("hands", error)
                self._tell(failed(""))

        self._lane.do(run)

    def _look(self) -> None:
        self._looking.release()
        if self._cache is None:
            self._tell(Facts(True, self._cache_fault))
            return
        try:
            facts = Facts(
                True,
                identity=self._cache.identity(),
                queue=self._cache.queue(),
                line=self._cache.line(),
                shown=None if self._shown_asked else self._cache.last_shown(),
                places=self._cache.places(),
                pin_set=self._cache.pin_set(),
                trials=self._cache.trials(),
            )
            self._shown_asked = True
        except CacheError as error:
            facts = Facts(True, error.code)
        except Exception as error:
            events.log_error("hands", error)
            facts = Facts(True, "cache_broken")
        self._tell(facts)

    def _draft(self, name: str) -> str:
        if name not in self._drafts:
            self._drafts[name] = self._need().begin_draft()
        return self._drafts[name]

    def _need(self) -> Cache:
        if self._cache is None:
            raise CacheError(self._cache_fault)
        return self._cache


def _with(call: Callable[..., _Answer], draft: str, send: Submit, language: str) -> _Answer:
    """``Cache.submit`` or ``Cache.prepare`` with what the visit wants to send."""
    return call(
        draft,
        send.service,
        catalogue()[send.service].schema_version,
        language,
        dict(send.form),
        answers=dict(send.answers),
        missing=send.missing,
        completes=Completes(*send.completes) if send.completes else None,
    )
