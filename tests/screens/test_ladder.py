"""Which screen a status asks for on step 4: pure, no window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.ladder import Screen, can_take, screen_for
from kiosk.status import DeviceView, JudgedView, KioskStatus, Step, VisitView
from wire.faults import catalogue

BOTH = ("camera", "scanner")
CODES = sorted(code for code, fault in catalogue().items() if fault.role == "scanner")
PHASES = ("starting", "ready", "busy", "needs_attention", "offline", "unknown", "broken")
SCANS = {Screen.CHOOSE_SOURCE, Screen.SCAN, Screen.SCAN_BED, Screen.CAMERA_OUT, Screen.SCANNER_OUT}


def scan(
    source: str, sources: tuple[str, ...] = BOTH, phase: str = "ready", faults: tuple[str, ...] = (), **values: object
) -> KioskStatus:
    """Step 4; ``phase`` and ``faults`` are those of each device."""
    given = {"kind": "apply", "step": Step.SCAN, "sources": sources, "source": source, **values}
    devices = tuple(DeviceView(role=role, phase=phase, faults=faults) for role in sources)
    return KioskStatus(rev=1, devices=devices, visit=VisitView.model_validate(given))


@pytest.mark.parametrize(
    ("status", "screen"),
    [
        (scan(""), Screen.CHOOSE_SOURCE),
        (scan("", phase="offline"), Screen.CHOOSE_SOURCE),
        (scan("", ("camera",)), Screen.SCAN),
        (scan("", ()), Screen.CAMERA_OUT),
        (scan("camera"), Screen.SCAN),
        (scan("camera", phase="offline"), Screen.CAMERA_OUT),
        (scan("camera", phase="offline", capturing=True), Screen.SCAN),
        (scan("scanner"), Screen.SCAN_BED),
        (scan("scanner", ("scanner",)), Screen.SCAN_BED),
        (scan("scanner", phase="unknown"), Screen.SCANNER_OUT),
        (scan("scanner", phase="unknown", capturing=True), Screen.SCAN_BED),
        (scan("scanner", phase="needs_attention", faults=("scanner_busy",)), Screen.SCAN_BED),
        (scan("scanner", phase="needs_attention", faults=("scanner_no_paper",)), Screen.SCAN_BED),
        (scan("scanner", phase="needs_attention", faults=("scanner_jammed", "scanner_busy")), Screen.SCANNER_OUT),
        (scan("scanner", judged=JudgedView(ok=True)), Screen.PAGE_KEPT),
        (scan("scanner", phase="offline", judged=JudgedView(ok=False)), Screen.PAGE_REFUSED),
    ],
)
def test_the_screen_of_the_scan_step(status: KioskStatus, screen: Screen) -> None:
    assert screen_for(status) is screen


@given(
    source=some.sampled_from(("", *BOTH)),
    sources=some.sets(some.sampled_from(BOTH)).map(lambda found: tuple(sorted(found))),
    phase=some.sampled_from(PHASES),
    faults=some.lists(some.sampled_from(CODES), unique=True, max_size=4).map(tuple),
    capturing=some.booleans(),
)
def test_any_devices_lead_to_one_screen_of_the_step(
    source: str, sources: tuple[str, ...], phase: str, faults: tuple[str, ...], capturing: bool
) -> None:
    status = scan(source, sources, phase, faults, capturing=capturing)
    screen = screen_for(status)
    assert screen in SCANS
    if screen is Screen.SCAN_BED and not capturing:
        assert can_take(status, "scanner")
    if screen is Screen.SCANNER_OUT:
        assert source == "scanner" and not can_take(status, "scanner")
