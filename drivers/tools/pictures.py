"""``camera shot`` and ``scanner scan``: one picture in a file, as the device sent it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from drivers.contract import Camera, Outcome, Scanner, ScanResult
from drivers.tools.telling import settled, tell

_SCAN_S = 180.0  # longer than the scanner's own limit: its own word is the better one


def shot(camera: Camera, as_json: bool, out: Path) -> bool:
    """Write the newest picture of the camera, a JPEG."""
    settled(camera)
    frame = camera.newest()
    if frame is None:
        tell(camera.status(), as_json)
        return False
    out.write_bytes(frame.jpeg)
    tell(camera.status(), as_json, file=str(out), bytes=len(frame.jpeg))
    return True


def scan(scanner: Scanner, as_json: bool, out: Path) -> bool:
    """Scan the bed, or one sheet of the feeder, and write the whole picture, a PNM."""
    settled(scanner)
    ended = threading.Event()
    results: list[ScanResult] = []

    def done(result: ScanResult) -> None:
        results.append(result)
        ended.set()

    def progress(share: float) -> None:
        if not as_json:
            sys.stderr.write(f"\r{share:4.0%}")

    scanner.scan("hand", progress, done)
    try:
        if not ended.wait(_SCAN_S):
            scanner.cancel("hand")
    except KeyboardInterrupt:
        scanner.cancel("hand")
        raise
    if not as_json:
        sys.stderr.write("\r")
    if not results:
        tell(scanner.status(), as_json, outcome=Outcome.FAILED.value)
        return False
    result = results[0]
    found: dict[str, object] = {"outcome": result.outcome.value, "scan_faults": list(result.faults)}
    if result.outcome is Outcome.DONE:
        out.write_bytes(result.image)
        found |= {"file": str(out), "bytes": len(result.image), "dpi": result.dpi, "source": scanner.source}
    tell(scanner.status(), as_json, **found)
    return result.outcome is Outcome.DONE
