"""The supervisor: retries, back-off, tearing down, and listeners that fail."""

from __future__ import annotations

import threading
from collections.abc import Callable

from drivers.contract import DeviceStatus, Phase
from drivers.worker import Missing, SetupFailed, Supervision, Worker
from tests.drivers.conftest import until


class Waits(Worker):
    """A device that does as it is told, and whose waits take no time but are written down."""

    crash_fault = "printer_unreachable"

    def __init__(self, steps: list[Callable[[], None]]) -> None:
        self.time = 0.0
        self.waits: list[float] = []
        self.torn_down = 0
        self._steps = steps
        self._over = threading.Event()
        super().__init__("printer", supervision=Supervision(), clock=lambda: self.time)

    def set_up(self) -> None:
        if not self._steps:
            self.report(Phase.READY)
            return
        self._steps.pop(0)()

    def run(self) -> None:
        self._over.wait(5)

    def tear_down(self) -> None:
        self.torn_down += 1

    def while_down(self) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.time += seconds
        return False

    def stop(self) -> None:
        self._stop.set()
        self._over.set()
        super().stop()


def missing() -> None:
    raise Missing("printer_unreachable", "off")


def failing() -> None:
    raise SetupFailed("printer_mute")


def crashing() -> None:
    raise ZeroDivisionError


def waits_of(steps: list[Callable[[], None]]) -> Waits:
    worker = Waits(steps)
    worker.start()
    until(lambda: worker.status().phase is Phase.READY)
    worker.stop()
    return worker


def test_a_missing_device_is_tried_again_every_two_seconds() -> None:
    worker = waits_of([missing] * 6)
    assert worker.waits == [2.0] * 6
    assert worker.torn_down == 7


def test_a_device_that_answers_and_fails_is_left_alone_longer_and_longer() -> None:
    assert waits_of([failing] * 6).waits == [2.0, 4.0, 8.0, 16.0, 20.0, 20.0]


def test_being_missing_forgets_the_failures() -> None:
    assert waits_of([failing, failing, missing, failing]).waits == [2.0, 4.0, 2.0, 2.0]


def test_a_crash_of_the_driver_is_a_status_and_is_torn_down() -> None:
    seen: list[DeviceStatus] = []
    worker = Waits([crashing, crashing])
    worker.on_change(seen.append)
    worker.start()
    until(lambda: worker.status().phase is Phase.READY)
    worker.stop()
    assert worker.waits == [2.0, 4.0]
    assert worker.torn_down == 3
    assert seen[0].phase is Phase.BROKEN and seen[0].faults == ("printer_unreachable",)
    assert seen[0].notes == {"detail": "ZeroDivisionError"}


def test_a_listener_that_fails_harms_nobody() -> None:
    seen: list[Phase] = []

    def bad(status: DeviceStatus) -> None:
        raise RuntimeError("listener")

    worker = Waits([missing])
    worker.on_change(bad)
    worker.on_change(lambda status: seen.append(status.phase))
    worker.start()
    until(lambda: Phase.READY in seen)
    worker.stop()
    assert seen == [Phase.OFFLINE, Phase.READY, Phase.OFFLINE]


def test_it_starts_again_after_a_stop() -> None:
    worker = Waits([])
    worker.start()
    worker.start()
    until(lambda: worker.status().phase is Phase.READY)
    worker.stop()
    assert worker.status().phase is Phase.OFFLINE
    worker.start()
    until(lambda: worker.status().phase is Phase.READY)
    worker.stop()
