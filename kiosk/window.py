"""The window process under supervision: started again when it dies or when it stops drawing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from wire import events

SILENT_S = 15.0
"""A window that has not said ``Alive`` for this long hangs; it says so every second."""
START_S = 30.0
"""The same after a start: imports and the first picture on a slow, cold disk."""
BACKOFF_S = (0.0, 1.0, 2.0, 5.0, 10.0)
"""Waits before the starts that follow one another too soon."""
STEADY_S = 20.0
"""A window that lived this long starts anew without a wait."""
STOP_S = 3.0

_ROOT = Path(__file__).resolve().parents[1]


class Window:
    """One window process. All calls come from one thread that lives as long as the station: its death ends the window.

    ``alive_at``: when the window last said that it draws (monotonic seconds). ``arguments``: for ``python -m screens``.
    """

    def __init__(self, arguments: Sequence[str], alive_at: Callable[[], float]) -> None:
        self._command = [*_dies_with_us(), sys.executable, "-m", "screens", *arguments]
        self._alive_at = alive_at
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._next = 0.0
        self._failures = 0

    def start(self) -> None:
        """Start the process; an error is logged and tried again by ``watch``."""
        self._started = time.monotonic()
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, cwd=_ROOT)
        except OSError as error:
            events.log_error("window", error)
            self._ended(None)
            return
        events.log("window_started", pid=self._process.pid)

    def watch(self) -> None:
        """Look after it; to be called about once a second."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._next:
                self.start()
            return
        code = self._process.poll()
        if code is None and now - max(self._alive_at(), self._started + START_S - SILENT_S) > SILENT_S:
            events.log("child_killed", child="window", why="silent")
            self._process.kill()
            code = self._process.wait()
        if code is not None:
            self._process = None
            self._ended(code)

    def stop(self) -> None:
        """End it, by force after ``STOP_S``."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ended(self, code: int | None) -> None:
        events.log("window_died", code=code)
        now = time.monotonic()
        self._failures = 0 if now - self._started > STEADY_S else self._failures + 1
        self._next = now + BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        if now >= self._next:
            self.start()


def _dies_with_us() -> list[str]:
    """A prefix that has the kernel end the window when the station is killed (util-linux; present on every Debian).

    Not ``preexec_fn``: it is unsafe in a process with threads.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def own_group() -> None:
    """Lead a process group of our own, so that one signal reaches all that the terminal runs, and nothing else."""
    if os.getpgrp() != os.getpid():
        try:
            os.setpgid(0, 0)
        except PermissionError:
            pass  # a session leader leads its group already
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
