"""The station's end of the capture child: one child, one request at a time, each with a time limit.

A child that dies, hangs or talks nonsense is killed and replaced; the caller gets an answer that says so
(``fault="capture_stopped"``), never an exception and never a wait beyond the limit.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from kiosk.capture.protocol import MAX_BLOB, BadMessage, receive, send
from kiosk.capture.types import BAD_SCAN, Hint, Preview, Verdict
from wire import events

TRACK_S = 1.5
"""Longest that one tracked frame may take."""
SCAN_S = 10.0
"""Longest that one scan may take: 27 MB of pixels at 300 dpi, on the slowest machine."""
START_S = 20.0
"""Longest that a child may take to import cv2 and say that it is ready (cold disk, slow machine)."""
AGAIN_S = 2.0
"""A child that failed is replaced at once, but one that fails before it is ready not sooner than this."""
STOPPED = "capture_stopped"

_ROOT = Path(__file__).resolve().parents[2]
_HINT = TypeAdapter(Hint)
_VERDICT = TypeAdapter(Verdict)

_Answer = tuple[dict[str, object], list[bytes]]


class CaptureWorker:
    """Supervises one capture child. All calls may come from any thread; they are taken one after the other."""

    def __init__(self, time_limit_s: float = 6.0) -> None:
        """Start the child and return at once. ``time_limit_s``: for ``judge`` and ``read_code``, seconds."""
        self._limit = time_limit_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._ready = False
        self._started = 0.0
        self._next = 0
        self._closed = False
        self.restarts = 0
        """How often a child had to be replaced, for the log and the heartbeat."""
        with self._lock:
            self._start()

    def track(self, jpeg: bytes, at: float, preview: Preview | tuple[str, int, int] | None = None) -> Hint:
        """Look for the page in one frame of the live picture.

        ``at``: monotonic seconds of the frame. ``preview``: a shared-memory block (name, width, height) that holds the
        letterboxed BGR picture when this returns (``types.letterbox`` tells where the frame lies in it). While the
        child is still starting the answer is an empty hint.
        """
        block = (preview.name, preview.width, preview.height) if isinstance(preview, Preview) else preview
        answer = self._ask({"do": "track", "at": at, "preview": block}, (jpeg,), min(TRACK_S, self._limit))
        if answer is None:
            return Hint(fault=None if self._starting() else STOPPED)
        with contextlib.suppress(ValidationError):
            return _HINT.validate_python(answer[0].get("hint"))
        return Hint(fault=STOPPED)

    def judge(self, jpeg: bytes, shape: str) -> Verdict:
        """The whole pipeline on one full frame; waits for a child that is still starting. ``shape``: see ``SHAPES``."""
        return _verdict(self._ask({"do": "judge", "shape": shape}, (jpeg,), self._limit, wait=True))

    def judge_scan(self, image: bytes, shape: str, dpi: int, lid: str) -> Verdict:
        """The page on a scan of the whole glass; waits for a child that is still starting, then at most ``SCAN_S``.

        ``image``: the PNM of ``ScanResult``. ``shape``: see ``SHAPES``. ``dpi``: of the scan. ``lid``: ``white`` or
        ``black``.
        """
        if len(image) > MAX_BLOB:
            return Verdict(False, fault=BAD_SCAN)
        head: dict[str, object] = {"do": "scan", "shape": shape, "dpi": dpi, "lid": lid}
        return _verdict(self._ask(head, (image,), SCAN_S, wait=True))

    def read_code(self, jpeg: bytes) -> str | None:
        """The text of the one QR code in the frame; None when there is none, or several with different texts."""
        answer = self._ask({"do": "code"}, (jpeg,), self._limit)
        code = answer[0].get("code") if answer is not None else None
        return code if isinstance(code, str) else None

    def preview(self, jpeg: bytes, width: int, height: int) -> bytes | None:
        """The frame letterboxed to ``width`` x ``height``, raw BGR; None when it could not be made."""
        answer = self._ask({"do": "preview", "width": width, "height": height}, (jpeg,), min(TRACK_S, self._limit))
        if answer is None or not answer[1] or len(answer[1][0]) != width * height * 3:
            return None
        return answer[1][0]

    def reset(self) -> None:
        """Forget the page seen so far and arm the shutter again."""
        self._ask({"do": "reset"}, (), min(TRACK_S, self._limit))

    def running(self) -> bool:
        """True when the child is up and has said that it is ready; never blocks."""
        child = self._child
        return self._ready and child is not None and child.poll() is None

    def close(self) -> None:
        """End the child. Later calls answer ``capture_stopped``."""
        with self._lock:
            self._closed = True
            self._stop()

    def _starting(self) -> bool:
        child = self._child
        return not self._closed and child is not None and not self._ready and child.poll() is None

    def _ask(
        self, head: dict[str, object], blobs: Sequence[bytes], limit: float, *, wait: bool = False
    ) -> _Answer | None:
        with self._lock:
            answer, died = self._once(head, blobs, limit, wait=wait)
            if died and wait:  # perhaps dead before this request reached it: ask its successor, once
                answer, _ = self._once(head, blobs, limit, wait=wait)
            return answer

    def _once(
        self, head: dict[str, object], blobs: Sequence[bytes], limit: float, *, wait: bool
    ) -> tuple[_Answer | None, bool]:
        """The answer, or None and whether the child had died (True) or was killed by us (False)."""
        if not self._up(limit, wait=wait) or self._sock is None:
            return None, False
        self._next += 1
        deadline = time.monotonic() + limit
        died = False
        why = "nonsense or death"
        try:
            send(self._sock, {**head, "id": self._next}, blobs, deadline)
            answer = receive(self._sock, deadline)
            if answer[0].get("id") == self._next:
                return answer, False
        except TimeoutError:
            why = "time limit"
        except (EOFError, BadMessage, OSError):
            died = True
        self._replace(why)
        return None, died

    def _up(self, limit: float, *, wait: bool) -> bool:
        """True when the child is ready, waiting for it at most ``limit`` (``wait``: at most START_S) seconds."""
        if self._closed:
            return False
        child = self._child
        if child is None or child.poll() is not None:
            if time.monotonic() - self._started < AGAIN_S and not self._ready:
                return False
            self._replace("nonsense or death")
        if self._ready:
            return True
        now = time.monotonic()
        # Nobody may have asked for long: then it said so long ago, and its word lies here.
        late = max(self._started + START_S, now + min(limit, 1.0))
        deadline = late if wait else min(late, now + limit)
        try:
            self._ready = self._sock is not None and receive(self._sock, deadline)[0].get("ready") is True
        except TimeoutError:
            if time.monotonic() >= late:
                self._stop()
        except (EOFError, BadMessage, OSError):
            self._stop()
        return self._ready

    def _replace(self, why: str) -> None:
        events.log("child_killed", child="capture", why=why)
        self.restarts += 1
        self._stop()
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._started = time.monotonic()
        self._ready = False
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "kiosk.capture.child", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=_ROOT,
            )
            self._sock = ours
        except OSError:
            ours.close()
            self._child = None
        finally:
            theirs.close()

    def _stop(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        if self._child is not None:
            self._child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(5)
            self._child = None
        self._ready = False


def _verdict(answer: _Answer | None) -> Verdict:
    """The verdict of an answer; without one, or with nonsense in it, that the child stopped."""
    if answer is not None and len(answer[1]) == 2:
        fields = answer[0].get("verdict")
        if isinstance(fields, dict):
            image, thumb = answer[1]
            with contextlib.suppress(ValidationError):
                return _VERDICT.validate_python({**cast("dict[str, object]", fields), "image": image, "thumb": thumb})
    return Verdict(False, fault=STOPPED)
