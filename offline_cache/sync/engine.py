"""The sync engine: one thread that does the most urgent thing next, one request at a time.

Order (sync-notes §3.6): heartbeat, changes, the list of terminals when it is new, then every manifest (the office sees
what is coming), then parts, least remaining first. Nothing about being on the way is on the disk: after a restart
there is only queued and received.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from offline_cache import clock
from offline_cache.api import LineState, Progress, QueueState, SendState
from offline_cache.clock import OfficeClock
from offline_cache.identity import Enrolled, Identities
from offline_cache.outbox import Outbox
from offline_cache.parts import Parts
from offline_cache.settings import CacheSettings
from offline_cache.sync.changes import Pulse
from offline_cache.sync.client import Client, Http, LineFault, Refusal, Slice, Stopped, UrlError
from offline_cache.sync.hold import Held, Hold
from offline_cache.sync.item import Item, pick
from offline_cache.sync.line import Backoff, Line
from wire import canon, events, ids, receipt
from wire.heartbeat import DeviceReport
from wire.problem import Code, Problem
from wire.upload import IntakeAnswer

MIN_CHUNK, FIRST_CHUNK, MAX_CHUNK = 16 * 1024, 64 * 1024, 1024 * 1024
# A PATCH is aimed at 10 s of the measured rate, by doubling and halving.
SHORT_S, LONG_S = 5.0, 15.0
_IDLE_S = 60.0
_PURGE_EVERY_S = 60.0


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
        self._outbox, self._identities, self._parts, self._pulse = outbox, identities, parts, pulse
        self._clock, self._settings, self._queue = office_clock, settings, queue
        self._hold, self._held = hold, hold.now().reason
        self._progress: Progress | None = None
        self._line = Line(identities.current() is not None)
        self._devices: Callable[[], tuple[DeviceReport, ...]] = tuple
        self._changed: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None
        self._woken, self._stopping, self._stale = threading.Event(), threading.Event(), threading.Event()
        self._items: dict[str, Item] = {}
        self._chunk = FIRST_CHUNK
        self._client: tuple[int, Http, Client] | None = None
        # ``_down``: no answer of the office; ``_pause``: the office asked us to wait, or does not know us.
        self._down, self._pause, self._beat_backoff, self._places_backoff = Backoff(), Backoff(), Backoff(), Backoff()
        self._hurry = threading.Event()
        self._answered_at: float | None = None
        self._purge_next = 0.0

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
            held.reason, held.until, held.paused_at, self._progress, held.spent, self._settings.daily_bytes
        )

    def pause(self, on: bool) -> None:
        """Staff's switch. Raises CacheError."""
        self._hold.pause(on)
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
        if self._client is not None:
            self._client[1].drop()

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
        if self._down.failing and (wait := self._look(client)):
            return wait
        if wait := self._pause.left():
            return wait
        self._purge()
        if not self._pulse.left() and not self._beat_backoff.left():
            self._guarded(self._beat_backoff, None, lambda: self._heartbeat(client, me))
            return 0.0
        if self._pulse.more and not self._beat_backoff.left():
            self._guarded(self._beat_backoff, None, lambda: self._tell(self._pulse.page(client)))
            return 0.0
        if self._pulse.places_wanted and not self._places_backoff.left():
            self._guarded(self._places_backoff, None, lambda: self._tell(self._pulse.fetch_places(client)))
            return 0.0
        if self._stale.is_set():
            self._refresh()
        held = self._look_at_hold()
        item = None if held.all else pick(self._items.values(), parts=not held.reason)
        if item is None:
            return self._idle()
        self._guarded(item.backoff, item, lambda: self._advance(client, me, item))
        return 0.0

    def _client_for(self, me: Enrolled) -> Client | None:
        if self._client is None or self._client[0] != me.row:
            try:
                http = Http(me.url, self._settings.ca_file)
            except UrlError as error:
                events.log_error("sync", error)
                return None
            self._client = (me.row, http, Client(http, me.terminal, me.key, self._clock))
            self._items.clear()
            self._stale.set()
            self._pulse.now()
        return self._client[2]

    def _look(self, client: Client) -> float:
        """The line was down: ask the cheapest question, no more than now and then. Seconds to wait, 0 when it is up."""
        if wait := self._down.left():
            return wait
        try:
            self._clock.correct(client.server_time())
        except LineFault as fault:
            self._fault(fault)
            self._forget_tries()  # it was the line, none of them
            return max(self._down.left(), 0.01)
        except Refusal:
            pass  # it is the office that speaks
        self._down.reset()
        self._works()
        return 0.0

    def _forget_tries(self) -> None:
        for backoff in (self._beat_backoff, self._places_backoff, *(item.backoff for item in self._items.values())):
            backoff.reset()

    def _forget_waits(self) -> None:
        self._forget_tries()
        self._down.reset()
        self._pause.reset()

    def _guarded(self, backoff: Backoff, item: Item | None, act: Callable[[], None]) -> None:
        try:
            act()
        except LineFault as fault:
            backoff.failed(self._settings.retry_cap_s)
            self._fault(fault)
            self._chunk = max(MIN_CHUNK, self._chunk // 2)
            if item is not None:
                item.doubted = True
        except Refusal as refusal:
            self._refused(refusal.problem, backoff, item)
        else:
            backoff.reset()
            self._pause.reset()
            self._works()

    def _works(self) -> None:
        self._answered_at = self._clock.now()
        self._tell(self._line.works(), line=True)

    def _fault(self, fault: LineFault) -> None:
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
                self._identities.revoke()
                self._tell(self._line.stands("refused"), line=True)
                self._changed()
            case Code.UNAUTHENTICATED | Code.CLOCK:
                self._pause.failed(cap_s, wait_s)
                self._pulse.now()
                self._tell(self._line.stands("clock" if code is Code.CLOCK else "refused"), line=True)
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
        self._items.pop(submission_id, None)
        events.log("submission_quarantined", submission_id=submission_id, problem=problem)
        self._changed()

    def _heartbeat(self, client: Client, me: Enrolled) -> None:
        moved, again = self._pulse.beat(client, me, self._queue(), self._devices)
        if again:
            self._stale.set()
        self._tell(moved or again > 0)

    def _refresh(self) -> None:
        self._stale.clear()
        now = time.monotonic()
        queued = {one.submission_id: one for one in self._outbox.queued()}
        self._items = {
            submission_id: self._items.get(submission_id) or Item(one, now) for submission_id, one in queued.items()
        }

    def _look_at_hold(self) -> Held:
        held = self._hold.now()
        if held.reason != self._held:
            self._held = held.reason
            events.log("sending_held", reason=held.reason)
            self._changed()
        return held

    def _idle(self) -> float:
        self._progress = None
        waits = [self._hold.next_look()]
        if not self._held:
            waits += [item.backoff.left() for item in self._items.values()]
        waits.append(max(self._pulse.left(), self._beat_backoff.left()))
        if self._pulse.places_wanted:
            waits.append(self._places_backoff.left())
        waits.append(self._purge_next - time.monotonic())
        return max(0.01, min(waits))

    def _advance(self, client: Client, me: Enrolled, item: Item) -> None:
        if not item.missing:
            self._announce(client, me, item)
            return
        sizes = dict(item.queued.parts)
        sha256 = min(item.missing, key=lambda name: sizes.get(name, 0) - (item.missing or {})[name])
        if sha256 not in sizes:
            self._quarantine(item, "unknown-part")
            return
        if item.doubted:
            offset = client.head(sha256)
            item.doubted = False
            if offset is None or offset > sizes[sha256]:
                item.missing = None
            elif offset == sizes[sha256]:
                del item.missing[sha256]
            else:
                item.missing[sha256] = offset
            return
        self._send(client, item, sha256, sizes[sha256])

    def _announce(self, client: Client, me: Enrolled, item: Item) -> None:
        complete = item.missing is not None
        answer = client.put_manifest(item.queued.submission_id, item.queued.manifest)
        if answer.state == "received":
            self._receive(me, item, answer)
            return
        item.missing = {part.sha256: part.offset for part in answer.missing}
        item.doubted = False
        if complete or not item.missing:
            # We hold it to be complete and the office does not: go on, but not in a tight circle.
            item.backoff.failed(self._settings.retry_cap_s)

    def _receive(self, me: Enrolled, item: Item, answer: IntakeAnswer) -> None:
        submission_id = item.queued.submission_id
        try:
            envelope = canon.unb64(answer.receipt)
            proved = receipt.prove(envelope, me.receipt_key)
        except (canon.CanonError, canon.SignatureError) as error:
            raise LineFault("portal", f"a receipt that does not hold ({error})") from error
        if (proved.submission_id, proved.manifest_sha256, proved.terminal) != (
            submission_id,
            ids.sha256(item.queued.manifest),
            me.terminal,
        ):
            raise LineFault("portal", "a receipt for something else")
        self._outbox.received(submission_id, envelope, proved, self._clock.now())
        self._items.pop(submission_id, None)
        events.log("submission_received", submission_id=submission_id, server_seq=proved.server_seq)
        self._pulse.soon(not self._items)
        self._purge_next = 0.0
        self._changed()

    def _send(self, client: Client, item: Item, sha256: str, size: int) -> None:
        missing = item.missing or {}
        offset = missing[sha256]
        length = min(self._chunk, size - offset)
        path = self._parts.path(sha256)
        if not _whole(path, size):
            self._quarantine(item, "part-lost")
            return
        began = time.monotonic()
        try:
            with path.open("rb") as file:
                reached = client.patch(sha256, Slice(file, offset, length, self._stopping.is_set), offset)
        except Refusal as refusal:
            told = refusal.problem
            if refusal.code is Code.OFFSET and told.offset is not None and 0 <= told.offset <= size:
                self._works()
                missing[sha256] = told.offset
                if told.offset == offset:
                    item.backoff.failed(self._settings.retry_cap_s)
                elif told.offset == size:
                    del missing[sha256]
                return
            if refusal.code is Code.WRONG_HASH and ids.sha256(path.read_bytes()) != sha256:
                self._quarantine(item, "part-damaged")
                return
            raise
        if reached <= offset or reached > size:
            raise LineFault("portal", "an offset that does not follow")
        self._adapt(length, time.monotonic() - began)
        missing[sha256] = reached
        if reached == size:
            del missing[sha256]

    def _adapt(self, length: int, took_s: float) -> None:
        if took_s > LONG_S:
            self._chunk = max(MIN_CHUNK, self._chunk // 2)
        elif took_s < SHORT_S and length == self._chunk:
            self._chunk = min(MAX_CHUNK, self._chunk * 2)

    def _purge(self) -> None:
        """Days after the receipt. Only in a process that has heard the office's clock: ours may be wrong."""
        if not self._clock.heard or time.monotonic() < self._purge_next:
            return
        self._purge_next = time.monotonic() + _PURGE_EVERY_S
        before = self._clock.now() - self._settings.purge_days * 86400
        try:
            gone = self._outbox.purge(before)
        except OSError as error:
            events.log_error("purge", error)
            return
        oldest = self._outbox.oldest_received()
        if oldest is not None:
            self._purge_next = time.monotonic() + min(max(oldest - before, 1.0), _PURGE_EVERY_S)
        for submission_id in gone:
            events.log("submission_purged", submission_id=submission_id)
        self._tell(bool(gone))

    def _tell(self, moved: bool, *, line: bool = False) -> None:
        if not moved:
            return
        if line:
            state = self._line.state()
            events.log("line_changed", online=state.online, reason=state.reason)
        self._changed()


def _whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
