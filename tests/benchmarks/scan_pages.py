"""Drawn papers on a flatbed, white lid and black, every skew and resolution: one line each, then the worst.

``./adm python -m tests.benchmarks.scan_pages [--no-reading]``; three to five minutes, most of it tesseract's.
"""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from drivers.virtual import papers
from drivers.virtual.papers.bed import corners_on_bed, lay_on_bed, quarter_turned
from kiosk.capture import scan
from kiosk.capture.geometry import overlap
from kiosk.capture.types import Verdict
from tests import reading

PAPERS = {"f102": (3.0, 2.0), "police": (0.0, 0.0), "kk": (4.0, 1.0), "ktp": (40.0, 60.0)}
"""And where they lie."""
SKEWS = (-3.0, -1.3, 0.0, 0.4, 2.1, 3.0)


@dataclass(frozen=True)
class Row:
    """One scan. ``off_mm``: the worst corner; ``left``: degrees of skew left; ``words``, ``numbers``: shares read."""

    name: str
    verdict: Verdict
    iou: float
    off_mm: float
    left: float
    words: float
    numbers: float
    ms: float


def rows(*, read: bool) -> Iterator[Row]:
    """Every combination, in order."""
    for (name, at), lid, dpi, skew in product(PAPERS.items(), ("white", "black"), (200, 300), SKEWS):
        paper = papers.draw(name)
        held = io.BytesIO()
        lay_on_bed(paper.image, paper.mm, dpi=dpi, skew=skew, lid=lid, at_mm=at).save(held, "PPM")
        begin = time.process_time()
        verdict = scan.judge(held.getvalue(), "card" if name == "ktp" else "a4", dpi, lid)
        ms = 1000 * (time.process_time() - begin)
        truth = corners_on_bed(paper.mm, dpi=dpi, skew=skew, at_mm=at)
        quad = np.array(verdict.corners) if verdict.corners is not None else truth * 0
        words, numbers = _read(name, verdict) if read and verdict.image else (0.0, 0.0)
        off = float(np.linalg.norm(quad - truth, axis=1).max()) / dpi * 25.4
        left = verdict.measures.get("skew", 99.0) - skew
        yield Row(f"{name:7s}{lid} {dpi} {skew:+.1f}", verdict, overlap(quad, truth), off, left, words, numbers, ms)


def _read(name: str, verdict: Verdict) -> tuple[float, float]:
    truth = papers.draw(name).truth
    page = reading.load(verdict.image)
    if quarter_turned(papers.draw(name).mm):
        page = np.asarray(cv2.rotate(page, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8)
    letter = name in ("f102", "police")
    words = reading.words(page, verdict.dpi) if letter else []
    found = set(re.findall(r"\d{16}", " ".join(words)))
    if not set(truth.numbers) <= found:
        found |= set(reading.numbers16(page, verdict.dpi))
    numbers = len(set(truth.numbers) & found) / len(set(truth.numbers))
    return (reading.share_read(truth.words, words) if letter else 1.0), numbers


def main() -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    read = "--no-reading" not in sys.argv
    print("paper  lid  dpi  skew     IoU  corner  skew left  words  numbers   KB    ms  verdict")
    done: list[Row] = []
    for row in rows(read=read):
        done.append(row)
        verdict = row.verdict
        what = "kept" if verdict.ok else verdict.reason or verdict.fault
        print(
            f"{row.name:22s} {row.iou:.4f}  {row.off_mm:.2f}mm  {row.left:+.3f}  {row.words:8.3f}  {row.numbers:5.2f}"
            f"  {len(verdict.image) // 1024:5d}  {row.ms:4.0f}  {what}",
            flush=True,
        )
    times = sorted(row.ms for row in done)
    print(f"\n{len(done)} scans, {sum(row.verdict.ok for row in done)} kept; ", end="")
    print(f"IoU mean {np.mean([r.iou for r in done]):.4f}, worst {min(r.iou for r in done):.4f}; ", end="")
    print(
        f"corner at worst {max(r.off_mm for r in done):.2f} mm; skew left {max(abs(r.left) for r in done):.3f} degrees"
    )
    if read:
        print(f"words at worst {min(r.words for r in done):.3f}, numbers at worst {min(r.numbers for r in done):.2f}")
    print(f"CPU ms a page, one core: median {times[len(times) // 2]:.0f}, 95 % {times[int(0.95 * len(times))]:.0f}")


if __name__ == "__main__":
    main()
