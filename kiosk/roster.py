"""The terminal's devices side by side: for the window, the heartbeat and the log."""

from __future__ import annotations

from collections.abc import Iterable

from drivers.contract import Device, DeviceStatus
from kiosk.status import DeviceView
from offline_cache.api import TrialRecord
from wire import events, faults
from wire.heartbeat import DeviceReport

_STOPPED = "capture_stopped"


class Roster:
    """``devices``: those that this terminal has. The capture child counts as one of them."""

    def __init__(self, devices: Iterable[Device | None]) -> None:
        self.devices = tuple(device for device in devices if device is not None)
        self.capture_fault = ""
        """What the capture child said last; only that it has stopped is a fault of its own."""
        self.trials: tuple[TrialRecord, ...] = ()
        """The newest test of each device."""
        self.queue_fault = ""
        """Why the queue cannot be read, while something here can still tell the office."""
        self._logged: dict[str, tuple[str, tuple[str, ...]]] = {}

    def views(self) -> tuple[DeviceView, ...]:
        """Every device, the one with the most urgent fault first."""
        views = [_view_of(device.status()) for device in self.devices]
        stopped = (_STOPPED,) if self.capture_fault == _STOPPED else ()
        views.append(DeviceView(role="capture", phase="broken" if stopped else "ready", faults=stopped))
        return tuple(sorted(views, key=_urgency))

    def reports(self) -> tuple[DeviceReport, ...]:
        """The devices, for the heartbeat; from any thread."""
        tests = {test.role: test for test in self.trials}
        told = [*self.views()]
        if self.queue_fault:
            told.append(DeviceView(role="queue", phase="broken", faults=(self.queue_fault,)))
        return tuple(_report_of(view, tests.get(view.role)) for view in told)

    def log(self) -> None:
        """Log each device that changed since the last time."""
        for view in self.views():
            now = (view.phase, view.faults)
            if self._logged.get(view.role) != now:
                self._logged[view.role] = now
                events.log("device_changed", role=view.role, phase=view.phase, faults=list(view.faults))


def _view_of(status: DeviceStatus) -> DeviceView:
    return DeviceView(role=status.role, phase=status.phase.value, faults=faults.by_urgency(status.faults))


def _report_of(view: DeviceView, test: TrialRecord | None) -> DeviceReport:
    return DeviceReport(
        role=view.role,
        phase=view.phase,
        faults=view.faults,
        tested=test.at if test else "",
        passed=test.passed if test else None,
    )


def _urgency(view: DeviceView) -> tuple[int, bool]:
    """Sorts the most urgent fault first, then a device that is not usable without saying why."""
    order = list(faults.catalogue())
    return min((order.index(code) for code in view.faults if code in order), default=len(order)), view.usable
