"""Jobs that wait for a device's worker: in order, each name once until it is finished."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """A job with a name of its own."""

    name: str


J = TypeVar("J", bound=Named)


class Pending(Generic[J]):
    """Any thread adds, the worker takes out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, J] = OrderedDict()

    def add(self, job: J) -> bool:
        """False when a job of that name waits or runs."""
        with self._lock:
            if job.name in self._jobs:
                return False
            self._jobs[job.name] = job
            return True

    def first(self) -> J | None:
        """The job that is next; it stays until it is taken out."""
        with self._lock:
            return next(iter(self._jobs.values()), None)

    def named(self, name: str) -> J | None:
        """The job of that name, if it waits or runs."""
        with self._lock:
            return self._jobs.get(name)

    def all(self) -> tuple[J, ...]:
        """Every job, in order."""
        with self._lock:
            return tuple(self._jobs.values())

    def take_out(self, job: J) -> bool:
        """False when it is out already."""
        with self._lock:
            if self._jobs.get(job.name) is not job:
                return False
            del self._jobs[job.name]
            return True
