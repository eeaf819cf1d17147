"""What can be read on a page: tesseract (ind) as a child process, on bytes that the product wrote.

Tables are read after their lines are removed (capture-notes section 4): a locally adaptive threshold, then openings by
long horizontal and vertical kernels are taken away; tesseract alone reads a quarter of a family card's words.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_READ_DPI = 300
_LINE_MM = 5.0  # 40 px at 200 dpi


def load(image: bytes | Path | Pixels) -> Pixels:
    """Decode an encoded picture (or pass pixels on) as grey."""
    if isinstance(image, Path):
        image = image.read_bytes()
    if isinstance(image, bytes):
        decoded = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert decoded is not None, "no picture"
        return np.asarray(decoded, np.uint8)
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def words(image: bytes | Path | Pixels, dpi: float = 0) -> list[str]:
    """The words of a letter, in reading order. ``dpi``: of the picture; 0 takes it for an A4 page."""
    return _tesseract(_scaled(load(image), dpi), "3").split()


def numbers16(image: bytes | Path | Pixels, dpi: float = 0) -> list[str]:
    """Every 16-digit number on a form or card, after the lines were removed; spaces inside a number are ignored.

    Read line by line and once more as a sparse page: a number counts when either reading holds it.
    """
    clean = without_lines(_scaled(load(image), dpi))
    found: list[str] = []
    for mode in ("6", "11"):
        for line in _tesseract(clean, mode).splitlines():
            for number in re.findall(r"(?<!\d)\d(?: ?\d){15}(?! ?\d)", line):
                plain = number.replace(" ", "")
                if plain not in found:
                    found.append(plain)
    return found


def without_lines(grey: Pixels, dpi: float = _READ_DPI) -> Pixels:
    """Black writing on white, table lines taken away."""
    block = max(15, round(dpi / 8)) | 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, block, 12)
    long = round(_LINE_MM / 25.4 * dpi)
    for size in ((long, 1), (1, long)):
        lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((size[1], size[0]), np.uint8))
        lines = cv2.dilate(lines, np.ones((3, 3), np.uint8))
        ink = cv2.subtract(ink, lines)
    return np.asarray(255 - ink, np.uint8)


def share_read(expected: list[str] | tuple[str, ...], read: list[str]) -> float:
    """Share of the expected words that were read, each as often as it stands there; punctuation and case ignored."""
    left = [plain for word in read if (plain := re.sub(r"\W", "", word).lower())]
    hits = 0
    for word in expected:
        plain = re.sub(r"\W", "", word).lower()
        if plain in left:
            left.remove(plain)
            hits += 1
    return hits / max(1, len(expected))


def _scaled(grey: Pixels, dpi: float) -> Pixels:
    """At 300 dpi, which tesseract is made for."""
    dpi = dpi or max(grey.shape) / 297 * 25.4
    scale = min(4.0, _READ_DPI / dpi)
    if abs(scale - 1) < 0.05:
        return grey
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _tesseract(grey: Pixels, mode: str) -> str:
    encoded = cv2.imencode(".png", grey)[1].tobytes()
    command = ["tesseract", "-", "-", "-l", "ind", "--dpi", str(_READ_DPI), "--psm", mode]
    one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(command, input=encoded, capture_output=True, check=True, timeout=120, env=one_thread)
    return done.stdout.decode()
