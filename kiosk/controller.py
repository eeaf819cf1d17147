"""One thread owns the visit: it takes words and outcomes, has effects carried out, and publishes the status."""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections.abc import Callable

from drivers.contract import CardSeen, DeviceStatus
from kiosk import intents, pads
from kiosk.bed import Bed, Scanned
from kiosk.board import Looks, Scene, status_of
from kiosk.clerk import Clerk
from kiosk.eyes import Eyes, LiveSeen, Seen
from kiosk.hands import Facts, Hands, Told
from kiosk.inbox import CardMoved, CodeRead, Heard, Idle, Poke
from kiosk.intents import Intent
from kiosk.judging import CaptureHealth, Health
from kiosk.link import Link
from kiosk.parts import Parts
from kiosk.preview import PreviewBlocks
from kiosk.roster import Roster
from kiosk.staff.bench import Bench
from kiosk.staff.porter import Porter, Sending
from kiosk.status import KioskStatus, LiveView, Step
from kiosk.visit import effects
from kiosk.visit.advance import advance
from kiosk.visit.delays import DELAYS, Delays
from kiosk.visit.effects import Effect
from kiosk.visit.events import Begun, CardLies, CodeSeen, Event, Said, Submitted, Tick
from kiosk.visit.state import Kind, Sight, Visit
from wire import events
from wire.heartbeat import DeviceReport

FACTS_S = 60.0
"""Seconds between two looks at queue and disk when nothing else asks for one."""
_TEXT_STEPS = 3


_Item = Heard | Poke | CardMoved | CodeRead | Event | Seen | Scanned | CaptureHealth | Told | Sending


class Controller:
    """Runs the terminal. ``beat`` is called from its thread at least every ``beat_s`` seconds, for the watchdog."""

    def __init__(
        self,
        link: Link,
        parts: Parts,
        *,
        languages: tuple[str, ...] = ("id", "en"),
        delays: Delays = DELAYS,
        beat: Callable[[], None] = lambda: None,
        beat_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], dt.datetime] = lambda: dt.datetime.now().astimezone(),
    ) -> None:
        self._link, self._parts, self._languages, self._delays = link, parts, languages, delays
        self._beat, self._beat_s, self._clock, self._wall = beat, beat_s, clock, wall
        self._inbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="controller", daemon=True)
        self._roster = Roster((parts.printer, parts.camera, parts.scanner, parts.card, parts.code))
        health = Health(self._inbox.put)
        blocks = PreviewBlocks(parts.owner, parts.shared)
        self._eyes = Eyes(parts.camera, parts.capture, health, blocks, self._inbox.put)
        self._bed = Bed(parts.scanner, parts.capture, health, self._inbox.put)
        self._hands = Hands(parts.cache, parts.cache_fault, parts.printer, self._inbox.put)
        self._clerk = Clerk(parts.cache, parts.printer, self._inbox.put, self._hands.look)
        self._bench = Bench(parts, self._inbox.put)
        self._porter = Porter(parts.cache, parts.cache_fault, self._inbox.put, self._hands.look)
        self._visits = 0
        self._visit: Visit | None = None
        self._live: LiveView | None = None
        self._looks = Looks(languages[0])
        self._idle = Idle()
        self._facts, self._sending = Facts(), Sending()
        self._published: KioskStatus | None = None
        self.alive_at = clock()
        """When the window last said that it draws (monotonic seconds)."""

    def start(self) -> None:
        """Start the threads; the devices are started and stopped by their owner."""
        for device in self._roster.devices:
            device.on_change(self._device_changed)
        card, code = self._parts.card, self._parts.code
        if card is not None:
            card.on_card(self._card_moved)
        if code is not None:
            code.on_code(self._code_read)
        self._bench.start()
        self._link.on_intent(self._heard)
        self._eyes.start()
        self._thread.start()
        self._inbox.put(Poke())  # a device may have changed before anybody listened
        self._hands.look()

    def changed(self) -> None:
        """Queue, line or feed moved; for ``Cache.start_sync``."""
        self._hands.look()

    def reports(self) -> tuple[DeviceReport, ...]:
        """The devices, for the heartbeat."""
        return self._roster.reports()

    def stop(self) -> None:
        """End and wipe the visit that is on, and stop the threads, each within its limit: some 38 s in sum."""
        self._inbox.put(None)
        self._thread.join(5.0)
        self._eyes.close()
        self._bed.close()
        self._bench.close()
        self._clerk.close()
        self._porter.close()
        self._hands.close()

    def _heard(self, intent: Intent) -> None:
        if isinstance(intent, intents.Alive):
            self.alive_at = self._clock()
        else:
            self._inbox.put(Heard(intent))

    def _device_changed(self, _status: DeviceStatus) -> None:
        self._inbox.put(Poke())

    def _card_moved(self, _card: CardSeen | None) -> None:
        self._inbox.put(CardMoved())  # what lies there is asked for when it is needed: always the newest

    def _code_read(self, text: str) -> None:
        self._inbox.put(CodeRead(text))

    # -- the thread

    def _run(self) -> None:
        going = True
        while going:
            items = self._wait()
            try:
                for item in items:
                    if item is None:
                        going = False
                    else:
                        self._take(item)
                self._time(self._clock())
                if not going:
                    self._crashed()
                self._publish()
            except Exception as error:
                events.log_error("controller", error)
                self._crashed()
                self._inbox.put(Poke())  # so that the window hears of it
                time.sleep(0.2)  # whatever goes wrong each time must not take the whole core
            self._beat()

    def _wait(self) -> list[_Item | None]:
        """What has come; nothing when something is due before anything comes."""
        items: list[_Item | None] = []
        try:
            items.append(self._inbox.get(timeout=self._pause()))
            while len(items) < 100:
                items.append(self._inbox.get_nowait())
        except queue.Empty:
            pass
        return items

    def _pause(self) -> float:
        now, idle = self._clock(), self._idle
        due = [self._beat_s, idle.facts_at + FACTS_S - now]
        due += [until - now for until in (idle.number_until, idle.officer_until) if until]
        if self._visit is not None:
            due.append(idle.ticked + 1.0 - now)
        elif self._looks != Looks(self._languages[0]):
            due.append(idle.touched + self._delays.home - now)
        return max(0.01, min(due))

    def _take(self, item: _Item) -> None:
        match item:
            case Heard():
                self._word(item.intent)
            case Poke():
                self._roster.log()
            case CardMoved():
                reader = self._parts.card
                if reader is not None and self._visit is not None and self._visit.step is Step.NIK:
                    self._advance(CardLies(self._clock(), reader.card()))
            case CodeRead():
                self._read(item.text)
            case LiveSeen():
                if self._visit is not None and item.key in (self._visit.draft, str(self._visit.id)):
                    self._live = item.view
            case CaptureHealth():
                self._roster.capture_fault = item.fault
                self._roster.log()
            case Facts():
                self._learn(item)
            case Sending():
                self._sending = item
            case Submitted() if self._visit is None or self._visit.draft != item.draft:
                self._show_number(item.number, self._delays.last_number)  # its visit ended before the disk answered
            case _:
                self._advance(item)

    def _word(self, intent: Intent) -> None:
        now = self._clock()
        self._idle.touched = now
        match intent:
            case intents.SetLanguage():
                if intent.language in self._languages:
                    self._looks.language = intent.language
            case intents.NextTextSize():
                self._looks.text_step = (self._looks.text_step + 1) % _TEXT_STEPS
            case intents.ToggleContrast():
                self._looks.contrast = not self._looks.contrast
            case intents.CallOfficer():
                self._idle.officer_until = now + self._delays.officer
                events.log("officer_called")
            case intents.Start() if self._open() or (intent.kind == "staff" and self._visit is None):
                self._begin(Kind(intent.kind))
                return
            case intents.End() if self._visit is None and self._idle.number:
                self._hands.settle(self._idle.number)
                self._idle.number, self._idle.number_until = "", 0.0
            case _:
                pass
        self._advance(Said(now, intent))

    def _read(self, text: str) -> None:
        """A code that was held before the scanner: on the home screen a registration number begins "Cek status"."""
        is_number = not pads.check(pads.NUMBER, text, self._wall().date()).blocked
        if self._open() and not self._idle.number and is_number:
            self._idle.touched = self._clock()
            self._begin(Kind.STATUS)
        if self._visit is not None:
            self._advance(CodeSeen(self._clock(), self._visit.id, text))

    def _open(self) -> bool:
        return self._visit is None and self._facts.known and not self._facts.closed

    def _begin(self, kind: Kind) -> None:
        self._visits += 1
        self._idle.ticked = self._clock()
        self._advance(Begun(self._clock(), self._visits, kind, self._wall().date(), self._parts.sources))
        if self._visit is not None:
            events.log("visit_started", kind=kind.value)

    def _advance(self, event: Event) -> None:
        before = self._visit
        self._visit, todo = advance(before, event, self._delays)
        if self._visit is None or self._visit.sight() not in (Sight.PAGE, Sight.CODE):
            self._live = None
        for effect in todo:
            self._carry_out(effect, before)

    def _carry_out(self, effect: Effect, before: Visit | None) -> None:
        match effect:
            case effects.SetCamera():
                visit = self._visit or before
                self._eyes.look(effect.sight, visit.draft if visit else "", visit.id if visit else 0)
            case effects.JudgePage():
                self._eyes.judge(effect)
            case effects.ScanPage():
                self._bed.scan(effect)
            case effects.StopScan():
                self._bed.stop()
            case effects.SealPage():
                self._hands.seal(effect)
            case effects.PreparePage() | effects.Prepare():
                self._hands.prepare(effect, self._looks.language)
            case effects.Submit():
                self._hands.submit(effect, self._looks.language)
            case effects.PrintReceipt():
                self._hands.print(effect)
            case effects.Lookup():
                self._hands.lookup(effect)
            case effects.LookAtCard():
                self._inbox.put(CardMoved())
            case effects.CheckCard() | effects.RememberCard() | effects.ForgetCard():
                self._hands.card(effect)
            case effects.PrintSlip() | effects.CheckPin() | effects.RecordTrial():
                self._clerk.take(effect, self._looks.language)
            case (
                effects.LookAtSending()
                | effects.HoldSending()
                | effects.TryLine()
                | effects.SendAgain()
                | effects.RunCourier()
                | effects.ForgetCourier()
            ):
                self._porter.take(effect)
            case effects.RunTrial():
                self._bench.run(effect, self._looks.language)
            case effects.StopTrial():
                self._bench.stop()
            case effects.Settle():
                self._hands.settle(effect.number)
            case effects.Abandon():
                self._hands.abandon(effect.draft)
            case effects.Leave():
                self._left(effect.how, effect.unsettled)
                if before is not None:
                    self._hands.forget(before.draft)

    def _left(self, how: str, unsettled: str) -> None:
        """The visit is over: nothing of it stays but a number that nobody has on paper yet."""
        events.log("visit_ended", how=how)
        self._eyes.wipe()
        self._bed.stop()
        self._bench.stop()
        self._live = None
        self._looks = Looks(self._languages[0])
        if unsettled:
            self._show_number(unsettled, self._delays.last_number)

    def _crashed(self) -> None:
        """End the visit from outside its own rules: the station stops, or something unexpected happened in it."""
        visit, self._visit = self._visit, None
        if visit is None:
            return
        self._eyes.look(Sight.OFF, "", 0)
        if not visit.number:
            self._hands.abandon(visit.draft)
        self._left("crashed", visit.number)

    def _show_number(self, number: str, seconds: float) -> None:
        self._idle.number, self._idle.number_until = number, self._clock() + seconds

    def _time(self, now: float) -> None:
        idle = self._idle
        if self._visit is not None and now - idle.ticked >= 1.0:
            idle.ticked = now
            self._advance(Tick(now))
        if idle.number_until and now >= idle.number_until:
            self._hands.settle(idle.number)
            idle.number, idle.number_until = "", 0.0
        if idle.officer_until and now >= idle.officer_until:
            idle.officer_until = 0.0
        if self._visit is None and now - idle.touched >= self._delays.home:
            self._looks = Looks(self._languages[0])
        if now - idle.facts_at >= FACTS_S:
            idle.facts_at = now
            self._hands.look()

    def _learn(self, facts: Facts) -> None:
        self._facts = facts
        self._roster.trials, self._roster.queue_fault = facts.trials, facts.fault
        self._idle.facts_at = self._clock()
        if facts.shown is not None:
            number, age = facts.shown
            self._show_number(number, self._delays.last_number - age)

    # -- the status

    def _publish(self) -> None:
        """Give the window the status, unless it has this very one."""
        old = self._published
        status = self._status(old.rev if old else 0)
        if status != old:
            self._published = status.model_copy(update={"rev": status.rev + 1})
            self._link.publish(self._published)

    def _status(self, rev: int) -> KioskStatus:
        now = self._clock()
        scene = Scene(
            facts=self._facts,
            sending=self._sending,
            roster=self._roster,
            looks=self._looks,
            languages=self._languages,
            visit=self._visit,
            live=self._live,
            number=self._idle.number,
            officer=self._idle.officer_until > now,
            feeder=self._parts.feeder,
            now=now,
            wall=self._wall(),
        )
        return status_of(scene, rev)
