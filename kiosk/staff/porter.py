"""How sending stands and what staff do about it: the switch, another try, what was refused, the USB courier.

Two lanes: what is quick, and what may take minutes on a slow stick. What runs on the second one outlives the visit that
began it; the pages show it to whoever comes next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from kiosk.lane import Lane
from kiosk.visit.effects import (
    ForgetCourier,
    HoldSending,
    LookAtSending,
    RunCourier,
    SendAgain,
    TryLine,
)
from kiosk.visit.events import SendingFailed
from offline_cache.api import Cache, CacheError, Exported, SendState, Stick, Taken
from wire import events

Effect = LookAtSending | HoldSending | TryLine | SendAgain | RunCourier | ForgetCourier
_STEP = 0.01
"""Progress is told in such steps."""


@dataclass(frozen=True, slots=True)
class Job:
    """The newest work of the courier. ``share``: 0 to 1 of it. ``fault``: of the catalogue, of one that failed."""

    act: Literal["export", "take"]
    state: Literal["running", "done", "failed"] = "running"
    share: float = 0.0
    exported: Exported | None = None
    taken: Taken | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """What the cache last said. ``send``: None before it was asked and where it cannot say."""

    send: SendState | None = None
    refused: tuple[tuple[str, str], ...] = ()
    protection: str = ""
    stick: Stick | None = None
    job: Job | None = None


class Porter:
    """``tell`` is called from the lanes; ``moved`` when queue or line may look different now."""

    def __init__(
        self,
        cache: Cache | None,
        cache_fault: str,
        tell: Callable[[Sending | SendingFailed], None],
        moved: Callable[[], None],
    ) -> None:
        self._cache, self._cache_fault, self._tell, self._moved = cache, cache_fault, tell, moved
        self._quick, self._slow = Lane("porter"), Lane("courier")
        self._lock = threading.Lock()
        self._now = Sending()
        self._looking, self._peering = threading.Lock(), threading.Lock()

    def take(self, effect: Effect) -> None:
        """Begin it; returns at once."""
        match effect:
            case LookAtSending():
                self._look(effect.more)
            case HoldSending():
                self._act(effect.visit, lambda cache: self._hold(cache, effect.on))
            case TryLine():
                self._act(effect.visit, self._try)
            case SendAgain():
                self._act(effect.visit, self._release)
            case RunCourier():
                self._run(effect.act)
            case ForgetCourier():
                if (job := self._now.job) is not None and job.state != "running":
                    self._change(lambda now: replace(now, job=None))

    def close(self) -> None:
        """Finish what is quick. What a stick still takes is cut off: a volume that is not whole is none."""
        self._quick.close(2.0)
        self._slow.close(1.0)

    # What is quick.

    def _look(self, more: str) -> None:
        """Ask the cache; a second wish before the first is met is the same wish."""

        def ask() -> None:
            self._looking.release()
            if self._cache is not None:
                self._ask(self._cache, more == "refused")

        if self._looking.acquire(blocking=False):
            self._quick.do(ask)
        if more == "stick" and not self._running() and self._peering.acquire(blocking=False):
            self._slow.do(self._peer)

    def _ask(self, cache: Cache, listed: bool) -> None:
        send, protection = cache.sending(), cache.protection().value
        refused = cache.refused() if listed else self._now.refused
        self._change(lambda now: replace(now, send=send, protection=protection, refused=refused))

    def _act(self, visit: int, act: Callable[[Cache], None]) -> None:
        def work() -> None:
            fault = ""
            try:
                cache = self._need()
                act(cache)
                self._ask(cache, True)
                self._moved()
                return
            except CacheError as error:
                events.log_error("porter", error)
                fault = error.code
            except Exception as error:
                events.log_error("porter", error)
            self._tell(SendingFailed(time.monotonic(), visit, fault))

        self._quick.do(work)

    def _hold(self, cache: Cache, on: bool) -> None:
        cache.pause(on)
        events.log("staff_held_sending", on=on)

    def _try(self, cache: Cache) -> None:
        cache.sync_now()
        events.log("staff_tried_line")

    def _release(self, cache: Cache) -> None:
        events.log("staff_sent_again", count=cache.release_quarantined())

    # What may take minutes.

    def _peer(self) -> None:
        self._peering.release()
        self._find_stick()

    def _find_stick(self) -> None:
        if self._cache is not None and not self._running():
            stick = self._cache.stick()
            self._change(lambda now: replace(now, stick=stick))

    def _run(self, act: Literal["export", "take"]) -> None:
        """Begin it, unless some other still runs."""
        with self._lock:
            if self._running():
                return
            self._now = replace(self._now, job=Job(act))
        self._tell(self._now)
        self._slow.do(self._export if act == "export" else self._take)

    def _export(self) -> None:
        shown = 0.0

        def moved(share: float) -> None:
            nonlocal shown
            if share - shown >= _STEP or share >= 1.0 > shown:
                shown = share
                self._job(share=min(share, 1.0))

        def work(cache: Cache) -> None:
            done = cache.export_to_stick(moved)
            files = len(done.volumes)
            events.log("staff_exported", submissions=done.submissions, bytes=done.bytes, volumes=files, left=done.left)
            self._job(state="done", share=1.0, exported=done)

        self._carry("export", work)

    def _take(self) -> None:
        def work(cache: Cache) -> None:
            done = cache.take_from_stick()
            events.log(
                "staff_took_answers",
                received=done.received,
                quarantined=done.quarantined,
                refused=len(done.refused),
            )
            self._job(state="done", share=1.0, taken=done)

        self._carry("take", work)

    def _carry(self, act: str, work: Callable[[Cache], None]) -> None:
        try:
            work(self._need())
        except Exception as error:
            events.log_error("courier", error)
            fault = error.code if isinstance(error, CacheError) else ""
            events.log("staff_courier_failed", act=act, fault=fault)
            self._job(state="failed", fault=fault)
        self._moved()
        self._find_stick()

    # What is told.

    def _running(self) -> bool:
        return self._now.job is not None and self._now.job.state == "running"

    def _job(self, **changed: object) -> None:
        self._change(lambda now: replace(now, job=replace(now.job, **changed) if now.job else None))

    def _change(self, change: Callable[[Sending], Sending]) -> None:
        with self._lock:
            before, self._now = self._now, change(self._now)
            if self._now != before:
                self._tell(self._now)

    def _need(self) -> Cache:
        if self._cache is None:
            raise CacheError(self._cache_fault)
        return self._cache
