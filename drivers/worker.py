"""One supervised worker thread a device: set up, run, tear down; what goes wrong becomes a status.

A device that is missing is tried again every 2 s; one that answers and then fails its set-up waits 2, 4, 8, 16, 20 s.
Both waits end at once on ``wake()``. Torn down in ``finally``, also after a crash: a handle never stays claimed.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from drivers.contract import DeviceStatus, Phase

log = logging.getLogger("drivers")


class DeviceTrouble(Exception):
    """A device cannot be used now. ``fault`` is a code of ``wire/faults.toml``; ``detail`` is for staff."""

    phase = Phase.OFFLINE

    def __init__(self, fault: str, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else fault)
        self.fault = fault
        self.detail = detail


class Missing(DeviceTrouble):
    """Nothing answers at the device's address, or the device was taken away."""


class SetupFailed(DeviceTrouble):
    """The device answers, and then cannot be brought to work."""

    phase = Phase.UNKNOWN

    def __init__(self, fault: str, detail: str = "", phase: Phase = Phase.UNKNOWN) -> None:
        super().__init__(fault, detail)
        self.phase = phase


@dataclass(frozen=True, slots=True)
class Supervision:
    """The supervisor's waits, in seconds. ``steady``: a run this long forgets the failures before it."""

    retry: float = 2.0
    backoff: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0, 20.0)
    steady: float = 20.0
    stop: float = 10.0


class Worker(ABC):
    """The common half of every device; a driver gives ``set_up``, ``run`` and ``tear_down``."""

    #: Reported with phase ``BROKEN`` when the driver itself crashes.
    crash_fault: str

    def __init__(
        self,
        role: str,
        *,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.role = role
        self._supervision = supervision or Supervision()
        self._clock = clock
        self._status = DeviceStatus(role, Phase.STARTING, since=clock())
        self._callbacks: list[Callable[[DeviceStatus], None]] = []
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # What the station calls.

    def start(self) -> None:
        """Start the worker thread; returns at once. Does nothing when it runs already."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._status = DeviceStatus(self.role, Phase.STARTING, since=self._clock())
        self._thread = threading.Thread(target=self._main, name=f"driver-{self.role}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the worker and release the device; returns when it is released, at the latest after 10 s."""
        self._stop.set()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._supervision.stop)

    def status(self) -> DeviceStatus:
        """The newest status; never raises, never blocks."""
        return self._status

    def on_change(self, callback: Callable[[DeviceStatus], None]) -> None:
        """Call ``callback`` from the worker's thread at each change of phase or faults."""
        self._callbacks.append(callback)

    # What a driver gives.

    @abstractmethod
    def set_up(self) -> None:
        """Open the device. Raises ``Missing`` or ``SetupFailed``."""

    @abstractmethod
    def run(self) -> None:
        """Work until ``stopping`` or until the device is lost (``Missing``)."""

    @abstractmethod
    def tear_down(self) -> None:
        """Release whatever ``set_up`` took, also after half a ``set_up``; called from the same thread."""

    @abstractmethod
    def while_down(self) -> None:
        """Called after each failed attempt, before the wait, and at the end."""

    # What a driver uses.

    @property
    def stopping(self) -> bool:
        """True once ``stop()`` was called."""
        return self._stop.is_set()

    def wake(self) -> None:
        """End the current wait: a job came, or hot-plug saw the device."""
        self._wake.set()

    def wait(self, seconds: float) -> bool:
        """Wait for ``wake()``, ``stop()`` or ``seconds``; True when woken."""
        woken = self._wake.wait(max(0.0, seconds))
        if woken and not self._stop.is_set():
            self._wake.clear()
        return woken

    def report(self, phase: Phase, faults: tuple[str, ...] = (), notes: dict[str, str] | None = None) -> None:
        """Put the newest status in its place and tell the listeners when phase or faults changed."""
        old = self._status
        changed = (old.phase, old.faults) != (phase, faults)
        since = self._clock() if changed else old.since
        self._status = DeviceStatus(self.role, phase, faults, since, old.notes if notes is None else notes)
        if not changed:
            return
        log.info("%s: %s %s", self.role, phase.value, " ".join(faults))
        for callback in tuple(self._callbacks):
            try:
                callback(self._status)
            except Exception:
                log.exception("%s: a listener failed", self.role)

    def _main(self) -> None:
        failures = 0
        while not self.stopping:
            began = self._clock()
            pause = 0.0
            try:
                self._once()
            except Missing as trouble:
                self.report(trouble.phase, (trouble.fault,), {"detail": trouble.detail})
                pause, failures = self._supervision.retry, 0
            except SetupFailed as trouble:
                self.report(trouble.phase, (trouble.fault,), {"detail": trouble.detail})
                pause, failures = self._backoff(failures, began)
            except Exception as bug:
                log.exception("%s: the driver crashed", self.role)
                self.report(Phase.BROKEN, (self.crash_fault,), {"detail": type(bug).__name__})
                pause, failures = self._backoff(failures, began)
            if pause and not self.stopping:
                self._settle()
                self.wait(pause)
        self._settle()
        self.report(Phase.OFFLINE)

    def _once(self) -> None:
        try:
            self.set_up()
            if not self.stopping:
                self.run()
        finally:
            try:
                self.tear_down()
            except Exception:
                log.exception("%s: tearing down failed", self.role)

    def _settle(self) -> None:
        try:
            self.while_down()
        except Exception:
            log.exception("%s: settling failed", self.role)

    def _backoff(self, failures: int, began: float) -> tuple[float, int]:
        """The wait before the next try, and the new count of failures."""
        if self._clock() - began >= self._supervision.steady:
            failures = 0
        steps = self._supervision.backoff
        return steps[min(failures, len(steps) - 1)], failures + 1
