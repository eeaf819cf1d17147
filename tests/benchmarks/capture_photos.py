"""The real photos through the capture pipeline, one line each, then the sums.

``./adm python -m tests.benchmarks.capture_photos``
"""

from __future__ import annotations

import statistics
import sys

import cv2

from tests.capture.photos import folder, results


def main() -> None:
    """Print the table."""
    if not folder().is_dir():
        sys.exit("No photos: set ADM_SCANS to their folder.")
    cv2.setNumThreads(1)
    done = results()
    print("photo  set      IoU    result    KB    ms  why")
    for one in done:
        verdict = one.verdict
        iou = "  -  " if one.iou is None else f"{one.iou:.3f}"
        what = "kept" if verdict.ok else verdict.reason or verdict.fault
        why = " ".join(f"{name}={value:g}" for name, value in verdict.measures.items())
        kb, ms = len(verdict.image) // 1024, one.seconds * 1000
        print(f"{one.entry['id']:5s}  {one.entry['split']:7s}  {iou}  {what!s:8s}  {kb:4d}  {ms:4.0f}  {why}")
    ious = [one.iou for one in done if one.iou is not None]
    refused = {s: sum(not o.verdict.ok for o in done if o.entry["split"] == s) for s in ("dev", "quality")}
    over = ", ".join(f"> {limit}: {sum(iou > limit for iou in ious)}" for limit in (0.9, 0.95, 0.98))
    print(f"\ncorners, {len(ious)} photos: mean IoU {statistics.mean(ious):.3f}, {over}")
    print(f"refused: {refused['dev']} of {len(ious)} dev, {refused['quality']} of {len(done) - len(ious)} quality")
    times = sorted(one.seconds * 1000 for one in done)
    print(f"ms a photo, one core: median {statistics.median(times):.0f}, 95 % {times[int(0.95 * len(times))]:.0f}")


if __name__ == "__main__":
    main()
