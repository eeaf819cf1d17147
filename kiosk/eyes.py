"""Camera and capture child for the visit: the live view, the shutter, the reading of a QR; on a thread of its own.

Nothing is looked at unless the visit asks for it (``Sight``), and at most ``RATE`` pictures a second are.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from drivers.contract import Camera, Frame
from kiosk.capture.types import Corners, Hint, letterbox
from kiosk.judging import Capture, Health, outcome_of
from kiosk.preview import PreviewBlocks
from kiosk.status import LiveView
from kiosk.visit import events as visit_events
from kiosk.visit.effects import JudgePage
from kiosk.visit.state import Sight
from wire import events

RATE = 8.0
"""Live pictures a second, at most."""
CODE_S = 0.5
"""Seconds between two looks for a QR."""
MOVED = 0.03
"""After a picture was taken by hand: a page that moved this share of the diagonal is another one."""
LOST_FRAMES = 3
"""After a picture was taken by hand: this many frames without a page, and what comes next is another one."""


@dataclass(frozen=True, slots=True)
class LiveSeen:
    """A new live view. ``key``: the draft or visit that it was made for."""

    key: str
    view: LiveView


Seen = LiveSeen | visit_events.PageFired | visit_events.PageJudged | visit_events.CaptureFailed | visit_events.CodeSeen


class Eyes:
    """``tell`` is called from the eyes' thread with whatever was seen."""

    def __init__(
        self,
        camera: Camera | None,
        capture: Capture,
        health: Health,
        blocks: PreviewBlocks,
        tell: Callable[[Seen], None],
    ) -> None:
        self._camera, self._capture, self._health, self._blocks, self._tell = camera, capture, health, blocks, tell
        self._changed = threading.Condition()
        self._sight, self._draft, self._visit = Sight.OFF, "", 0
        self._job: JudgePage | None = None
        self._wipe = False
        self._closed = False
        self._taken: Corners | None = None
        self._lost = 0
        self._seen_at = self._code_at = 0.0
        self._thread = threading.Thread(target=self._run, name="eyes", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def look(self, sight: Sight, draft: str, visit: int) -> None:
        """Look for ``sight`` from now on, for this draft and visit."""
        if self._camera is not None:
            self._camera.set_live(sight is not Sight.OFF)
        with self._changed:
            self._sight, self._draft, self._visit = sight, draft, visit
            self._changed.notify_all()

    def judge(self, job: JudgePage) -> None:
        """Take and judge a page; the answer comes as PageJudged or CaptureFailed."""
        with self._changed:
            self._job = job
            self._changed.notify_all()

    def wipe(self) -> None:
        """The visit is over: forget every picture."""
        with self._changed:
            self._job = None
            self._wipe = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread, after it has wiped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(8.0)

    def _run(self) -> None:
        try:
            while self._turn():
                pass
        finally:
            self._blocks.wipe()

    def _turn(self) -> bool:
        """One piece of work; False at the end. What goes wrong in it is told and does not end the thread."""
        with self._changed:
            self._changed.wait_for(self._wanted)
            if self._closed:
                return False
            wipe, self._wipe = self._wipe, False
            job, self._job = self._job, None
            sight, draft, visit = self._sight, self._draft, self._visit
        try:
            if wipe:
                self._forget()
            elif job is not None:
                self._judge(job)
            else:
                self._watch(sight, draft, visit)
        except Exception as error:
            events.log_error("eyes", error)
            self._health.report("capture_stopped")
            self._rest(1.0)
        return True

    def _wanted(self) -> bool:
        return self._closed or self._wipe or self._job is not None or self._sight in (Sight.PAGE, Sight.CODE)

    def _forget(self) -> None:
        self._blocks.wipe()
        self._taken = None
        self._capture.reset()

    def _watch(self, sight: Sight, draft: str, visit: int) -> None:
        frame = self._newest()
        if frame is None or frame.at == self._seen_at:
            self._rest(0.05)
            return
        self._seen_at = frame.at
        begun = time.monotonic()
        block = self._blocks.next()
        hint = self._capture.track(frame.jpeg, frame.at, block)
        self._health.report(hint.fault or "")
        if block is not None and hint.fault is None:
            self._show(str(visit) if sight is Sight.CODE else draft, sight, hint)
        if sight is Sight.PAGE and self._fires(hint):
            self._tell(visit_events.PageFired(time.monotonic(), draft, frame.jpeg))
            self._rest(0.2)  # for the visit to say what it makes of it
        elif sight is Sight.CODE and begun - self._code_at >= CODE_S:
            self._code_at = begun
            text = self._capture.read_code(frame.jpeg)
            if text is not None:
                self._tell(visit_events.CodeSeen(time.monotonic(), visit, text))
        self._rest(1 / RATE - (time.monotonic() - begun))

    def _show(self, key: str, sight: Sight, hint: Hint) -> None:
        view = self._blocks.written()
        if sight is Sight.PAGE:
            corners: tuple[tuple[float, float], ...] = ()
            if hint.found is not None:
                scale, left, top = letterbox(hint.found.frame_size, (view.width, view.height))
                corners = tuple((left + scale * x, top + scale * y) for x, y in hint.found.corners)
            reason = hint.hint.value if hint.hint else ""
            view = view.model_copy(update={"corners": corners, "hint": reason, "still": hint.still})
        self._tell(LiveSeen(key, view))

    def _fires(self, hint: Hint) -> bool:
        """True when a page lies still that was not just taken by hand: the tracker knows only what it fired itself."""
        if self._taken is not None:
            self._lost = self._lost + 1 if hint.found is None else 0
            if self._lost >= LOST_FRAMES or (hint.found is not None and _moved(self._taken, hint)):
                self._taken = None
        return hint.fire and self._taken is None

    def _judge(self, job: JudgePage) -> None:
        frame = self._newest()
        jpeg = job.jpeg if job.jpeg is not None else frame.jpeg if frame else None
        if jpeg is None:
            self._tell(visit_events.CaptureFailed(time.monotonic(), job.draft, job.shot, "camera_unreachable"))
            return
        verdict = self._capture.judge(jpeg, job.shape)
        self._health.report(verdict.fault or "")
        if job.jpeg is None and verdict.fault is None:
            self._taken, self._lost = verdict.corners, 0
        self._tell(outcome_of(job, verdict))

    def _newest(self) -> Frame | None:
        return self._camera.newest() if self._camera is not None else None

    def _rest(self, seconds: float) -> None:
        if seconds > 0:
            with self._changed:
                self._changed.wait(seconds)


def _moved(taken: Corners, hint: Hint) -> bool:
    if hint.found is None:
        return False
    far = max(math.dist(a, b) for a, b in zip(taken, hint.found.corners, strict=True))
    return far > MOVED * math.hypot(*hint.found.frame_size)
