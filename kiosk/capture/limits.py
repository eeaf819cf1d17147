"""Limits of the gate that the staff's tests show beside a measure; no cv2 here. Their reasons: ``judge``."""

from __future__ import annotations

BLUR_STROKE_PX = 4.8
"""Edge width of the writing on the rectified page. Sharp photos of the benchmark stay under 2.9."""
DARK_LEVEL = 70.0
GLARE_SHARE = 0.005
