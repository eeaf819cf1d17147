"""One ``scanimage`` child: watched until it ends, stopped when it must be, always reaped with all that it started."""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import IO

_TICK_S = 0.05
_CHUNK = 1024 * 1024
_PIPE = 1024 * 1024
_WORDS_LIMIT = 256 * 1024
_KILLED_S = 5.0
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")  # a station that is killed leaves no child that holds a device


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of output.

    ``first``: until the first byte of output. ``silent``: with no byte of output nor of stderr. ``whole``: in all.
    ``grace``: for the child to end once it was asked to stop (SIGINT) or nothing more is to come; then it is killed.
    ``size``: of the output.
    """

    first: float
    silent: float
    whole: float
    grace: float = 0.0
    size: int = 1024 * 1024


class Why(Enum):
    """How a child came to its end. ``LINGERED``: all was said and sent, and it did not go."""

    ENDED = auto()
    LINGERED = auto()
    STOPPED = auto()
    SILENT = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Ending:
    """``code``: as ``subprocess`` gives it. ``out``: all output. ``words``: stderr, its last part when it is long."""

    why: Why
    code: int
    out: bytearray = field(repr=False)
    words: str


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    limits: Limits,
    *,
    stop: Callable[[], bool],
    heard: Callable[[bytes], None] | None = None,
    refuse: Callable[[bytearray], bool] | None = None,
    over: Callable[[bytearray, bytearray], bool] | None = None,
) -> Ending:
    """Run ``command`` to its end, or to ours; returns when it is reaped.

    ``stop``: asked 20 times a second. ``heard``: gets what comes on stderr. ``refuse``: sees the output after each
    piece; True ends it. ``over``: sees output and stderr after each piece; True: nothing more is to come. Raises
    ``OSError`` when there is no such program.
    """
    child = subprocess.Popen(
        [*_DIES_WITH_US, *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )
    assert child.stdout is not None and child.stderr is not None
    with child.stdout, child.stderr:
        watch = _Watch(child, child.stdout, child.stderr, limits, heard, refuse, over)
        try:
            why = watch.until_the_end(stop)
        finally:
            code = _reap(child)
    return Ending(why, code, watch.out, bytes(watch.words).decode("utf-8", "replace"))


class _Watch:
    def __init__(
        self,
        child: subprocess.Popen[bytes],
        out: IO[bytes],
        err: IO[bytes],
        limits: Limits,
        heard: Callable[[bytes], None] | None,
        refuse: Callable[[bytearray], bool] | None,
        over: Callable[[bytearray, bytearray], bool] | None,
    ) -> None:
        self.out = bytearray()
        self.words = bytearray()
        self._child = child
        self._limits = limits
        self._heard = heard
        self._refuse = refuse
        self._over = over
        self._pipes = selectors.DefaultSelector()
        for pipe in (out, err):
            os.set_blocking(pipe.fileno(), False)
            self._pipes.register(pipe, selectors.EVENT_READ, pipe is out)
        try:
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _PIPE)
        except OSError:  # the user's share of pipes is used up: a smaller one does
            pass

    def until_the_end(self, stop: Callable[[], bool]) -> Why:
        with self._pipes:
            return self._until_the_end(stop)

    def _until_the_end(self, stop: Callable[[], bool]) -> Why:
        began = last = time.monotonic()
        asked: float | None = None
        over: float | None = None
        while True:
            before = len(self.out)
            ended = _has_ended(self._child)
            if self._read(0.0 if ended else _TICK_S):
                last = time.monotonic()
                if len(self.out) > before and self._unwanted():
                    return Why.REFUSED
                if over is None and self._over is not None and self._over(self.out, self.words):
                    over = last
            elif ended:
                return Why.ENDED if asked is None else Why.STOPPED
            now = time.monotonic()
            if asked is None and not ended and stop():
                asked = now
                os.kill(self._child.pid, signal.SIGINT)  # not send_signal, which may reap it
            if asked is not None and now - asked >= self._limits.grace:
                return Why.STOPPED
            if over is not None and now - over >= self._limits.grace:
                return Why.LINGERED if asked is None else Why.STOPPED
            quiet = self._limits.silent if self.out else self._limits.first
            if now - last >= quiet or now - began >= self._limits.whole:
                return Why.SILENT if asked is None else Why.STOPPED

    def _unwanted(self) -> bool:
        return len(self.out) > self._limits.size or (self._refuse is not None and self._refuse(self.out))

    def _read(self, seconds: float) -> bool:
        """Take what came within ``seconds``; True when something did."""
        came = False
        if not self._pipes.get_map():
            time.sleep(min(seconds, _TICK_S))
            return False
        for key, _ in self._pipes.select(seconds):
            try:
                data = os.read(key.fd, _CHUNK)
            except BlockingIOError:
                continue
            if not data:
                self._pipes.unregister(key.fileobj)
                continue
            came = True
            if key.data:
                self.out += data
            else:
                self.words += data
                del self.words[:-_WORDS_LIMIT]
                if self._heard is not None:
                    self._heard(data)
        return came


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """True once it has, without reaping it: its number stays its own until ``_reap``."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _reap(child: subprocess.Popen[bytes]) -> int:
    """Kill whatever is left of the child's group, and reap the child; -9 for one that even then does not die."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    try:
        return child.wait(_KILLED_S)
    except subprocess.TimeoutExpired:  # stuck in the kernel; Python reaps it when another child begins
        return -signal.SIGKILL
