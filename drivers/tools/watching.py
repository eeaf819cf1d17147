"""``card watch`` and ``code watch``: what the device tells, as it tells it, until the time is over or Ctrl-C."""

from __future__ import annotations

import threading
from collections.abc import Callable

from drivers.contract import CardReader, CardSeen, CodeReader, Device, DeviceStatus
from drivers.tools.telling import line, say, settled, tell

_EVER = threading.TIMEOUT_MAX


def card(reader: CardReader, as_json: bool, seconds: float | None, start: Callable[[], None]) -> bool:
    """Tell each card that comes and goes: its kind, and whether its number is random; never the number."""

    def told(seen: CardSeen | None) -> None:
        if as_json:
            line({"card": None if seen is None else seen.kind.value, "random": seen is not None and seen.random})
        elif seen is None:
            say("no card")
        else:
            number = (
                "has no number" if not seen.uid else "a new number at each touch" if seen.random else "keeps its number"
            )
            say(f"card: {seen.kind.value}, {number}")

    reader.on_card(told)
    return _watch(reader, as_json, seconds, start)


def code(reader: CodeReader, as_json: bool, seconds: float | None, start: Callable[[], None]) -> bool:
    """Tell each code that is scanned."""

    def told(text: str) -> None:
        if as_json:
            line({"code": text})
        else:
            say(f"code: {text}")

    reader.on_code(told)
    return _watch(reader, as_json, seconds, start)


def _watch(device: Device, as_json: bool, seconds: float | None, start: Callable[[], None]) -> bool:
    """Tell the status at each change; True when the device is usable at the end."""

    def changed(status: DeviceStatus) -> None:
        tell(status, as_json)

    device.on_change(changed)  # before the start, as the listener of cards or codes: nothing is missed
    start()
    try:
        threading.Event().wait(_EVER if seconds is None else seconds)
    except KeyboardInterrupt:
        pass
    return settled(device).usable
