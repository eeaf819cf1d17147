"""Where frames come from, and the camera device that watches any such source.

The camera is looked at by one snapshot every 2 s while idle and continuously while live. A picture is fresh only when
its bytes differ from the one before: a real sensor's noise never repeats, so equal bytes mean a frozen camera.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from drivers.camera.multipart import is_jpeg
from drivers.contract import Frame, Phase
from drivers.worker import Missing, Supervision, Worker

UNREACHABLE = "camera_unreachable"
FROZEN = "camera_frozen"
GARBAGE = "camera_garbage"


class SourceLost(Exception):
    """Nothing answers, or the stream ended."""


class SourceGarbled(Exception):
    """Something answers, but not with pictures."""


class Source(Protocol):
    """A camera's frames, used from one thread."""

    @property
    def address(self) -> str:
        """Where the camera is, as the roles file says it."""
        ...

    def open(self, live: bool) -> None:
        """Begin a stream (``live``) or ask for one picture. Raises ``SourceLost`` or ``SourceGarbled``."""
        ...

    def read(self, limit: float) -> bytes | None:
        """The newest frame within ``limit`` seconds, or None. Raises ``SourceLost`` or ``SourceGarbled``."""
        ...

    def close(self) -> None:
        """End the stream; never raises, may be called twice."""
        ...

    @property
    def noisy(self) -> bool:
        """True when the current stream brought bytes that are no part of any picture."""
        ...

    def release(self) -> None:
        """Let go of the device altogether; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class CameraDelays:
    """The camera's waits, in seconds.

    ``snapshot``: between two pictures while idle. ``frozen``: without a fresh picture until it counts as frozen.
    ``stale``: age at which ``newest`` gives nothing. ``ear``: the longest wait in which ``stop`` is not noticed.
    ``garbage``: broken pictures in a row until the camera counts as broken (a number, not seconds; idle: 2).
    """

    snapshot: float = 2.0
    frozen: float = 3.0
    stale: float = 5.0
    ear: float = 0.25
    garbage: int = 3


class DocumentCamera(Worker):
    """A document camera behind a source."""

    crash_fault = UNREACHABLE

    def __init__(
        self,
        source: Source,
        *,
        delays: CameraDelays | None = None,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("camera", supervision=supervision, clock=clock)
        self._source = source
        self._delays = delays or CameraDelays()
        self._live = False
        self._frame: Frame | None = None
        self._digest = b""
        self._fresh_at = clock()
        self._bad = 0

    def newest(self) -> Frame | None:
        """The newest frame, or None before the first or when the newest is older than 5 s."""
        frame = self._frame
        return frame if frame is not None and self._clock() - frame.at <= self._delays.stale else None

    def set_live(self, live: bool) -> None:
        """True: stream continuously. False: one snapshot every 2 s, which also finds a dead camera."""
        self._live = live
        self.wake()

    # The worker's side.

    def set_up(self) -> None:
        """Nothing stays open between two looks; the look itself finds out."""
        self._fresh_at = self._clock()
        self._bad = 0

    def run(self) -> None:
        """Stream or snapshot, as ``set_live`` says."""
        while not self.stopping:
            try:
                self._stream() if self._live else self._snapshot()
            except SourceLost as lost:
                self._frame = None
                raise Missing(UNREACHABLE, str(lost)) from lost
            except SourceGarbled as garbled:
                self._broken(str(garbled), final=True)
                self.wait(self._delays.snapshot)
            finally:
                self._source.close()

    def tear_down(self) -> None:
        """Let go of the device."""
        self._source.release()

    def while_down(self) -> None:
        """Nothing waits for an answer of the camera."""

    def _stream(self) -> None:
        self._source.open(live=True)
        self._fresh_at = self._clock()
        while self._live and not self.stopping:
            jpeg = self._source.read(self._delays.ear)
            if jpeg is not None:
                self._take(jpeg)
            if self._clock() - self._fresh_at >= self._delays.frozen:
                self._stand_still()
                return  # the stream may be dead: open it anew

    def _snapshot(self) -> None:
        if not self._look() and self._bad:  # a broken picture gets one more chance at once
            self._look()
        end = self._clock() + self._delays.snapshot
        while not self._live and not self.stopping and (left := end - self._clock()) > 0:
            self.wait(left)

    def _look(self) -> bool:
        """One picture; True when it was good."""
        self._source.open(live=False)
        end = self._clock() + self._delays.frozen
        try:
            while not self.stopping and (left := end - self._clock()) > 0:
                jpeg = self._source.read(min(self._delays.ear, left))
                if jpeg is not None:
                    good = self._take(jpeg)
                    if good and self._clock() - self._fresh_at >= self._delays.frozen:
                        self._stand_still()
                    return good
            if not self.stopping:
                self._stand_still()
            return False
        finally:
            self._source.close()

    def _take(self, jpeg: bytes) -> bool:
        """Judge one picture and keep it when it is good and new."""
        if not is_jpeg(jpeg):
            self._broken("not a JPEG")
            return False
        self._bad = 0
        now = self._clock()
        digest = hashlib.blake2b(jpeg, digest_size=16).digest()
        if digest == self._digest:
            return True
        self._digest = digest
        self._fresh_at = now
        self._frame = Frame(jpeg, now)
        self.report(Phase.READY, (), {"link": self._source.address})
        return True

    def _broken(self, detail: str, final: bool = False) -> None:
        self._bad += 1
        if final or self._bad >= (self._delays.garbage if self._live else 2):
            self._frame = None
            self.report(Phase.UNKNOWN, (GARBAGE,), {"link": self._source.address, "detail": detail})

    def _stand_still(self) -> None:
        if self._source.noisy or self._bad:
            self._broken("no picture in the stream", final=True)
            return
        self.report(Phase.NEEDS_ATTENTION, (FROZEN,), {"link": self._source.address})
        self._source.release()  # what hangs is not asked again: the next look begins anew
