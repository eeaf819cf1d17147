"""Several processes behind one listening socket, started, watched and ended by one that serves nothing itself.

A worker tells every second that its loop turns. One that dies is started again; one that is silent for too long is
killed first. What waits in the socket's backlog meanwhile is another worker's.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from wire import notify
from wire.events import log, log_error

TICK_S = 1.0
_END_S = 20.0  # the unit's TimeoutStopSec is 30
_CALM_S = 10.0  # one that lived shorter is not started again at once
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0
_EXPLAINED = 3
_PR_SET_PDEATHSIG = 1
_ENDING = (signal.SIGTERM, signal.SIGINT)


class CannotStart(RuntimeError):
    """A worker could not open what it needs; it said why on standard error."""


@dataclass(slots=True)
class _Worker:
    pid: int
    pipe: int
    began: float
    heard: float
    ready: bool = False


@dataclass(slots=True)
class _Place:
    """Where one worker runs, and when the next may be started there."""

    worker: _Worker | None = None
    pause_s: float = _PAUSE_S
    not_before: float = 0.0


@dataclass(slots=True)
class Crew:
    """``work``: serves until SIGTERM or SIGINT; is given its place (from 0) and the descriptor to write a byte to
    every ``TICK_S``.

    ``explained``: errors of ``work`` whose message is for the operator. ``silent_s``: one whose loop did not turn for
    so long is killed. No thread may run in this process.
    """

    count: int
    work: Callable[[int, int], None]
    explained: tuple[type[Exception], ...] = ()
    silent_s: float = 30.0
    _places: list[_Place] = field(default_factory=list[_Place])
    _ending: bool = False
    _was_ready: bool = False
    _fed: float = 0.0

    def run(self) -> None:
        """Until a signal ends it, and every worker with it. Raises CannotStart when the first ones cannot start."""
        self._places = [_Place() for _ in range(self.count)]
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        before = {kind: signal.signal(kind, self._end) for kind in _ENDING}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        try:
            while not self._ending:
                self._fill()
                self._listen(wake_read, 0.5)
                self._reap()
                self._kill_silent()
                self._tell_manager()
        finally:
            self._stop(wake_read)
            signal.set_wakeup_fd(-1)
            for kind, handler in before.items():
                signal.signal(kind, handler)
            os.close(wake_read)
            os.close(wake_write)

    def _end(self, _number: int, _frame: object) -> None:
        self._ending = True

    def _fill(self) -> None:
        for number, place in enumerate(self._places):
            if place.worker is None and time.monotonic() >= place.not_before:
                place.worker = self._start(number)

    def _start(self, number: int) -> _Worker:
        read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        pid = os.fork()
        if pid == 0:
            self._be_worker(number, parent, read, write)
        os.close(write)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        now = time.monotonic()
        return _Worker(pid, read, now, now)

    def _be_worker(self, number: int, parent: int, read: int, write: int) -> None:
        """Never returns."""
        code = 1
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            signal.set_wakeup_fd(-1)
            for kind in (*_ENDING, signal.SIGCHLD):
                signal.signal(kind, signal.SIG_DFL)
            os.close(read)
            for place in self._places:
                if place.worker is not None:
                    os.close(place.worker.pipe)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            self.work(number, write)
            code = 0
        except self.explained as error:
            print(f"gateway: {error}", file=sys.stderr)
            code = _EXPLAINED
        except BaseException as error:
            log_error("worker", error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _listen(self, wake: int, within_s: float) -> None:
        pipes = {place.worker.pipe: place.worker for place in self._places if place.worker is not None}
        for ready in select.select([wake, *pipes], [], [], within_s)[0]:
            told = os.read(ready, 4096)
            if told and ready in pipes:
                pipes[ready].ready, pipes[ready].heard = True, time.monotonic()
            elif not told:
                time.sleep(0.01)  # it is ending: its pipe is closed a little before it can be reaped

    def _reap(self) -> None:
        for place in self._places:
            worker = place.worker
            if worker is None:
                continue
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid == 0:
                continue
            os.close(worker.pipe)
            place.worker = None
            code, now = os.waitstatus_to_exitcode(status), time.monotonic()
            if self._ending:
                continue
            log("gateway_worker_ended", code=code)
            if code == _EXPLAINED and not self._was_ready:
                raise CannotStart("a worker could not start")
            if now - worker.began >= _CALM_S:
                place.pause_s, place.not_before = _PAUSE_S, now
            else:
                place.not_before = now + place.pause_s
                place.pause_s = min(place.pause_s * 2, _LONGEST_PAUSE_S)

    def _kill_silent(self) -> None:
        for place in self._places:
            worker = place.worker
            if worker is not None and time.monotonic() - worker.heard > self.silent_s:
                os.kill(worker.pid, signal.SIGKILL)

    def _tell_manager(self) -> None:
        workers = [place.worker for place in self._places]
        if not self._was_ready and all(worker is not None and worker.ready for worker in workers):
            self._was_ready = True
            notify.notify("READY=1")
        every, now = notify.watchdog_s(), time.monotonic()
        serving = self._was_ready and any(worker is not None and worker.ready for worker in workers)
        if every is not None and serving and now - self._fed >= every / 3:
            self._fed = now
            notify.notify("WATCHDOG=1")

    def _stop(self, wake: int) -> None:
        """Ask all to end (again every second: one may not have been ready to hear it), then kill."""
        self._ending = True
        notify.notify("STOPPING=1")
        end, ask = time.monotonic() + _END_S, 0.0
        while any(place.worker is not None for place in self._places):
            now = time.monotonic()
            if now >= ask or now >= end:
                ask = now + 1.0
                for place in self._places:
                    if place.worker is not None:
                        os.kill(place.worker.pid, signal.SIGKILL if now >= end else signal.SIGTERM)
            select.select([wake], [], [], 0.1)
            try:
                os.read(wake, 4096)
            except BlockingIOError:
                pass
            self._reap()
