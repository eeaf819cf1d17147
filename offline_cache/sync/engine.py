"""The sync engine: one thread that does the most urgent thing next, one request at a time.

Order (sync-notes §3.6): heartbeat, changes, the list of terminals when it is new, then every manifest (the office sees
what is coming), then parts, least remaining first. Nothing about being on the way is on the disk: after a restart
there is only queued and received.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from offline_cache import clock
from offline_cache.api import LineState, QueueState, SendState
from offline_cache.clock import OfficeClock
from offline_cache.identity import Enrolled, Identities
from offline_cache.outbox import Outbox
from offline_cache.parts import Parts
from offline_cache.purge import Purger
from offline_cache.settings import CacheSettings
from offline_cache.sync.changes import Pulse
from offline_cache.sync.chunk import Chunk
from offline_cache.sync.client import Client
from offline_cache.sync.hold import Held, Hold
from offline_cache.sync.http import Http, LineFault, Refusal, Stopped, UrlError
from offline_cache.sync.item import Item
from offline_cache.sync.line import Backoff, Line, Outage
from offline_cache.sync.sending import Sender, Spoiled, Stuck
from offline_cache.sync.tls import OfficeTime
from offline_cache.sync.window import Window
from wire import events
from wire.heartbeat import DeviceReport
from wire.problem import Code, Problem

_IDLE_S = 60.0


class Engine:
    """Runs until ``stop``. ``wake``, ``hurry`` and ``line`` may be called from any thread."""

    def __init__(
        self,
        outbox: Outbox,
        identities: Identities,
        parts: Parts,
        pulse: Pulse,
        office_clock: OfficeClock,
        settings: CacheSettings,
        hold: Hold,
        queue: Callable[[], QueueState],
    ) -> None:
        self._outbox, self._identities, self._pulse = outbox, identities, pulse
        self._clock, self._settings, self._queue = office_clock, settings, queue
        self._hold = hold
        self._held: str | None = hold.now().reason
        self._line = Line(identities.current() is not None)
        self._devices: Callable[[], tuple[DeviceReport, ...]] = tuple
        self._changed: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None
        self._woken, self._stopping, self._stale = threading.Event(), threading.Event(), threading.Event()
        self._window = Window(outbox)
        self._sender = Sender(outbox, parts, Chunk(), self._interrupted)
        self._purger = Purger(
            outbox, office_clock, lambda: queue().disk_free, settings.purge_days, settings.disk_reserve
        )
        self._client: tuple[int, Http, Client] | None = None
        # ``_down``: no answer of the office; ``_pause``: the office asked us to wait, or does not know us.
        # ``_ahead``: the office has enough announcements for now; parts go on, or it would never have less.
        self._down, self._pause, self._beat_backoff, self._places_backoff = Backoff(), Backoff(), Backoff(), Backoff()
        self._ahead = Backoff()
        self._keys_backoff = Backoff()
        self._hurry = threading.Event()
        self._answered_at: float | None = None
        self._outage = Outage()
        self._cut: Item | None = None

    def start(self, devices: Callable[[], tuple[DeviceReport, ...]], changed: Callable[[], None]) -> None:
        """Start the thread. ``changed`` is called on it."""
        self._devices, self._changed = devices, changed
        self._stale.set()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """The queue or the identity changed: look again."""
        self._stale.set()
        self._woken.set()

    def line(self) -> LineState:
        """The line as it is shown."""
        at = self._answered_at
        return replace(self._line.state(), synced="" if at is None else clock.iso(at))

    def sending(self) -> SendState:
        """Whether the queue may leave, and what is on its way."""
        held = self._hold.now()
        return SendState(
            held.reason, held.until, held.paused_at, self._sender.progress(), held.spent, self._settings.daily_bytes
        )

    def pause(self, on: bool) -> None:
        """Staff's switch. Raises CacheError."""
        self._hold.pause(on)
        self._held = None  # told in any case: somebody may have seen the switch between two looks
        self._woken.set()

    def hurry(self) -> None:
        """Wait for nothing: a heartbeat at once, then whatever is queued."""
        self._hurry.set()
        self.wake()

    def stop(self, timeout_s: float) -> None:
        """Ask the thread to end and wait so long at most; a request under way is given up at its next block."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._loop()
        finally:
            if self._client is not None:
                self._client[1].drop()
            self._hold.save()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self._tell(self._line.settle(), line=True)
                wait = min(self._step(), self._line.due())
            except Stopped:
                return
            except Exception as error:  # whatever it is, the queue must go on being tried
                if self._stopping.is_set():
                    return
                events.log_error("sync", error)
                wait = self._settings.probe_cap_s
            if wait > 0:
                self._woken.wait(wait)

    def _step(self) -> float:
        """Do one thing; seconds until there is another."""
        if self._hurry.is_set():
            self._hurry.clear()
            self._forget_waits()
            self._pulse.now()
        me = self._identities.current()
        if me is None or me.revoked:
            self._tell(self._line.stands("not_enrolled" if me is None else "refused"))
            return _IDLE_S
        client = self._client_for(me)
        if client is None:
            self._tell(self._line.stands("no_gateway"))
            return _IDLE_S
        if self._down.failing and (wait := self._return(client, me)):
            return wait
        if wait := self._pause.left():
            return wait
        self._tell(self._purger.run() > 0)
        if not self._pulse.left() and not self._beat_backoff.left():
            self._guarded(self._beat_backoff, None, lambda: self._heartbeat(client, me))
            return 0.0
        if self._pulse.more and not self._beat_backoff.left():
            self._guarded(self._beat_backoff, None, lambda: self._tell(self._pulse.page(client)))
            return 0.0
        if self._pulse.keys_wanted and not self._keys_backoff.left():
            self._guarded(self._keys_backoff, None, lambda: self._tell(self._pulse.fetch_keys(client, me)))
            return 0.0
        if self._pulse.places_wanted and not self._places_backoff.left():
            self._guarded(self._places_backoff, None, lambda: self._tell(self._pulse.fetch_places(client)))
            return 0.0
        if self._stale.is_set() or self._window.thin:
            self._stale.clear()
            self._window.refill(me)
        held = self._look_at_hold()
        parts = not held.reason and not self._outage.left()
        item = None if held.all else self._window.next(parts=parts, new=not self._ahead.left())
        if item is None:
            return self._idle(held, parts)
        self._guarded(item.backoff, item, lambda: self._advance(client, me, item, held.left))
        return 0.0

    def _client_for(self, me: Enrolled) -> Client | None:
        if self._client is None or self._client[0] != me.row:
            try:
                office = OfficeTime(me.receipt_key, self._clock)
                http = Http(me.url, self._settings.ca_file, office, self._hold.spend)
            except UrlError as error:
                events.log_error("sync", error)
                return None
            if self._client is not None:
                self._client[1].drop()
            self._client = (me.row, http, Client(http, me.terminal, me.key, self._clock))
            self._window.clear()
            self._stale.set()
            self._pulse.now()
        return self._client[2]

    def _return(self, client: Client, me: Enrolled) -> float:
        """The line was down: look whether it is up, no more than now and then. Seconds to wait, 0 when it is up.

        After a single cut in mid-body the question how much arrived is look enough; else it is the cheapest there is.
        """
        if wait := self._down.left():
            return wait
        cut, self._cut = self._cut, None
        if cut is not None:
            self._guarded(cut.backoff, cut, lambda: self._advance(client, me, cut, None))
            return self._down.left()
        try:
            self._clock.correct(client.server_time())
        except LineFault as fault:
            self._fault(fault)
            self._forget_tries()  # it was the line, none of them
            return max(self._down.left(), 0.01)
        except Refusal:
            pass  # it is the office that speaks
        self._works()
        return 0.0

    def _forget_tries(self) -> None:
        whole = (self._beat_backoff, self._places_backoff, self._keys_backoff)
        for backoff in (*whole, *(item.backoff for item in self._window)):
            backoff.reset()

    def _forget_waits(self) -> None:
        self._forget_tries()
        self._down.reset()
        self._pause.reset()
        self._ahead.reset()

    def _guarded(self, backoff: Backoff, item: Item | None, act: Callable[[], None]) -> None:
        announces = item is not None and item.missing is None
        try:
            act()
        except LineFault as fault:
            backoff.failed(self._settings.retry_cap_s)
            if item is not None:
                item.doubted = True
                self._cut = None if item.small or self._down.failing else item
            self._fault(fault)
        except Refusal as refusal:
            self._refused(refusal.problem, backoff, item)
        except Stopped:
            if self._stopping.is_set() or item is None:
                raise
            item.doubted = True  # held in mid-body: the office keeps what arrived
        except Stuck:
            backoff.failed(self._settings.retry_cap_s)
            self._works()
        except Spoiled as spoiled:
            self._works()
            if item is not None:
                self._quarantine(item, spoiled.problem)
        except Exception as error:  # a full disk, a bad block, a fault of ours: that waits, what stands behind it goes
            if self._stopping.is_set():
                raise
            events.log_error("sync", error)
            backoff.failed(self._settings.retry_cap_s)
        else:
            backoff.reset()
            self._pause.reset()
            if announces:
                self._ahead.reset()
            self._works()

    def _works(self) -> None:
        if self._down.failing:
            self._down.reset()
            me = self._identities.current()
            self._outage.over(me.terminal if me else "", self._settings.spread_s)
        self._answered_at = self._clock.now()
        self._tell(self._line.works(), line=True)

    def _fault(self, fault: LineFault) -> None:
        self._outage.fails(fault.reason)
        # Where there is no link a look costs nothing; where there is one, it does.
        self._down.failed(
            min(self._settings.probe_cap_s, 5.0) if fault.reason == "no_link" else self._settings.probe_cap_s
        )
        self._tell(self._line.fails(fault.reason), line=True)

    def _refused(self, told: Problem, backoff: Backoff, item: Item | None) -> None:
        code, wait_s = told.code, float(min(max(told.retry_after or 0, 0), 3600))
        cap_s = self._settings.retry_cap_s
        match code:
            case Code.REVOKED:
                if self._client is not None:
                    self._identities.revoke(self._client[0])
                self._tell(self._line.stands("refused"), line=True)
                self._changed()
            case Code.UNAUTHENTICATED | Code.CLOCK:
                self._pause.failed(cap_s, wait_s)
                self._pulse.now()
                self._tell(self._line.stands("clock" if code is Code.CLOCK else "refused"), line=True)
            case Code.BUSY if item is not None and item.missing is None:
                self._ahead.failed(cap_s, wait_s)
                self._works()
            case Code.BUSY | Code.FULL:
                self._pause.failed(cap_s, wait_s)
                self._works()
            case Code.OFFSET | Code.NOT_FOUND | Code.TAKEN_OVER | Code.WRONG_HASH | Code.BROKEN:
                backoff.failed(cap_s, wait_s)
                self._works()
                if item is not None:
                    item.missing = None  # the manifest's answer says where every part stands
            case Code.TOKEN_USED | Code.CONFLICT | Code.TOO_LARGE | Code.MALFORMED | None:
                self._works()
                if item is None or (code is None and told.status >= 500):
                    backoff.failed(cap_s, wait_s)
                else:
                    self._quarantine(item, told.type)

    def _quarantine(self, item: Item, problem: str) -> None:
        submission_id = item.queued.submission_id
        self._outbox.quarantine(submission_id, problem)
        self._window.drop(item)
        events.log("submission_quarantined", submission_id=submission_id, problem=problem)
        self._changed()

    def _heartbeat(self, client: Client, me: Enrolled) -> None:
        moved, again = self._pulse.beat(client, me, self._queue(), self._hold.now().reason, self._devices)
        if again:
            self._stale.set()
        self._tell(moved or again > 0)

    def _interrupted(self) -> bool:
        """Whether a body under way has to end. A budget is kept by the length that it allows."""
        return self._stopping.is_set() or self._hold.now().reason in ("paused", "quiet")

    def _look_at_hold(self) -> Held:
        held = self._hold.now()
        if held.reason != self._held:
            self._held = held.reason
            events.log("sending_held", reason=held.reason)
            self._changed()
        return held

    def _idle(self, held: Held, parts: bool) -> float:
        self._sender.rest()
        waits = [self._hold.next_look(), self._purger.left(), max(self._pulse.left(), self._beat_backoff.left())]
        if self._pulse.keys_wanted:
            waits.append(self._keys_backoff.left())
        if self._pulse.places_wanted:
            waits.append(self._places_backoff.left())
        if not held.all:
            waits += [
                max(item.backoff.left(), self._ahead.left() if item.missing is None else 0.0)
                for item in self._window
                if parts or item.small
            ]
        if not held.reason and not parts:
            waits.append(self._outage.left())
        return max(0.01, min(waits))

    def _advance(self, client: Client, me: Enrolled, item: Item, budget: int | None) -> None:
        if not self._sender.advance(client, me, item, budget):
            self._tell(not item.small)  # the upload's progress
            return
        self._window.drop(item)
        self._pulse.soon(self._window.empty)
        self._purger.soon()
        self._changed()

    def _tell(self, moved: bool, *, line: bool = False) -> None:
        if not moved:
            return
        if line:
            state = self._line.state()
            events.log("line_changed", online=state.online, reason=state.reason)
        self._changed()
