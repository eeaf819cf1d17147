"""The real photos, which are never committed: where they are, and what the pipeline makes of each."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.capture import pipeline
from kiosk.capture.geometry import ordered, overlap
from kiosk.capture.types import Verdict


def folder() -> Path:
    """ADM_SCANS, else ``../shared/scans`` beside the checkout. It may not exist."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "scans"
    return Path(os.environ.get("ADM_SCANS") or beside)


@dataclass(frozen=True)
class Result:
    """One photo: its entry in the manifest, the verdict, overlap with the true corners (None: has none), seconds."""

    entry: dict[str, Any]
    verdict: Verdict
    iou: float | None
    seconds: float


def results() -> list[Result]:
    """Every photo through the whole pipeline."""
    found: list[Result] = []
    for entry in json.loads((folder() / "manifest.json").read_text()):
        jpeg = (folder() / entry["file"]).read_bytes()
        begin = time.perf_counter()
        verdict = pipeline.judge(jpeg, "any")
        seconds = time.perf_counter() - begin
        iou = None
        if entry.get("quad"):
            truth = ordered(np.array(entry["quad"], np.float64))
            iou = overlap(truth, np.array(verdict.corners)) if verdict.corners else 0.0
        found.append(Result(entry, verdict, iou, seconds))
    return found
