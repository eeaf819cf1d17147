"""Tests that need a sheet: the printer's slip, a page before the camera, a page on the scanner."""

from __future__ import annotations

import datetime as dt
import queue
import time
from typing import TypeVar

from drivers.contract import Camera, Outcome, Printer, PrintResult, Scanner, ScanResult
from kiosk import slip
from kiosk.capture import limits
from kiosk.capture.types import Verdict
from kiosk.capture.words import TITLES, WHAT_TO_DO
from kiosk.judging import Capture
from kiosk.staff.watch import NO, YES, Ended, Watch, absent, fault_rows, mark
from kiosk.visit.errand import Rows
from wire.version import VERSION
from wire.words import N_

PRINT_S = 35.0
"""For the printer's answer; its own limit is shorter."""
CAMERA_S = 20.0
"""For a page to lie before the camera."""
SCAN_S = 180.0
"""For a scan; the scanner's own limits are shorter."""
_SETTLE_S = 6.0
"""For a page that lies there to become good: it may still be moved."""
_SHEET = "a4"
_FOUND = N_("A page was found")
_DOTS = N_("Dots an inch")
_WRITING = N_("Width of strokes")
_T = TypeVar("_T")


def printer(watch: Watch, job: str, device: Printer | None, code: str, language: str) -> Ended:
    """Prints the test slip; whether it can be read, a person says."""
    if device is None:
        return absent()
    results: queue.SimpleQueue[PrintResult] = queue.SimpleQueue()
    sample = slip.Sample(language, code, dt.datetime.now().astimezone(), VERSION)
    began = time.monotonic()
    device.print(job, slip.data(sample), results.put)
    hint = N_("Printing the test slip. Please wait.")
    result = watch.until(lambda: _next(results), PRINT_S, hint, count=False)
    took = _seconds(watch, time.monotonic() - began)
    if result is None or result.outcome in (Outcome.FAILED, Outcome.CANCELLED):
        return Ended(False, fault_rows(result.faults if result else device.status().faults))
    sure = result.outcome is Outcome.DONE
    confirmed = (N_("The printer confirmed it"), took if sure else NO, mark(sure))
    return Ended(None, (confirmed,), ask=N_("Can you read it?"))


def camera(watch: Watch, device: Camera | None, capture: Capture) -> Ended:
    """Waits for a page before the camera and measures it, as a resident's page is."""
    if device is None:
        return absent()
    newest: Verdict | None = None
    frame_at = found_at = 0.0

    def look() -> Verdict | None:
        nonlocal newest, frame_at, found_at
        frame = device.newest()
        if frame is None or frame.at == frame_at:
            return None
        frame_at = frame.at
        newest = capture.judge(frame.jpeg, _SHEET)
        found_at = found_at or (time.monotonic() if newest.image else 0.0)
        settled = found_at and time.monotonic() - found_at > _SETTLE_S
        return newest if newest.ok or newest.fault is not None or settled else None

    watch.until(look, CAMERA_S, N_("Lay a printed A4 sheet before the camera."))
    if newest is None:
        return Ended(False, ((N_("A picture came"), NO, "bad"), *fault_rows(device.status().faults)))
    return _judged(watch, newest, ())


def scanner(watch: Watch, job: str, device: Scanner | None, capture: Capture) -> Ended:
    """Scans one page and measures it."""
    if device is None:
        return absent()
    results: queue.SimpleQueue[ScanResult] = queue.SimpleQueue()
    hint = N_("Scanning. A printed A4 sheet should lie in it.")
    began = time.monotonic()
    watch.say(hint)
    device.scan(job, lambda share: watch.say(hint, min(max(share, 0.0), 1.0)), results.put)
    result = None
    try:
        end = began + SCAN_S
        while (result := _next(results)) is None and time.monotonic() < end:
            watch.pause(0.05)
    finally:
        if result is None:
            device.cancel(job)
    took = (N_("Scanned in"), _seconds(watch, time.monotonic() - began), "")
    if result is None or result.outcome is not Outcome.DONE:
        return Ended(False, fault_rows(result.faults if result else ("scanner_timeout",)))
    verdict = capture.judge_scan(result.image, _SHEET, result.dpi, device.lid)
    return _judged(watch, verdict, (took, (_DOTS, str(result.dpi), "")))


def _judged(watch: Watch, verdict: Verdict, before: Rows) -> Ended:
    """The figures of the capture child, each beside its limit."""
    if verdict.fault is not None:
        return Ended(False, (*before, *fault_rows((verdict.fault,))))
    found = bool(verdict.image)
    rows = [*before, (_FOUND, YES if found else NO, mark(found))]
    if found:
        rows += _figures(watch, verdict)
    if verdict.reason is not None:
        rows += [(TITLES[verdict.reason], "", "bad"), (WHAT_TO_DO[verdict.reason], "", "")]
    return Ended(verdict.ok, tuple(rows), image=verdict.thumb)


def _figures(watch: Watch, verdict: Verdict) -> list[tuple[str, str, str]]:
    measures, rows = verdict.measures, list[tuple[str, str, str]]()
    if "edge" in measures:
        share = 100 * measures["edge"]
        rows.append((N_("Blur of the edges"), f"{watch.figure(share)} % (≤ 100)", mark(share <= 100)))
        rows.append((_DOTS, watch.figure(verdict.dpi), "") if verdict.dpi else (_DOTS, "?", ""))
    stroke, most = measures.get("stroke", 0.0), limits.BLUR_STROKE_PX
    rows.append((_WRITING, f"{watch.figure(stroke, 1)} (≤ {watch.figure(most, 1)})", mark(stroke <= most)))
    level, least = measures.get("level", 0.0), limits.DARK_LEVEL
    rows.append((N_("Light"), f"{watch.figure(level)} (≥ {watch.figure(least)})", mark(level >= least)))
    if "glare" in measures:
        share, most = 100 * measures["glare"], 100 * limits.GLARE_SHARE
        within = f"{watch.figure(share, 1)} % (≤ {watch.figure(most, 1)})"
        rows.append((N_("Reflected light"), within, mark(share <= most)))
    if "skew" in measures:
        rows.append((N_("Slant of the sheet"), f"{watch.figure(abs(measures['skew']), 1)}°", ""))
    return rows


def _seconds(watch: Watch, seconds: float) -> str:
    return f"{watch.figure(seconds, 1)} s"


def _next(results: queue.SimpleQueue[_T]) -> _T | None:
    try:
        return results.get_nowait()
    except queue.Empty:
        return None
