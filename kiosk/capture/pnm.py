"""A scanner's PNM to pixels: binary grey (P5) or colour (P6), 8 bits, whole, and never anything else."""

from __future__ import annotations

import re

import cv2
import numpy as np

from kiosk.capture.decode import MAX_PIXELS, Image, NotAPicture

_GAP = rb"(?:[ \t\r\n]+(?:#[^\n]{0,400}\n)?)+"
_HEADER = re.compile(rb"P([56])" + _GAP + rb"(\d{1,6})" + _GAP + rb"(\d{1,6})" + _GAP + rb"255[ \t\r\n]")
_HEADER_END = 4096  # more than any scanner writes before the first pixel


def pixels(pnm: bytes) -> Image:
    """All pixels, height x width x 3, R, G, B (grey is put into all three). Raises NotAPicture.

    Bytes behind the last pixel do no harm; a picture that ends early is none, for what is missing may be the page.
    """
    header = _HEADER.match(pnm[:_HEADER_END])
    if header is None:
        raise NotAPicture("no binary PNM of 8 bits")
    kind, width, height = (int(part) for part in header.groups())
    if not 0 < width * height <= MAX_PIXELS:
        raise NotAPicture(f"{width} x {height} pixels")
    depth = 3 if kind == 6 else 1
    if len(pnm) - header.end() < width * height * depth:
        raise NotAPicture("cut short")
    flat = np.frombuffer(pnm, np.uint8, width * height * depth, header.end()).reshape(height, width, depth)
    return flat if depth == 3 else np.asarray(cv2.cvtColor(flat, cv2.COLOR_GRAY2RGB), np.uint8)
