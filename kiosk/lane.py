"""A thread that does one thing after the other: what touches the disk or takes its time, in the order it was asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from wire import events


class Lane:
    """Jobs are run in order; one that raises is logged, and the next one runs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, job: Callable[[], None]) -> None:
        """Run ``job`` after those that wait; returns at once."""
        self._jobs.put(job)

    def close(self, within: float = 5.0) -> None:
        """Let the jobs that wait run, at most ``within`` seconds."""
        self._jobs.put(None)
        self._thread.join(within)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception as error:
                events.log_error(self._name, error)
            del job  # it may hold a page
