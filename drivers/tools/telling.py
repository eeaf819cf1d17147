"""How a hand tool waits for a device and tells what it found: lines for a person, or one JSON object a line."""

from __future__ import annotations

import json
import sys
import time

from drivers.contract import Device, DeviceStatus, Phase

_LOOK_S = 8.0  # longer than a device's first answer takes, also when it is asked a second time


def settled(device: Device, limit: float = _LOOK_S) -> DeviceStatus:
    """The device's status once it is known, or after ``limit`` seconds whatever is known then."""
    end = time.monotonic() + limit
    while (status := device.status()).phase is Phase.STARTING and time.monotonic() < end:
        time.sleep(0.05)
    return status


def facts(status: DeviceStatus) -> dict[str, object]:
    """A status as JSON."""
    return {
        "role": status.role,
        "phase": status.phase.value,
        "faults": list(status.faults),
        "notes": dict(status.notes),
    }


def tell(status: DeviceStatus, as_json: bool, **more: object) -> None:
    """A status, and what else was found."""
    if as_json:
        line({**facts(status), **more})
        return
    say(f"{status.role}: {status.phase.value} {' '.join(status.faults)}".rstrip())
    for name, value in {**status.notes, **more}.items():
        say(f"  {name}: {value}")


def line(found: dict[str, object]) -> None:
    """One JSON object on a line of its own, at once."""
    say(json.dumps(found))


def say(text: str) -> None:
    """One line, at once: it may be read while the tool still runs."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
